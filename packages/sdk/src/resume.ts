// Follows a stream across connections: the last seq is the cursor, so nothing is lost and nothing comes twice. What the server no
// longer has is told as a gap. Never keeps events: one is read when the caller asks for the next.
//
//   connecting --opened--> live --lost or ended--> waiting --back-off over--> connecting
//   connecting --refused for good, or never yet connected--> throws
import type { Clock, Envelope, Gap, GapReason } from '@tabscope/schema'
import { delay, foregroundClock } from '@tabscope/schema/clock'
import { parseLastEventId } from '@tabscope/schema/cursor'
import { limits } from '@tabscope/schema/limits'
import { isWorthRetrying, readConnection } from './connection.ts'
import { describeError, StreamError } from './errors.ts'
import type { SseId, SseMessage } from './sse.ts'
import { type StreamFilters, streamUrl } from './stream-url.ts'

/** How the connection is doing, for people who watch. */
export type ConnectionChange = { readonly at: 'live' } | { readonly at: 'lost'; readonly reason: string; readonly retryInMs: number }

export interface FollowOptions {
  /** The stream's address, such as `http://127.0.0.1:10001/telemetry/stream`. Its query is kept. */
  readonly url: string | URL
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Begin after this seq. Without it, and without `replay`, begin now. */
  readonly lastEventId?: number | undefined
  /** `all`: begin with the oldest event that the server still has. `lastEventId` wins over it. */
  readonly replay?: 'all' | undefined
  readonly filters?: StreamFilters | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  /** Default true. When false, the iteration ends with the connection, and a broken one throws `connection_lost`. */
  readonly reconnect?: boolean | undefined
  /** End as soon as everything up to this seq was read, skipped or found to be gone. */
  readonly untilSeq?: number | undefined
  /** Called for events that will never come: from and to, both included, and why. */
  readonly onGap?: ((gap: Gap) => void) | undefined
  readonly onConnection?: ((change: ConnectionChange) => void) | undefined
  readonly clock?: Clock | undefined
  /** A number from 0 up to 1 for the jitter of the back-off. */
  readonly random?: (() => number) | undefined
}

interface Follower {
  readonly options: FollowOptions
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The last seq that was yielded or skipped by a filter; undefined = not known yet. */
  cursor: number | undefined
  /** Failed attempts since something was last heard. */
  failures: number
  hasConnected: boolean
}

/**
 * The events of a stream, for as long as the caller wants them. Throws a `StreamError` when the server refuses for good, and when
 * the first connection cannot be made; `signal.reason` when aborted. Unknown types come too: a newer server may know more.
 *
 *     for await (const { seq, event } of followStream({ url: 'http://127.0.0.1:10001/telemetry/stream' })) {
 *       if (event.type === 'console_error') console.log(seq, event.data.text)
 *     }
 */
export async function* followStream(options: FollowOptions): AsyncGenerator<Envelope, void, void> {
  const follower: Follower = {
    options,
    clock: options.clock ?? foregroundClock,
    signal: options.signal ?? new AbortController().signal,
    cursor: options.lastEventId,
    failures: 0,
    hasConnected: false,
  }
  const untilTypes = new Set<string>(options.filters?.untilType)
  for (;;) {
    let reason = 'the server ended the stream'
    try {
      for await (const envelope of readEnvelopes(follower)) {
        yield envelope
        if (untilTypes.has(envelope.event.type)) return
      }
      if (options.reconnect === false || hasReachedEnd(follower)) return
    } catch (error) {
      throwIfFinal(follower, error)
      reason = describeError(error)
    }
    await waitBeforeRetry(follower, reason)
  }
}

/** The new envelopes of one connection, each once. */
async function* readEnvelopes(follower: Follower): AsyncGenerator<Envelope, void, void> {
  const { options, clock, signal } = follower
  const replayAll = options.replay === 'all' && follower.cursor === undefined
  const headers = { ...options.headers, ...(follower.cursor === undefined ? {} : { 'last-event-id': String(follower.cursor) }) }
  const url = streamUrl(options.url, { filters: options.filters ?? {}, replayAll })
  const blocks = readConnection({
    url,
    fetch: options.fetch ?? globalThis.fetch,
    clock,
    headers,
    signal,
    onOpen: () => {
      follower.hasConnected = true
      options.onConnection?.({ at: 'live' })
    },
  })
  for await (const block of blocks) {
    follower.failures = 0
    const envelope = takeBlock(follower, block)
    if (envelope !== undefined) yield envelope
    if (hasReachedEnd(follower)) return
  }
}

function hasReachedEnd({ cursor, options }: Follower): boolean {
  return options.untilSeq !== undefined && cursor !== undefined && cursor >= options.untilSeq
}

/** Moves the cursor; answers an envelope when the block is one that was not there before. */
function takeBlock(follower: Follower, block: SseMessage | SseId): Envelope | undefined {
  if (block.kind === 'id') {
    moveTo(follower, parseLastEventId(block.lastEventId))
    return undefined
  }
  if (block.event === 'gap') {
    const gap = parseGap(block.data)
    // `ahead`: the cursor belongs to another data folder, whose numbers were higher. Ours begin below it and are all new.
    if (gap.reason === 'ahead') follower.cursor = undefined
    else moveTo(follower, gap.to)
    follower.options.onGap?.(gap)
    return undefined
  }
  const envelope = parseEnvelope(block.data)
  if (follower.cursor !== undefined && envelope.seq <= follower.cursor) return undefined
  follower.cursor = envelope.seq
  return envelope
}

function moveTo(follower: Follower, seq: number | undefined): void {
  if (seq !== undefined && (follower.cursor === undefined || seq > follower.cursor)) follower.cursor = seq
}

function throwIfFinal(follower: Follower, error: unknown): void {
  follower.signal.throwIfAborted()
  if (error instanceof StreamError && !isWorthRetrying(error)) throw error
  if (!follower.hasConnected) {
    if (error instanceof StreamError) throw error
    const { origin } = new URL(follower.options.url)
    throw new StreamError('connect_failed', `No connection to ${origin}: ${describeError(error)}. Is the server running there?`, {
      cause: error,
    })
  }
  if (follower.options.reconnect === false)
    throw new StreamError('connection_lost', `The stream broke off: ${describeError(error)}.`, { cause: error })
}

async function waitBeforeRetry(follower: Follower, reason: string): Promise<void> {
  const { options, clock, signal } = follower
  const fullMs = Math.min(limits.clientReconnectMostMs, limits.clientReconnectFirstMs * 2 ** Math.min(follower.failures, 16))
  follower.failures += 1
  // Half of it is random, so that the readers of a restarted server do not all come back in the same moment.
  const retryInMs = Math.round(fullMs * (0.5 + 0.5 * (options.random ?? Math.random)()))
  options.onConnection?.({ at: 'lost', reason, retryInMs })
  await delay(clock, retryInMs, signal)
}

function malformed(data: string): StreamError {
  return new StreamError('malformed_frame', `A frame of the stream is not what it should be: ${data.slice(0, 200)}`)
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw malformed(data)
  }
}

function parseEnvelope(data: string): Envelope {
  const value = parseJson(data)
  if (typeof value === 'object' && value !== null && 'seq' in value && Number.isSafeInteger(value.seq)) {
    if ('event' in value && typeof value.event === 'object' && value.event !== null && 'type' in value.event) return value as Envelope
  }
  throw malformed(data)
}

const gapReasons: readonly GapReason[] = ['evicted', 'slow', 'restart', 'ahead']

function parseGap(data: string): Gap {
  const value = parseJson(data)
  if (typeof value !== 'object' || value === null || !('from' in value) || typeof value.from !== 'number') throw malformed(data)
  const given = 'reason' in value ? value.reason : undefined
  const reason = gapReasons.find((known) => known === given) ?? 'evicted'
  return { from: value.from, ...('to' in value && typeof value.to === 'number' ? { to: value.to } : {}), reason }
}
