// Writes one client's event stream. A client is a cursor and at most one write under way: there is no queue. While it keeps up it is
// handed shared batches; when its cursor falls out of memory it reads the log by itself until it has caught up again.
// It never waits for a client on behalf of anybody else and never throws into the publisher.
//
//   reading ──caught up──▶ live ──cursor left the ring──▶ reading        (both: at most one write waits for the client)
//      └───────────────────┴──stopped, awaited event──▶ ending ──client took the rest──▶ ended
//      any of them ──connection closed, client takes nothing, log cannot be read──▶ ended
import type { EventLog, LogReader } from '@tabscope/log'
import { type Clock, type Cursor, type Gap, limits } from '@tabscope/schema'
import { type GapStyle, gapFrame, idFrame, keepaliveFrame } from './frame.ts'
import { createPacedResponse, type PacedResponse, type StreamResponse, type Tending } from './paced-response.ts'
import type { Selection } from './selection.ts'
import { type Batch, batchOf, type SharedFrames } from './shared-frames.ts'

export interface StreamOptions {
  readonly log: Pick<EventLog, 'reader' | 'seq'>
  readonly frames: SharedFrames
  readonly clock: Clock
  readonly selection: Selection
  readonly from: Cursor
  readonly gapStyle: GapStyle
  /** Told once, when the stream is over for whatever reason. */
  readonly onEnd: (reason: EndReason) => void
  /** Told how many events the client missed by being slow, beyond what the log itself counts. */
  readonly onMissed: (count: number) => void
  /** Told when reading the log failed; the client's connection is cut then, so that it resumes. */
  readonly onTrouble: (cause: unknown) => void
}

/** Why a stream is over. `stopped`: the server stops. `until`: the awaited event came. */
export type EndReason = 'stopped' | 'until' | 'stalled' | 'closed' | 'failed'

export interface StreamWriter {
  /** Sends what is new, as far as the client takes it. */
  advance(): void
  /** Sends a keepalive when one is due, and cuts a client that takes nothing. Returns when to look again. */
  tend(tending: Tending): number
  /** Bytes written that the client has not taken yet. */
  readonly heldBytes: number
  /** Ends the stream cleanly as soon as the client has everything that is known now. */
  endSoon(): void
  /** Ends the stream cleanly at once; what the client does not have yet it can ask for later. */
  end(): void
}

interface State {
  readonly options: StreamOptions
  readonly client: PacedResponse
  at: 'reading' | 'live' | 'ending' | 'ended'
  /** The latest seq that was looked at for this client. */
  cursor: number
  /** The latest id that the client was told, by an event or an id-only frame. */
  told: number
  lastFrameMs: number
  /** Whether it was live before it had to read the log. */
  fellBehind: boolean
  endsWhenCaughtUp: boolean
  /** Why it is over when the connection closes from here on. */
  reason: EndReason
  readonly ended: AbortController
}

/** Starts a stream on a response whose headers are sent. */
export function createStreamWriter(response: StreamResponse, options: StreamOptions): StreamWriter {
  const { from, log, clock } = options
  const cursor = startCursor(from, log.seq)
  const state: State = {
    options,
    client: createPacedResponse(response, { clock, onDrain: () => advance(state), onClose: () => finish(state) }),
    at: from.at === 'now' ? 'live' : 'reading',
    cursor,
    told: cursor,
    lastFrameMs: clock.monotonicMs(),
    fellBehind: false,
    endsWhenCaughtUp: false,
    reason: 'closed',
    ended: new AbortController(),
  }
  if (state.at === 'reading') void readLog(state, from)
  // A reader from now on that is cut before its first event could only begin again at another now, and would not know of the gap.
  // Who wants gaps as frames is told where it begins.
  else if (cursor > 0 && options.gapStyle === 'event') write(state, idFrame(cursor))
  return {
    advance: () => advance(state),
    tend: (tending) => tend(state, tending),
    get heldBytes() {
      return state.client.heldBytes
    },
    endSoon: () => {
      state.endsWhenCaughtUp = true
      advance(state)
    },
    end: () => endCleanly(state, 'stopped'),
  }
}

/** Where the client stands before anything was sent. */
function startCursor(from: Cursor, seq: number): number {
  switch (from.at) {
    case 'now':
      return seq
    case 'oldest':
      return 0
    case 'after':
      return from.seq
  }
}

function advance(state: State): void {
  while (state.at === 'live' && !state.client.isBlocked) {
    // Asked by every client in every turn, so the cheap question comes first.
    if (state.cursor === state.options.log.seq && !state.endsWhenCaughtUp) return
    const batch = state.options.frames.after(state.cursor)
    if (batch === 'nothing') {
      if (state.endsWhenCaughtUp) endCleanly(state, 'stopped')
      return
    }
    if (batch === 'gone') {
      state.at = 'reading'
      state.fellBehind = true
      void readLog(state, { at: 'after', seq: state.cursor })
      return
    }
    take(state, batch)
  }
}

function take(state: State, batch: Batch): void {
  state.cursor = batch.to
  if (batch.lastId !== undefined) {
    state.told = batch.lastId
    write(state, batch.frames)
  }
  if (batch.ends) endCleanly(state, 'until')
}

/** Reads the log at the client's own pace until it has caught up, then goes live. Never rejects. */
async function readLog(state: State, from: Cursor): Promise<void> {
  try {
    await using reader = state.options.log.reader({ from, signal: state.ended.signal })
    while (state.at === 'reading' && (await readOnce(state, reader))) await state.client.drained()
  } catch (cause) {
    // A stream that is over takes its reader along; everything else is told, and the client can resume.
    if (state.at === 'ended') return
    state.options.onTrouble(cause)
    cut(state, 'failed')
  }
}

/** One read; false when there is nothing more to read here. */
async function readOnce(state: State, reader: LogReader): Promise<boolean> {
  const result = await reader.read(limits.streamWriteBytes)
  if (state.at !== 'reading') return false
  switch (result.at) {
    case 'records':
      take(state, batchOf(state.options.selection, state.cursor, result.records))
      return true
    case 'gap':
      tellGap(state, result.gap)
      state.cursor = result.cursor
      return true
    case 'caught-up':
      state.cursor = result.cursor
      state.at = 'live'
      advance(state)
      return false
  }
}

function tellGap(state: State, found: Gap): void {
  const gap = gapAsSeen(state, found)
  if (gap.reason === 'slow' && found.reason !== 'slow') state.options.onMissed((gap.to ?? gap.from) - gap.from + 1)
  // The client's own idea of where it is cannot be trusted any more: the next id-only frame or event puts it right.
  state.told = 0
  write(state, gapFrame(gap, state.options.gapStyle))
}

/** To the log a client that was live and fell out of memory is a new reader; the client itself was there and was slow. */
function gapAsSeen(state: State, gap: Gap): Gap {
  return state.fellBehind && gap.reason === 'evicted' ? { ...gap, reason: 'slow' } : gap
}

function write(state: State, bytes: Uint8Array): void {
  state.lastFrameMs = state.options.clock.monotonicMs()
  state.client.write(bytes)
}

function tend(state: State, tending: Tending): number {
  // What was published in this turn comes before a keepalive, and moves the cursor that it tells.
  advance(state)
  if (state.at === 'ended') return Number.POSITIVE_INFINITY
  if (state.client.isBlocked) return tendBlocked(state, tending)
  const dueMs = state.lastFrameMs + limits.streamHeartbeatMs
  if (tending.nowMs < dueMs) return dueMs
  write(state, Buffer.concat([skippedFrame(state), keepaliveFrame]))
  return tending.nowMs + limits.streamHeartbeatMs
}

function tendBlocked(state: State, tending: Tending): number {
  const next = state.client.check(tending)
  if (next !== 'stalled') return next
  cut(state, 'stalled')
  return Number.POSITIVE_INFINITY
}

/** An id-only frame when the cursor has moved past events that the client did not get, else nothing. */
function skippedFrame(state: State): Buffer {
  if (state.cursor <= state.told) return Buffer.alloc(0)
  state.told = state.cursor
  return idFrame(state.cursor)
}

/** What was written still has to be taken; the stream is over when the connection says so. */
function endCleanly(state: State, reason: EndReason): void {
  if (state.at === 'ending' || state.at === 'ended') return
  state.at = 'ending'
  state.reason = reason
  state.client.end(skippedFrame(state))
}

function cut(state: State, reason: EndReason): void {
  state.reason = reason
  state.client.cut()
  finish(state)
}

function finish(state: State): void {
  if (state.at === 'ended') return
  state.at = 'ended'
  state.ended.abort(new Error(`the stream is over: ${state.reason}`))
  state.options.onEnd(state.reason)
}
