// Follows the stream at an address, such as that of `tabscope serve`. Knows no control plane and no routes: see telemetry.ts for those.
import { deadline, foregroundClock } from '@tabscope/schema/clock'
import { limits } from '@tabscope/schema/limits'
import { errorOfAnswer, errorOfNoAnswer } from './api-errors.ts'
import type { Envelope } from './event-types.ts'
import { type ConnectionStart, type FollowBehaviour, follow } from './follow.ts'
import { linkedAbort } from './linked-abort.ts'
import { type StreamFilters, streamUrl } from './stream-url.ts'

export interface FollowOptions extends FollowBehaviour {
  /** The stream's address, such as `http://127.0.0.1:10001/telemetry/stream`. Its query is kept. */
  readonly url: string | URL
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly filters?: StreamFilters | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * The events of a stream, for as long as the caller wants them. Throws an `APIError` when the server refuses for good, and when
 * the first connection cannot be made; `signal.reason` when aborted. Unknown types come too: a newer server may know more.
 *
 *     for await (const { seq, event } of followStream({ url: 'http://127.0.0.1:10001/telemetry/stream' })) {
 *       if (event.type === 'console_error') console.log(seq, event.data.text)
 *     }
 */
export function followStream(options: FollowOptions): AsyncGenerator<Envelope, void, void> {
  return follow({
    ...options,
    open: (start) => openUrl(options, start),
    untilTypes: new Set(options.filters?.untilType),
    endsWhenGone: false,
  })
}

async function openUrl(options: FollowOptions, { lastEventId, replayAll, signal }: ConnectionStart): Promise<Response> {
  const url = streamUrl(options.url, { filters: options.filters ?? {}, replayAll })
  const headers = new Headers({ accept: 'text/event-stream', ...options.headers })
  if (lastEventId !== undefined) headers.set('last-event-id', String(lastEventId))
  const limit = deadline(options.clock ?? foregroundClock, limits.clientConnectMs)
  // Stays linked to `signal` after the headers: that is what ends the body.
  const abort = linkedAbort([signal, limit.signal])
  try {
    const response = await fetchFrom(url, { fetch: options.fetch, headers, signal: abort.signal })
    if (response.ok) return response
    throw await errorOfAnswer(response)
  } finally {
    limit.cancel()
  }
}

async function fetchFrom(url: URL, init: { fetch: FollowOptions['fetch']; headers: Headers; signal: AbortSignal }): Promise<Response> {
  try {
    return await (init.fetch ?? globalThis.fetch)(url, { headers: init.headers, signal: init.signal })
  } catch (error) {
    throw errorOfNoAnswer(url.origin, error)
  }
}
