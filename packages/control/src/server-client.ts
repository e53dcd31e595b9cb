// Talks to the server of one browser: requests whose answers are read here, and requests that are handed on as they are. It never follows a
// redirect and never asks anything but that server. Nobody's API key goes there: each browser has its own token.
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'

/** Where the server is and what opens it. */
export interface ServerAccess {
  readonly id: string
  /** With the base path, such as `http://127.0.0.1:40001/browser/x`. */
  readonly baseUrl: string
  readonly token: string
}

export interface ServerRequest {
  readonly method: string
  /** Below the base, with the query. */
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Uint8Array | string | undefined
}

export interface ServerAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** Asks, and resolves with the answer when its head is there; its body is the caller's to read or to destroy. Rejects with `browser_unreachable`. */
export function openAnswer(
  access: ServerAccess,
  asked: ServerRequest,
  options: { clock: Clock; signal?: AbortSignal },
): Promise<IncomingMessage> {
  const late = deadline(options.clock, limits.browserAnswerMs, options.signal)
  return new Promise<IncomingMessage>((resolve, reject) => {
    const { body } = asked
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body), 'content-type': 'application/json' }
    const outgoing = httpRequest(`${access.baseUrl}${asked.path}`, {
      method: asked.method,
      // A stream may go on for days; it must not hold up another request on the same connection.
      agent: false,
      headers: { ...length, ...asked.headers, authorization: `Bearer ${access.token}` },
    })
    const giveUp = (): void => {
      outgoing.destroy(late.signal.reason instanceof Error ? late.signal.reason : new Error('called off'))
    }
    late.signal.addEventListener('abort', giveUp, { once: true })
    outgoing.once('response', (incoming) => {
      late.signal.removeEventListener('abort', giveUp)
      late.cancel()
      resolve(incoming)
    })
    outgoing.once('error', (cause) => {
      late.cancel()
      if (options.signal?.aborted === true) reject(options.signal.reason)
      else reject(new TelemetryError('browser_unreachable', { id: access.id, problem: cause.message }, { cause }))
    })
    outgoing.end(body)
  })
}

/** Asks and reads the whole answer, up to a bound. */
export async function ask(
  access: ServerAccess,
  asked: ServerRequest,
  options: { clock: Clock; signal?: AbortSignal },
): Promise<ServerAnswer> {
  const incoming = await openAnswer(access, asked, options)
  const late = deadline(options.clock, limits.browserAnswerMs, options.signal)
  const cut = (): void => {
    incoming.destroy(new Error('the answer did not end in time'))
  }
  late.signal.addEventListener('abort', cut, { once: true })
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of incoming) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > limits.browserAnswerBytes) throw new Error('the answer is too large')
    }
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new TelemetryError('browser_unreachable', { id: access.id, problem }, { cause })
  } finally {
    late.cancel()
    incoming.destroy()
  }
  return { status: incoming.statusCode ?? 502, headers: incoming.headers, body: Buffer.concat(chunks, bytes) }
}
