// Sends requests: adds the key, takes the direct route where there is one, repeats what is worth it, and keeps the routes up to date.
// Knows nothing of browsers or events. The key goes to the control plane only, the token to a browser's server only.
import { type Clock, deadline, delay } from '@tabscope/schema/clock'
import { limits } from '@tabscope/schema/limits'
import { APIError, errorOfAnswer, errorOfNoAnswer } from './api-errors.ts'
import { isWorthRepeating, waitBeforeRepeat } from './back-off.ts'
import { linkedAbort } from './linked-abort.ts'
import { readJson } from './read-json.ts'
import { endedBy, mayHoldBrowsers, type PlainRequest, type Router, routeRequest } from './routing.ts'

/** What every call takes. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined
  /** Longest wait for the answer of each attempt; `clientRequestMs` by default. */
  readonly timeoutMs?: number | undefined
  /** How often a failed attempt is repeated; `clientRetries` by default. */
  readonly maxRetries?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface TransportOptions extends RequestOptions {
  readonly apiKey: string
  readonly router: Router
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly random: () => number
}

export interface Call extends RequestOptions {
  readonly method: string
  /** From the base URL on, already encoded. */
  readonly path: string
  readonly query?: URLSearchParams | undefined
  readonly body?: unknown
  readonly accept: string
  /** The answer's body is read after `send` has returned; the signal still ends it then. */
  readonly staysOpen?: boolean | undefined
}

/** Takes an answer that is a success. What it waits for is within the deadline of the attempt. */
export type Consume<Result> = (response: Response) => Promise<Result>

/** Sends the call, with repeats; answers what `consume` makes of it. Throws an `APIError`, or the signal's reason when aborted. */
export async function send<Result>(transport: TransportOptions, call: Call, consume: Consume<Result>): Promise<Result> {
  const request = requestOf(transport, call)
  const mostRepeats = call.maxRetries ?? transport.maxRetries ?? limits.clientRetries
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt(transport, { call, request, consume })
    } catch (error) {
      call.signal?.throwIfAborted()
      const headers = error instanceof APIError ? error.headers : undefined
      if (failures > mostRepeats || !isPassing(error)) throw error
      const waitMs = waitBeforeRepeat({ failures, headers, random: transport.random(), nowMs: transport.clock.wallUs() / 1000 })
      await delay(transport.clock, waitMs, call.signal)
    }
  }
}

function requestOf(transport: TransportOptions, call: Call): PlainRequest {
  const url = new URL(`${transport.router.baseUrl.href.replace(/\/+$/, '')}${call.path}`)
  for (const [name, value] of call.query ?? []) url.searchParams.append(name, value)
  const headers = new Headers({ accept: call.accept, authorization: `Bearer ${transport.apiKey}` })
  if (call.body !== undefined) headers.set('content-type', 'application/json')
  for (const [name, value] of Object.entries({ ...transport.headers, ...call.headers })) headers.set(name, value)
  return { method: call.method, url, headers, body: call.body === undefined ? undefined : JSON.stringify(call.body) }
}

/** A refusal is final; no answer, and an answer that asks for patience, are not. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof APIError)) return false
  return error.status === undefined || error.headers === undefined || isWorthRepeating(error.status, error.headers)
}

interface Attempt<Result> {
  readonly call: Call
  readonly request: PlainRequest
  readonly consume: Consume<Result>
}

/** One attempt: on the direct route when there is one, and once more on the control plane when that route turns out to be stale. */
async function attempt<Result>(transport: TransportOptions, { call, request, consume }: Attempt<Result>): Promise<Result> {
  const { cache } = transport.router
  const routed = routeRequest(request, transport.router)
  if (routed === undefined) return sendOnce(transport, { call, request, consume })
  try {
    return await sendOnce(transport, { call, request: routed, consume })
  } catch (error) {
    call.signal?.throwIfAborted()
    if (!isStale(error, request.method)) throw error
    // Somebody else may have learnt a newer route meanwhile; that one is not known to be stale.
    if (cache.get(routed.sessionId)?.jwt === routed.route.jwt) cache.delete(routed.sessionId)
    return sendOnce(transport, { call, request, consume })
  }
}

/**
 * Whether the browser's server is not there any more, or does not know our token: it refused before it did anything, so the call can be
 * made again elsewhere. A connection that broke is such a sign only for a GET: anything else may have been done already.
 */
function isStale(error: unknown, method: string): boolean {
  if (!(error instanceof APIError)) return false
  if (error.code === 'connect_failed' && error.status === undefined) return method === 'GET'
  return error.status === 401 || error.status === 403 || (error.status === 404 && error.code === 'browser_gone')
}

async function sendOnce<Result>(transport: TransportOptions, { call, request, consume }: Attempt<Result>): Promise<Result> {
  const limit = deadline(transport.clock, call.timeoutMs ?? transport.timeoutMs ?? limits.clientRequestMs)
  const abort = linkedAbort([call.signal, limit.signal])
  let isOpen = false
  try {
    const response = await answerOf(transport, request, abort.signal)
    if (!response.ok) throw await errorOfAnswer(response)
    const ended = endedBy(request, transport.router)
    if (ended !== undefined) transport.router.cache.delete(ended)
    const result = await consume(response)
    isOpen = call.staysOpen === true
    return result
  } finally {
    limit.cancel()
    if (!isOpen) abort.unlink()
  }
}

async function answerOf(transport: TransportOptions, { method, url, headers, body }: PlainRequest, signal: AbortSignal): Promise<Response> {
  try {
    return await transport.fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) })
  } catch (error) {
    throw errorOfNoAnswer(url.origin, error)
  }
}

/** Sends a call whose answer is JSON, and takes the routes of the browsers in it. */
export function sendForJson(transport: TransportOptions, call: Omit<Call, 'accept'>): Promise<{ value: unknown; headers: Headers }> {
  const { url } = requestOf(transport, { ...call, accept: '' })
  return send(transport, { ...call, accept: 'application/json' }, async (response) => {
    const value = await readJson(response)
    if (mayHoldBrowsers(url, transport.router)) transport.router.cache.learn(value)
    return { value, headers: response.headers }
  })
}
