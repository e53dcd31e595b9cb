// Follows a stream across connections: the last seq is the cursor, so nothing is lost and nothing comes twice. What the server no
// longer has is told as a gap. Never keeps events: one is read when the caller asks for the next. How a connection is made is the
// caller's business.
//
//   connecting --opened--> live --lost or ended--> waiting --back-off over--> connecting
//   connecting --refused for good, or never yet connected--> throws
//   connecting --no such browser, and the last connection ended cleanly--> returns, with `endsWhenGone`
import { type Clock, delay, foregroundClock } from '@tabscope/schema/clock'
import { type Gap, parseLastEventId } from '@tabscope/schema/cursor'
import { limits } from '@tabscope/schema/limits'
import { APIConnectionError } from './api-errors.ts'
import { readConnection } from './connection.ts'
import { parseEnvelope, parseGap } from './envelope-frame.ts'
import { describeError, StreamError, TabscopeError } from './errors.ts'
import type { Envelope } from './event-types.ts'
import type { SseId, SseMessage } from './sse.ts'

/** How the connection is doing, for people who watch. */
export type ConnectionChange = { readonly at: 'live' } | { readonly at: 'lost'; readonly reason: string; readonly retryInMs: number }

/** Where a connection is to begin. */
export interface ConnectionStart {
  /** Behind this seq; undefined = now, or the oldest with `replayAll`. */
  readonly lastEventId: number | undefined
  readonly replayAll: boolean
  readonly signal: AbortSignal
}

/** How to follow any stream. */
export interface FollowBehaviour {
  /** Begin after this seq. Without it, and without `replay`, begin now. */
  readonly lastEventId?: number | undefined
  /** `all`: begin with the oldest event that the server still has. `lastEventId` wins over it. */
  readonly replay?: 'all' | undefined
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

export interface Follow extends FollowBehaviour {
  /** Makes a connection; throws when it is refused. */
  readonly open: (start: ConnectionStart) => Promise<Response>
  /** The iteration ends after the first event of one of these types. */
  readonly untilTypes: ReadonlySet<string>
  /** What ends when the browser does: a stream that ended cleanly and is not there any more is complete. */
  readonly endsWhenGone: boolean
}

interface Follower {
  readonly options: Follow
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The last seq that was yielded or skipped by a filter; undefined = not known yet. */
  cursor: number | undefined
  /** Failed attempts since something was last heard. */
  failures: number
  /** How the last connection that was made has ended. */
  last: 'none' | 'open' | 'ended' | 'broken'
}

/** The events of a stream, for as long as the caller wants them. Throws when refused for good; `signal.reason` when aborted. */
export async function* follow(options: Follow): AsyncGenerator<Envelope, void, void> {
  const follower: Follower = {
    options,
    clock: options.clock ?? foregroundClock,
    signal: options.signal ?? new AbortController().signal,
    cursor: options.lastEventId,
    failures: 0,
    last: 'none',
  }
  for (;;) {
    let reason = 'the server ended the stream'
    try {
      for await (const envelope of readEnvelopes(follower)) {
        yield envelope
        if (options.untilTypes.has(envelope.event.type)) return
      }
      follower.last = 'ended'
      if (options.reconnect === false || hasReachedEnd(follower)) return
    } catch (error) {
      if (isOver(follower, error)) return
      throwIfFinal(follower, error)
      if (follower.last === 'open') follower.last = 'broken'
      reason = describeError(error)
    }
    await waitBeforeRetry(follower, reason)
  }
}

/** The new envelopes of one connection, each once. */
async function* readEnvelopes(follower: Follower): AsyncGenerator<Envelope, void, void> {
  const { options, clock, signal } = follower
  const lastEventId = follower.cursor
  const replayAll = options.replay === 'all' && lastEventId === undefined
  const onOpen = (): void => {
    follower.last = 'open'
    options.onConnection?.({ at: 'live' })
  }
  const open = (connection: AbortSignal): Promise<Response> => options.open({ lastEventId, replayAll, signal: connection })
  for await (const block of readConnection({ open, clock, signal, onOpen })) {
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

/** A browser that ended took its stream along; one that broke off before may have said more than we have heard. */
function isOver({ options, last }: Follower, error: unknown): boolean {
  return options.endsWhenGone && last === 'ended' && error instanceof TabscopeError && error.status === 404
}

function throwIfFinal(follower: Follower, error: unknown): void {
  follower.signal.throwIfAborted()
  if (error instanceof TabscopeError && !isWorthRetrying(error)) throw error
  if (follower.last === 'none') throw error
  if (follower.options.reconnect === false)
    throw new StreamError('connection_lost', `The stream broke off: ${describeError(error)}.`, { cause: error })
}

/** Answers that may be better next time; all others mean that asking again is of no use. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** Whether a failed attempt is worth another one: without an answer it is, sockets break. */
function isWorthRetrying(error: TabscopeError): boolean {
  return error instanceof APIConnectionError || (error.status !== undefined && passingStatuses.has(error.status))
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
