// All open event streams of a server: wakes them once per turn of the event loop after something was published, tends their
// keepalives with one timer, and ends them together. It keeps no events: see shared-frames.ts and the log.
import type { EventLog } from '@tabscope/log'
import { type CancelTimer, type Clock, type Cursor, type HeldPart, heldParts, limits, TelemetryError } from '@tabscope/schema'
import type { GapStyle } from './frame.ts'
import type { StreamResponse } from './paced-response.ts'
import { type Selection, selectionKey } from './selection.ts'
import { createSendQueues } from './send-queue.ts'
import { createSharedFrames, type SharedFrames } from './shared-frames.ts'
import { createStreamWriter, type EndReason, type StreamWriter } from './stream-writer.ts'

export interface StreamRequest {
  readonly selection: Selection
  readonly from: Cursor
  readonly gapStyle: GapStyle
}

export interface Streams {
  /** Starts a stream on a response whose headers are sent. */
  open(response: StreamResponse, request: StreamRequest): void
  /** Throws `too_many_streams` when no further stream may be opened. */
  ensureRoom(): void
  readonly count: number
  /** Events that clients missed by being slow, beyond what the log itself counts. */
  readonly missedEvents: number
  /** What is kept in memory, beside its bounds; of the clients the one with most. */
  held(): HeldPart[]
  /** How many streams are over, by reason. */
  readonly endings: Readonly<Record<EndReason, number>>
  /** Takes no new stream and ends every open one cleanly: when it has caught up, or after `limits.streamEndMs`. */
  end(): Promise<void>
}

export interface StreamsOptions {
  readonly log: EventLog
  readonly clock: Clock
  /** Default `limits.streamClients`. */
  readonly mostStreams: number | undefined
  readonly onTrouble: (cause: unknown) => void
}

interface SharedUse {
  readonly frames: SharedFrames
  users: number
}

interface State {
  readonly options: StreamsOptions
  readonly writers: Set<StreamWriter>
  readonly shared: Map<string, SharedUse>
  readonly endings: Record<EndReason, number>
  missedEvents: number
  tendAtMs: number
  cancelTend: CancelTimer
  over: boolean
  /** Called when no stream is open any more. */
  onLastEnd: () => void
}

export function createStreams(options: StreamsOptions): Streams {
  const state: State = {
    options,
    writers: new Set(),
    shared: new Map(),
    endings: { stopped: 0, until: 0, stalled: 0, closed: 0, failed: 0 },
    missedEvents: 0,
    tendAtMs: Number.POSITIVE_INFINITY,
    cancelTend: () => undefined,
    over: false,
    onLastEnd: () => undefined,
  }
  // The log calls once per turn of the event loop: everything published in a turn goes out in one write, and an idle stream
  // waits for nothing.
  const stopListening = options.log.onAppend(() => {
    for (const writer of state.writers) advanceOne(writer, options.onTrouble)
  })
  return {
    open: (response, request) => open(state, response, request),
    ensureRoom: () => {
      const limit = options.mostStreams ?? limits.streamClients
      if (state.writers.size >= limit) throw new TelemetryError('too_many_streams', { limit })
    },
    get count() {
      return state.writers.size
    },
    get missedEvents() {
      return state.missedEvents
    },
    held: () => held(state),
    endings: state.endings,
    end: async () => {
      state.over = true
      await endAll(state)
      stopListening()
      state.cancelTend()
    },
  }
}

function held({ shared, writers }: State): HeldPart[] {
  let frameBytes = 0
  for (const { frames } of shared.values()) frameBytes += frames.heldBytes
  let clientBytes = 0
  for (const writer of writers) clientBytes = Math.max(clientBytes, writer.heldBytes)
  return heldParts('bytes', [
    ['stream_frames', frameBytes, limits.streamSharedBytes],
    // Two writes, the second begun when the first was within its bound, and one large event.
    ['stream_client', clientBytes, 2 * limits.streamWriteBytes + limits.recordBytes],
  ])
}

/** A defect in one stream ends neither the others nor the process. */
function advanceOne(writer: StreamWriter, onTrouble: (cause: unknown) => void): void {
  try {
    writer.advance()
  } catch (cause) {
    onTrouble(cause)
    writer.end()
  }
}

async function endAll(state: State): Promise<void> {
  for (const writer of state.writers) writer.endSoon()
  if (state.writers.size === 0) return
  await new Promise<void>((resolve) => {
    const cancel = state.options.clock.schedule(state.options.clock.monotonicMs() + limits.streamEndMs, () => {
      for (const writer of state.writers) writer.end()
      // What a client still does not take is cut together with its connection.
      resolve()
    })
    state.onLastEnd = () => {
      cancel()
      resolve()
    }
  })
}

/** All selections together keep at most `limits.streamSharedBytes`; for a single client there is nothing to share. */
function createSharedUse(state: State, selection: Selection): SharedUse {
  const budgetBytes = (): number => (use.users > 1 ? limits.streamSharedBytes / state.shared.size : 0)
  const use: SharedUse = { frames: createSharedFrames(state.options.log, selection, budgetBytes), users: 0 }
  return use
}

function open(state: State, response: StreamResponse, request: StreamRequest): void {
  const { log, clock, onTrouble } = state.options
  const key = selectionKey(request.selection)
  const shared = state.shared.get(key) ?? createSharedUse(state, request.selection)
  state.shared.set(key, shared)
  shared.users += 1
  const onEnd = (reason: EndReason): void => {
    state.writers.delete(writer)
    if (state.writers.size === 0) state.onLastEnd()
    state.endings[reason] += 1
    shared.users -= 1
    if (shared.users === 0) state.shared.delete(key)
  }
  const onMissed = (count: number): void => {
    state.missedEvents += count
  }
  const writer = createStreamWriter(response, { ...request, log, clock, frames: shared.frames, onEnd, onMissed, onTrouble })
  state.writers.add(writer)
  if (state.over) writer.end()
  else tendBy(state, clock.monotonicMs() + limits.streamStallCheckMs)
}

/** Makes sure that the streams are tended at `atMs` at the latest. */
function tendBy(state: State, atMs: number): void {
  if (atMs >= state.tendAtMs) return
  state.cancelTend()
  state.tendAtMs = atMs
  state.cancelTend = state.options.clock.schedule(atMs, () => {
    state.tendAtMs = Number.POSITIVE_INFINITY
    const nowMs = state.options.clock.monotonicMs()
    const tending = { nowMs, queues: createSendQueues() }
    let nextMs = Number.POSITIVE_INFINITY
    for (const writer of state.writers) nextMs = Math.min(nextMs, writer.tend(tending))
    // A write that blocks is looked at after one check interval at the earliest, so nothing is due before that.
    if (nextMs < Number.POSITIVE_INFINITY) tendBy(state, Math.min(nextMs, nowMs + limits.streamStallCheckMs))
  })
}
