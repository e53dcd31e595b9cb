// The log: the only place that gives an event its number and its time, together with the append. Everything after that is
// bytes. `append` never waits for anything; what the disk does is the store's business, what readers do is theirs.
import { type Clock, type EventRecord, TelemetryError } from '@tabscope/schema'
import { defaultLogLimits, type LogLimits } from './log-limits.ts'
import type { LogView } from './log-view.ts'
import { createReader, type LogReader, type ReaderOptions } from './reader.ts'
import { createRecord } from './record.ts'
import { createRing, type Ring } from './ring.ts'
import type { Draft } from './serialise.ts'
import { createSlabWriter, type SlabWriter } from './slab.ts'
import { createWakeup, type Wakeup } from './wakeup.ts'

export interface EventLogOptions {
  readonly clock: Clock
  readonly limits?: Partial<LogLimits>
}

export interface EventLog extends AsyncDisposable {
  append(draft: Draft, captureSessionId: string): EventRecord
  readonly seq: number
  readonly durableSeq: number
  readonly oldestSeq: number
  readonly droppedEvents: number
  readLive(afterSeq: number, maxBytes: number): readonly EventRecord[] | undefined
  onAppend(listener: () => void): () => void
  onDurable(listener: () => void): () => void
  reader(options: ReaderOptions): LogReader
  flush(): Promise<void>
  close(): Promise<void>
}

interface State {
  readonly clock: Clock
  readonly ring: Ring
  readonly slabs: SlabWriter
  readonly appended: Wakeup
  readonly durable: Wakeup
  seq: number
  tsUs: number
  missedCount: number
  isClosed: boolean
}

function append(state: State, draft: Draft, captureSessionId: string): EventRecord {
  if (state.isClosed) throw new TelemetryError('log_closed', {})
  const tsUs = Math.max(state.tsUs, state.clock.wallUs())
  const record = createRecord(draft, { seq: state.seq + 1, tsUs, captureSessionId }, state.slabs)
  state.seq = record.seq
  state.tsUs = tsUs
  state.ring.push(record)
  state.appended.notify()
  return record
}

function readLive(state: State, afterSeq: number, maxBytes: number): readonly EventRecord[] | undefined {
  if (afterSeq >= state.seq) return []
  if (afterSeq + 1 < state.ring.oldestSeq) return undefined
  return state.ring.collect(afterSeq + 1, state.seq, maxBytes)
}

function createView(state: State): LogView {
  return {
    ring: state.ring,
    appended: state.appended,
    durable: state.durable,
    runStartSeq: 1,
    isClosed: () => state.isClosed,
    seq: () => state.seq,
    visibleSeq: () => state.seq,
    safeSeq: () => state.seq,
    oldestSeq: () => state.ring.oldestSeq,
    evictedToSeq: () => state.ring.oldestSeq - 1,
    readDisk: () => undefined,
    missed: (count) => {
      state.missedCount += count
    },
  }
}

/** Opens a log. */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const limits = { ...defaultLogLimits, ...options.limits }
  const state: State = {
    clock: options.clock,
    ring: createRing(limits, 0),
    slabs: createSlabWriter(limits.slabBytes),
    appended: createWakeup(),
    durable: createWakeup(),
    seq: 0,
    tsUs: 0,
    missedCount: 0,
    isClosed: false,
  }
  const view = createView(state)
  const close = async (): Promise<void> => {
    state.isClosed = true
    state.appended.notify()
    state.durable.notify()
  }
  return {
    append: (draft, captureSessionId) => append(state, draft, captureSessionId),
    get seq() {
      return state.seq
    },
    get durableSeq() {
      return 0
    },
    get oldestSeq() {
      return state.ring.oldestSeq
    },
    get droppedEvents() {
      return state.missedCount
    },
    readLive: (afterSeq, maxBytes) => readLive(state, afterSeq, maxBytes),
    onAppend: state.appended.subscribe,
    onDurable: state.durable.subscribe,
    reader: (readerOptions) => createReader(view, readerOptions),
    flush: async () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  }
}
