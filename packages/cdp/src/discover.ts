// From what a user names, `http://host:port` or a `ws://` URL, to the WebSocket URL of the browser target.
// Asks `/json/version` once; never retries: who waits for a Chromium to come up decides that.
import { type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'

/** Who asks, and how long. */
export interface ResolveOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Deadline for the answer; default `limits.cdpDiscoverMs`. */
  readonly timeoutMs?: number
}

/**
 * The browser's WebSocket URL behind `endpoint`. A `ws:` URL with a path is taken as it is.
 * Errors: `devtools_bad_url`, `devtools_unreachable`, `devtools_bad_answer`; rejects with the signal's reason when aborted.
 */
export async function resolveEndpoint(endpoint: string, options: ResolveOptions): Promise<string> {
  options.signal.throwIfAborted()
  const url = parseEndpoint(endpoint)
  if (isWebSocket(url) && url.pathname !== '/') return url.href
  const versionUrl = new URL('/json/version', url)
  versionUrl.protocol = url.protocol === 'https:' || url.protocol === 'wss:' ? 'https:' : 'http:'
  const text = await fetchVersion(versionUrl, endpoint, options)
  return browserUrl(text, endpoint, versionUrl)
}

function parseEndpoint(endpoint: string): URL {
  let url: URL
  try {
    url = new URL(endpoint)
  } catch (error) {
    throw new TelemetryError('devtools_bad_url', { endpoint }, { cause: error })
  }
  const known = ['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)
  if (!known || url.hostname === '') throw new TelemetryError('devtools_bad_url', { endpoint })
  return url
}

function isWebSocket(url: URL): boolean {
  return url.protocol === 'ws:' || url.protocol === 'wss:'
}

async function fetchVersion(url: URL, endpoint: string, options: ResolveOptions): Promise<string> {
  const limit = deadline(options.clock, options.timeoutMs ?? limits.cdpDiscoverMs, options.signal)
  try {
    const response = await fetch(url, { signal: limit.signal, redirect: 'error', headers: { connection: 'close' } })
    const text = await readBounded(response)
    if (!response.ok)
      throw new TelemetryError('devtools_bad_answer', { endpoint, answer: `status ${response.status}: ${text.slice(0, 200)}` })
    return text
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof TelemetryError) throw error
    throw new TelemetryError('devtools_unreachable', { endpoint, cause: causeText(error) }, { cause: error })
  } finally {
    limit.cancel()
  }
}

/** What is longer than the answer of any Chromium is some other server's; the rest of it is not read. */
async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > limits.cdpVersionBytes) break
  }
  return text
}

// `fetch` says only "fetch failed"; why is in the cause, which for several addresses has an empty message of its own.
function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause
  if (cause instanceof AggregateError) return cause.errors.map((each) => (each instanceof Error ? each.message : String(each))).join(', ')
  if (cause instanceof Error && cause.message !== '') return cause.message
  return error.message
}

function browserUrl(text: string, endpoint: string, versionUrl: URL): string {
  const badAnswer = (error?: unknown): TelemetryError =>
    new TelemetryError('devtools_bad_answer', { endpoint, answer: text.slice(0, 200) }, { cause: error })
  try {
    const answer: unknown = JSON.parse(text)
    const named =
      typeof answer === 'object' && answer !== null && 'webSocketDebuggerUrl' in answer ? answer.webSocketDebuggerUrl : undefined
    if (typeof named !== 'string') throw badAnswer()
    const url = new URL(named)
    // The path is Chromium's; the way there is the one that just worked, which a port forward may have changed.
    url.protocol = versionUrl.protocol === 'https:' ? 'wss:' : 'ws:'
    url.host = versionUrl.host
    return url.href
  } catch (error) {
    throw error instanceof TelemetryError ? error : badAnswer(error)
  }
}
