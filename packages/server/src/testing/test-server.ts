// A server for tests: real HTTP on a free loopback port, no browser, a silent log; and short ways to ask it for things.
import { createAnswerCheck } from '@tabscope/http/testing'
import { openApiDocument } from '@tabscope/schema'
import type { ServeOptions } from '../config.ts'
import { createLogger } from '../log-line.ts'
import { type RunningServer, serve } from '../serve.ts'

const answers = createAnswerCheck(openApiDocument())

export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly running: RunningServer
  /** A request with a JSON body (when there is one) and the whole answer, which must be as the OpenAPI document says. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>
  /** Publishes a console line from outside and answers its number. */
  say(text: string): Promise<number>
}

export interface AskOptions {
  readonly json?: unknown
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined when it is empty or not JSON. */
  readonly json: unknown
}

export async function startTestServer(options: Partial<ServeOptions> = {}): Promise<TestServer> {
  const running = await serve({ port: 0, browser: { at: 'none' }, logger: createLogger('silent'), ...options })
  const ask = (method: string, path: string, request: AskOptions = {}): Promise<Answer> => askUrl(running.url + path, method, request)
  return {
    url: running.url,
    running,
    ask,
    say: async (text) => {
      const { json } = await ask('POST', '/telemetry/events', { json: { type: 'console_log', data: { level: 'log', text } } })
      return seqOf(json)
    },
    [Symbol.asyncDispose]: () => running.close(),
  }
}

/** The answer of a URL of a test server. Throws when the answer is not as the OpenAPI document says. */
export async function askUrl(url: string, method: string, { json, body, headers }: AskOptions = {}): Promise<Answer> {
  const sent = json === undefined ? body : JSON.stringify(json)
  const response = await fetch(url, { method, headers: headers ?? {}, ...(sent === undefined ? {} : { body: sent }) })
  const text = await response.text()
  const path = new URL(url).pathname
  const faults = answers.faults({ method, path, status: response.status, contentType: response.headers.get('content-type'), text })
  if (faults.length > 0) throw new Error(`not as the OpenAPI document says: ${faults.join('; ')}\n${text.slice(0, 500)}`)
  return { status: response.status, headers: response.headers, text, json: parsed(text) }
}

function seqOf(envelope: unknown): number {
  const seq: unknown = typeof envelope === 'object' && envelope !== null ? Reflect.get(envelope, 'seq') : undefined
  if (typeof seq !== 'number') throw new Error(`not an envelope: ${JSON.stringify(envelope)}`)
  return seq
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not every answer is JSON; the test sees `undefined` and the text.
    return undefined
  }
}
