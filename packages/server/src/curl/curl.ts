// Requests of clients through the browser's own network stack: takes a hidden target, asks, follows redirects from origin to origin, and
// hands over the last answer. Every hop passes the fence. Never by Node's own fetch: the other server sees the browser.
import { type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'
import { type AnswerHead, type Exchange, makeExchange } from './exchange.ts'
import type { CurlFence } from './policy.ts'
import { createTargetPool, type PoolOptions } from './pool.ts'
import { type BrowserRequest, redirected } from './request.ts'

export interface CurlAnswer {
  readonly head: AnswerHead
  /** The body, once. Whoever does not read it to its end calls `close`. */
  readonly body: AsyncGenerator<Buffer, void, undefined>
  /** Lets go of the browser. May be called twice. */
  close(): void
}

export interface Curl {
  /** Makes the request. Rejects with the errors of the route's declaration, or the signal's reason. */
  ask(request: BrowserRequest, signal: AbortSignal): Promise<CurlAnswer>
  /** Whether that CDP target is one of ours, which are nobody else's business. */
  owns(targetId: string): boolean
  close(): void
}

export interface CurlOptions extends PoolOptions {
  readonly fence: CurlFence
}

export function createCurl(options: CurlOptions): Curl {
  const pool = createTargetPool(options)
  const ask = async (request: BrowserRequest, signal: AbortSignal): Promise<CurlAnswer> => {
    const limit = deadline(options.clock, request.timeoutMs, signal)
    try {
      return await follow(request, { pool, options, limit })
    } catch (error) {
      limit.cancel()
      throw timedOut(error, { request, signal, limit }) ?? error
    }
  }
  return { ask, owns: pool.has, close: pool.close }
}

interface Limit {
  readonly signal: AbortSignal
  cancel(): void
}

interface Run {
  readonly pool: ReturnType<typeof createTargetPool>
  readonly options: { readonly fence: CurlFence; readonly clock: Clock }
  readonly limit: Limit
}

async function follow(first: BrowserRequest, run: Run): Promise<CurlAnswer> {
  let request = first
  for (let hops = 0; hops <= limits.curlRedirects; hops++) {
    await run.options.fence.check(request.url)
    const answer = await oneHop(request, run)
    const location = answer.head.headers.find(([name]) => name.toLowerCase() === 'location')?.[1]
    const next = redirected(request, answer.head.status, location)
    if (next === undefined) return answer
    answer.release()
    request = next
  }
  throw new TelemetryError('curl_failed', { url: first.url.origin, reason: `more than ${limits.curlRedirects} redirects` })
}

/** One answer; `release` lets go of the target and leaves the deadline running for the next hop. */
async function oneHop(request: BrowserRequest, { pool, options, limit }: Run): Promise<CurlAnswer & { release(): void }> {
  const target = await pool.take(request.url.origin, limit.signal)
  let exchange: Exchange
  try {
    exchange = await makeExchange(target, request, { clock: options.clock, signal: limit.signal, mayBeLocal: options.fence.mayBeLocal })
    options.fence.checkAnswer(request.url, exchange.head.space)
  } catch (error) {
    pool.giveBack(target, false)
    throw error
  }
  let isHeld = true
  const release = (isGood = true): void => {
    if (!isHeld) return
    isHeld = false
    exchange.finish()
    pool.giveBack(target, isGood)
  }
  const close = (): void => {
    limit.cancel()
    // A body that was not read to its end may still be coming.
    release(false)
  }
  return { head: exchange.head, body: wholeBody(exchange, { request, limit, release, close }), close, release }
}

interface BodyRun {
  readonly request: BrowserRequest
  readonly limit: Limit
  readonly release: () => void
  readonly close: () => void
}

async function* wholeBody(exchange: Exchange, { request, limit, release, close }: BodyRun): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* exchange.body(limit.signal)
    release()
    limit.cancel()
  } catch (error) {
    throw timedOut(error, { request, signal: undefined, limit }) ?? error
  } finally {
    close()
  }
}

/** The deadline's own error, when it was the deadline. */
function timedOut(
  error: unknown,
  { request, signal, limit }: { request: BrowserRequest; signal: AbortSignal | undefined; limit: Limit },
): unknown {
  const isDeadline = limit.signal.aborted && signal?.aborted !== true && error === limit.signal.reason
  const isTimeout = error instanceof DOMException && error.name === 'TimeoutError'
  return isDeadline && isTimeout ? new TelemetryError('curl_timeout', { url: request.url.origin, timeoutMs: request.timeoutMs }) : undefined
}
