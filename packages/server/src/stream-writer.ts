// Writes one client's event stream. A client is a cursor and at most one write under way: there is no queue. While it keeps up it is
// handed shared batches; when its cursor falls out of memory it reads the log by itself until it has caught up again.
// It never waits for a client on behalf of anybody else and never throws into the publisher.
//
//   reading ──caught up──▶ live ──cursor left the ring──▶ reading        (both: at most one write waits for the client)
//      └───────────────────┴──── end, stalled, connection closed ──▶ ended
import type { ServerResponse } from 'node:http'
import type { EventLog, LogReader } from '@tabscope/log'
import { type Clock, type Cursor, type Gap, limits } from '@tabscope/schema'
import { type GapStyle, gapFrame, idFrame, keepaliveFrame } from './frame.ts'
import type { Selection } from './selection.ts'
import type { SendQueues } from './send-queue.ts'
import { type Batch, batchOf, type SharedFrames } from './shared-frames.ts'

/** The connection as the writer uses it: a raw Node response. */
export type StreamResponse = Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'on' | 'once' | 'socket'>

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
  /** Sends a keepalive when one is due, and closes a client that takes nothing. Returns when to look again. */
  tend(tending: Tending): number
  /** Ends the stream cleanly as soon as the client has everything that is known now. */
  endSoon(): void
  /** Ends the stream cleanly at once; what the client does not have yet it can ask for later. */
  end(): void
}

interface Blocked {
  /** When the client was last known to take something. */
  progressMs: number
  checkAtMs: number
  /** Undefined until it is looked at for the first time. */
  untakenBytes: number | undefined
  /** Who waits for the write to be taken. */
  waiting: (() => void) | undefined
}

/** The moment of a look at the streams. */
export interface Tending {
  readonly nowMs: number
  readonly queues: SendQueues
}

interface State {
  readonly options: StreamOptions
  readonly response: StreamResponse
  at: 'reading' | 'live' | 'ended'
  /** The latest seq that was looked at for this client. */
  cursor: number
  /** The latest id that the client was told, by an event or an id-only frame. */
  told: number
  lastFrameMs: number
  /** Whether it was live before it had to read the log. */
  fellBehind: boolean
  endsWhenCaughtUp: boolean
  /** Set while a write waits for the client. */
  blocked: Blocked | undefined
  readonly ended: AbortController
}

/** Starts a stream on a response whose headers are sent. */
export function createStreamWriter(response: StreamResponse, options: StreamOptions): StreamWriter {
  const startsNow = options.from.at === 'now'
  const cursor = startCursor(options)
  const state: State = {
    options,
    response,
    at: startsNow ? 'live' : 'reading',
    cursor,
    told: cursor,
    lastFrameMs: options.clock.monotonicMs(),
    fellBehind: false,
    endsWhenCaughtUp: false,
    blocked: undefined,
    ended: new AbortController(),
  }
  response.on('drain', () => unblock(state))
  response.once('close', () => finish(state, 'closed'))
  // Without a listener a broken connection would end the process; 'close' follows and says all there is to say.
  response.on('error', () => undefined)
  if (!startsNow) void readLog(state, options.from)
  return {
    advance: () => advance(state),
    tend: (tending) => tend(state, tending),
    endSoon: () => {
      state.endsWhenCaughtUp = true
      advance(state)
    },
    end: () => endCleanly(state, 'stopped'),
  }
}

/** Where the client stands before anything was sent. What it is told later is never more than what it was offered. */
function startCursor({ from, log }: StreamOptions): number {
  switch (from.at) {
    case 'now':
      return log.seq
    case 'oldest':
      return 0
    case 'after':
      return from.seq
  }
}

function advance(state: State): void {
  while (state.at === 'live' && state.blocked === undefined) {
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

/** Reads the log at the client's own pace until it has caught up, then goes live. */
async function readLog(state: State, from: Cursor): Promise<void> {
  const { log, selection } = state.options
  try {
    await using reader = log.reader({ from, signal: state.ended.signal })
    while (state.at === 'reading' && (await readOnce(state, reader, selection))) {
      if (state.blocked !== undefined) await drained(state)
    }
  } catch (cause) {
    if (state.at === 'ended') return
    state.options.onTrouble(cause)
    state.response.destroy()
    finish(state, 'failed')
  }
}

/** One read; false when there is nothing more to read here. */
async function readOnce(state: State, reader: LogReader, selection: Selection): Promise<boolean> {
  const result = await reader.read(limits.streamWriteBytes)
  if (state.at !== 'reading') return false
  switch (result.at) {
    case 'records':
      take(state, batchOf(selection, state.cursor, result.records))
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
  const nowMs = state.options.clock.monotonicMs()
  state.lastFrameMs = nowMs
  if (state.response.write(bytes)) return
  state.blocked = { progressMs: nowMs, checkAtMs: nowMs + limits.streamStallCheckMs, untakenBytes: undefined, waiting: undefined }
}

function unblock(state: State): void {
  const waiting = state.blocked?.waiting
  state.blocked = undefined
  if (waiting !== undefined) waiting()
  else advance(state)
}

function drained(state: State): Promise<void> {
  return new Promise((resolve) => {
    if (state.blocked === undefined || state.at === 'ended') resolve()
    else state.blocked.waiting = resolve
  })
}

function tend(state: State, tending: Tending): number {
  // What was published in this turn comes before a keepalive, and moves the cursor that it tells.
  advance(state)
  if (state.at === 'ended') return Number.POSITIVE_INFINITY
  if (state.blocked !== undefined) return tendBlocked(state, state.blocked, tending)
  const { nowMs } = tending
  const dueMs = state.lastFrameMs + limits.streamHeartbeatMs
  if (nowMs < dueMs) return dueMs
  write(state, Buffer.concat([skippedFrame(state), keepaliveFrame]))
  return nowMs + limits.streamHeartbeatMs
}

/** An id-only frame when the cursor has moved past events that the client did not get, else nothing. */
function skippedFrame(state: State): Buffer {
  if (state.cursor <= state.told) return Buffer.alloc(0)
  state.told = state.cursor
  return idFrame(state.cursor)
}

function tendBlocked(state: State, blocked: Blocked, { nowMs, queues }: Tending): number {
  if (nowMs < blocked.checkAtMs) return blocked.checkAtMs
  const untakenBytes = queues.of(state.response.socket)
  if (untakenBytes !== blocked.untakenBytes) {
    blocked.untakenBytes = untakenBytes
    blocked.progressMs = nowMs
  }
  if (nowMs - blocked.progressMs >= limits.streamStallMs) {
    state.response.destroy()
    finish(state, 'stalled')
    return Number.POSITIVE_INFINITY
  }
  blocked.checkAtMs = Math.min(nowMs + limits.streamStallCheckMs, blocked.progressMs + limits.streamStallMs)
  return blocked.checkAtMs
}

function endCleanly(state: State, reason: EndReason): void {
  if (state.at === 'ended') return
  const last = skippedFrame(state)
  if (last.length > 0) state.response.end(last)
  else state.response.end()
  finish(state, reason)
}

function finish(state: State, reason: EndReason): void {
  if (state.at === 'ended') return
  state.at = 'ended'
  state.ended.abort(new Error(`the stream is over: ${reason}`))
  state.blocked?.waiting?.()
  state.options.onEnd(reason)
}
