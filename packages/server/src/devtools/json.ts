// Chromium's DevTools over HTTP for other clients: its lists and its version, with every address in them changed so that it leads through
// us, the way the client came: same host, same base path, same token. Nothing of the client's request but the path goes to Chromium.
import { type Call, entryOf } from '@tabscope/http'
import { type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'
import { isRecord } from './argument.ts'

export interface DevtoolsJsonOptions {
  readonly endpoint: (signal: AbortSignal) => Promise<string>
  readonly clock: Clock
  /** Targets that are ours and in no list. */
  readonly isHidden: (targetId: string) => boolean
}

export interface DevtoolsJson {
  /** Chromium's answer to `path` (with its query) as the client may use it. Rejects with `no_browser`, `devtools_…`. */
  ask(path: string, call: Call): Promise<Response>
}

export function createDevtoolsJson({ endpoint, clock, isHidden }: DevtoolsJsonOptions): DevtoolsJson {
  return {
    ask: async (path, call) => {
      const limit = deadline(clock, limits.cdpDiscoverMs)
      try {
        const url = await httpUrl(path, endpoint, limit.signal)
        const { status, text } = await read(url, call.method, limit.signal)
        if (status !== 200) throw new TelemetryError('devtools_refused', { path: url.pathname, answer: text.slice(0, 200) })
        const answer = jsonOf(text)
        if (answer === undefined) return new Response(text, { headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } })
        const shown = Array.isArray(answer) ? answer.filter((entry) => !isRecord(entry) || !isHidden(String(entry['id']))) : answer
        return Response.json(rewritten(shown, { from: url.host, to: placeOf(call) }), { headers: { 'cache-control': 'no-store' } })
      } finally {
        limit.cancel()
      }
    },
  }
}

async function httpUrl(path: string, endpoint: DevtoolsJsonOptions['endpoint'], signal: AbortSignal): Promise<URL> {
  const browser = await endpoint(signal).catch((cause: unknown) => {
    throw cause instanceof TelemetryError ? cause : new TelemetryError('no_browser', {}, { cause })
  })
  const { host, protocol } = new URL(browser)
  return new URL(path, `${protocol === 'wss:' ? 'https:' : 'http:'}//${host}`)
}

async function read(url: URL, method: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { method: method === 'HEAD' ? 'GET' : method, signal, redirect: 'error' })
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > limits.devtoolsAnswerBytes) {
        throw new TelemetryError('devtools_bad_answer', { endpoint: url.host, answer: text.slice(0, 200) })
      }
    }
    return { status: response.status, text }
  } catch (cause) {
    if (cause instanceof TelemetryError) throw cause
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new TelemetryError('devtools_unreachable', { endpoint: url.host, cause: problem }, { cause })
  }
}

/** Where the client found us. */
interface Place {
  readonly host: string
  readonly isSecure: boolean
  readonly basePath: string
  /** The token's part of the query, or nothing: a client that sends its token in a header goes on doing so. */
  readonly query: string
}

function placeOf({ incoming }: Call): Place {
  const { basePath, token } = entryOf(incoming)
  return {
    host: incoming.headers.host ?? 'localhost',
    // Said by whatever ends TLS in front of us; a client that makes it up changes only its own answer.
    isSecure: incoming.headers['x-forwarded-proto'] === 'https',
    basePath,
    query: token?.in === 'query' ? `?jwt=${encodeURIComponent(token.text)}` : '',
  }
}

interface Move {
  readonly from: string
  readonly to: Place
}

function rewritten(answer: unknown, move: Move): unknown {
  if (Array.isArray(answer)) return answer.map((entry) => rewritten(entry, move))
  if (!isRecord(answer)) return answer
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, rewrittenField(name, value, move)]))
}

function rewrittenField(name: string, value: unknown, { from, to }: Move): unknown {
  if (typeof value !== 'string') return value
  if (name === 'webSocketDebuggerUrl' && URL.canParse(value)) {
    return `${to.isSecure ? 'wss' : 'ws'}://${to.host}${to.basePath}${new URL(value).pathname}${to.query}`
  }
  if (name !== 'devtoolsFrontendUrl') return value
  // The front end is told where to connect in its query: `…/inspector.html?ws=127.0.0.1:9222/devtools/page/…`.
  const [before, path] = value.split(`?ws=${from}`)
  if (path === undefined) return value
  return `${before}?${to.isSecure ? 'wss' : 'ws'}=${encodeURIComponent(`${to.host}${to.basePath}${path}${to.query}`)}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Some commands answer in words.
    return undefined
  }
}
