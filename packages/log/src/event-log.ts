// The log: the only place that gives an event its number and its time, together with the append. Everything after that is
// bytes. `append` never waits for anything; what the disk does is the storage's business, what readers do is theirs.
import { type Clock, type EventRecord, type HeldPart, heldParts, TelemetryError } from '@tabscope/schema'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import type { FileSystem } from './files.ts'
import { type LogLimits, logLimitsFrom } from './log-limits.ts'
import { type LogView, registerView } from './log-view.ts'
import { nodeFiles } from './node-files.ts'
import { createReader, type LogReader, type ReaderOptions } from './reader.ts'
import { createRecord } from './record.ts'
import { nothingRecovered, type RecoveryReport } from './recovery.ts'
import { createRing, type Ring } from './ring.ts'
import type { Draft } from './serialise.ts'
import { createSlabWriter, type SlabWriter } from './slab.ts'
import { createStorage, type Storage } from './storage.ts'
import type { LogTrouble } from './trouble.ts'
import { createWakeup, type Wakeup } from './wakeup.ts'

export interface EventLogOptions {
  /** The data folder. Absent = memory only: readers reach back as far as the ring, and the next run begins at 1 again. */
  readonly directory?: string
  readonly clock: Clock
  /** `batch` (default): durable means written and flushed to the device. `none`: written is durable; enough for kill -9. */
  readonly sync?: 'batch' | 'none'
  readonly limits?: Partial<LogLimits>
  /** Default: the files of this machine. */
  readonly files?: FileSystem
  /** Told once for each change of state; may append events. */
  readonly onTrouble?: (trouble: LogTrouble) => void
  /** The oldest number that a sink still needs: retention leaves it, within bounds. */
  readonly protect?: () => number | undefined
}

export interface EventLog extends AsyncDisposable {
  /**
   * Numbers the event, stamps it, serialises it once, and keeps it. Synchronous; never waits, never throws for I/O.
   * Throws `log_closed` after `close`, and what JSON.stringify throws on data that is not JSON; then no number is used.
   */
  append(draft: Draft, captureSessionId: string): EventRecord
  /** Last number given; 0 = none ever. After a crash it begins at the end of the numbers that were reserved. */
  readonly seq: number
  /** Everything up to this number is on disk, or lost and told as a gap. 0 without a disk. */
  readonly durableSeq: number
  /** Oldest number still readable, on disk or in memory; `seq + 1` when nothing is kept. */
  readonly oldestSeq: number
  /** Events that were lost to the disk, and events that readers missed by being slow. */
  readonly droppedEvents: number
  readonly recovered: RecoveryReport
  /** What is kept in memory, beside its bounds. */
  held(): HeldPart[]
  /** For live fan-out: records after `afterSeq` from memory, at least one if there is one; undefined when memory no longer reaches back that far. */
  readLive(afterSeq: number, maxBytes: number): readonly EventRecord[] | undefined
  /** Calls back once per turn of the event loop in which records became readable. Returns unsubscribe. */
  onAppend(listener: () => void): () => void
  /** Calls back once per turn of the event loop in which records became durable. Returns unsubscribe. */
  onDurable(listener: () => void): () => void
  reader(options: ReaderOptions): LogReader
  /** Writes what is there now. Resolves when it is durable, or when the disk refuses it (see `durableSeq`, `onTrouble`). */
  flush(): Promise<void>
  /** Flushes, gives the unused numbers back and unlocks. May be called twice. */
  close(): Promise<void>
}

interface State {
  readonly clock: Clock
  readonly limits: LogLimits
  readonly ring: Ring
  readonly slabs: SlabWriter
  readonly storage: Storage | undefined
  readonly appended: Wakeup
  readonly durable: Wakeup
  readonly startSeq: number
  seq: number
  tsUs: number
  missedCount: number
  closing: Promise<void> | undefined
}

function append(state: State, draft: Draft, captureSessionId: string): EventRecord {
  if (state.closing !== undefined) throw new TelemetryError('log_closed', {})
  const tsUs = Math.max(state.tsUs, state.clock.wallUs())
  const record = createRecord(draft, { seq: state.seq + 1, tsUs, captureSessionId }, state.slabs)
  state.seq = record.seq
  state.tsUs = tsUs
  state.ring.push(record)
  state.storage?.numbers.used(record.seq)
  state.storage?.queue.appended(record)
  state.appended.notify()
  return record
}

// A number above the reserved ones could be given again after a crash, unless its record is on disk already.
function visibleSeq({ seq, storage }: State): number {
  return storage === undefined ? seq : Math.min(seq, Math.max(storage.numbers.reservedToSeq, storage.queue.durableSeq))
}

function oldestSeq({ ring, storage }: State): number {
  return storage?.catalog.segments[0]?.firstSeq ?? ring.oldestSeq
}

function readLive(state: State, afterSeq: number, maxBytes: number): readonly EventRecord[] | undefined {
  const toSeq = visibleSeq(state)
  if (afterSeq >= toSeq) return []
  if (afterSeq + 1 < state.ring.oldestSeq) return undefined
  return state.ring.collect(afterSeq + 1, toSeq, maxBytes)
}

// The newest event is kept whatever its size. What waits for the disk is in the ring too, but for a batch that is being written.
function held({ ring, storage, limits }: State): HeldPart[] {
  const ringBytes = Math.max(limits.ringBytes, limits.queueBytes)
  return heldParts('bytes', [
    ['ring', ring.heldBytes, ringBytes],
    ['waiting_for_disk', storage?.queue.waitingBytes ?? 0, ringBytes + limits.batchMostBytes],
  ])
}

function createView(state: State): LogView {
  const { ring, storage } = state
  return {
    ring,
    appended: state.appended,
    durable: state.durable,
    runStartSeq: state.startSeq + 1,
    catalog: storage?.catalog,
    disk: storage?.disk,
    isClosed: () => state.closing !== undefined,
    visibleSeq: () => visibleSeq(state),
    safeSeq: () => storage?.queue.durableSeq ?? state.seq,
    oldestSeq: () => oldestSeq(state),
    evictedToSeq: () => storage?.numbers.evictedToSeq ?? ring.oldestSeq - 1,
    missed: (count) => {
      state.missedCount += count
    },
  }
}

async function close(state: State): Promise<void> {
  await state.storage?.close(state.seq)
  // Who waits for more has to learn that nothing more comes.
  state.appended.notify()
  state.durable.notify()
}

function createState(options: EventLogOptions, limits: LogLimits, folder: DataFolder | undefined): State {
  const startSeq = folder?.start.startSeq ?? 0
  const ring = createRing(limits, startSeq)
  const appended = createWakeup()
  const durable = createWakeup()
  const events = { onDurable: durable.notify, onReserved: appended.notify }
  return {
    clock: options.clock,
    limits,
    ring,
    slabs: createSlabWriter(limits.slabBytes),
    storage: folder === undefined ? undefined : createStorage(folder, ring, events),
    appended,
    durable,
    startSeq,
    seq: startSeq,
    tsUs: folder?.lastTsUs ?? 0,
    missedCount: 0,
    closing: undefined,
  }
}

function createEventLog(state: State, recovered: RecoveryReport): EventLog {
  const view = createView(state)
  const closeOnce = (): Promise<void> => {
    state.closing ??= close(state)
    return state.closing
  }
  const log: EventLog = {
    append: (draft, captureSessionId) => append(state, draft, captureSessionId),
    get seq() {
      return state.seq
    },
    get durableSeq() {
      return state.storage?.queue.durableSeq ?? 0
    },
    get oldestSeq() {
      return oldestSeq(state)
    },
    get droppedEvents() {
      return state.missedCount + (state.storage?.queue.lostCount ?? 0)
    },
    recovered,
    held: () => held(state),
    readLive: (afterSeq, maxBytes) => readLive(state, afterSeq, maxBytes),
    onAppend: state.appended.subscribe,
    onDurable: state.durable.subscribe,
    reader: (readerOptions) => createReader(view, readerOptions),
    flush: async () => state.storage?.queue.flush(),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  }
  registerView(log, view)
  return log
}

// Telling happens in the middle of writing and closing. A listener that throws (it appends, and the log is closing) must not
// stop those; Node shows its error as a warning.
function guard(onTrouble: (trouble: LogTrouble) => void): (trouble: LogTrouble) => void {
  return (trouble) => {
    try {
      onTrouble(trouble)
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error))
    }
  }
}

/**
 * Opens a log: locks its folder, repairs what a crash left behind, and reserves numbers.
 * Errors: data_folder_locked, data_folder_not_writable, data_folder_newer.
 */
export async function openEventLog(options: EventLogOptions): Promise<EventLog> {
  const limits = logLimitsFrom(options.limits)
  if (options.directory === undefined) return createEventLog(createState(options, limits, undefined), nothingRecovered)
  const folder = await openDataFolder({
    directory: options.directory,
    files: options.files ?? nodeFiles,
    clock: options.clock,
    limits,
    isSynced: options.sync !== 'none',
    protect: options.protect,
    onTrouble: guard(options.onTrouble ?? (() => undefined)),
  })
  return createEventLog(createState(options, limits, folder), folder.report)
}
