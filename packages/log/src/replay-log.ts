// Recorded events as a log that is told how far it has got: what was recorded once happens again, at whatever pace. They come out of a data
// folder, or out of anything that can be asked for them by number. To readers it is a log like any other; nothing can be appended to it, and
// what it is made of is only read.
import { type EventRecord, TelemetryError } from '@tabscope/schema'
import type { EventLog } from './event-log.ts'
import { type LogFolderOptions, type Shown, viewFolder } from './log-folder.ts'
import { defaultLogLimits } from './log-limits.ts'
import { type LogView, registerView } from './log-view.ts'
import { createReader } from './reader.ts'
import { nothingRecovered } from './recovery.ts'
import { createRing } from './ring.ts'
import { createWakeup, type Wakeup } from './wakeup.ts'

export interface ReplayLog extends EventLog {
  /** The newest event that was recorded. */
  readonly lastSeq: number
  /** Lets events up to this number happen. Never goes back. */
  showTo(seq: number): void
}

/** Events that somebody else keeps. Where numbers are missing in them, readers get a gap. */
export interface RecordedEvents {
  /** `lastSeq + 1` when there are none. */
  readonly oldestSeq: number
  readonly lastSeq: number
  /** Some of them in order, the first one with that number or above first; none only behind the last. */
  read(seq: number): Promise<readonly EventRecord[]>
}

type RecordedView = LogView & { readonly lastSeq: number }

interface Progress {
  readonly changed: Wakeup
  shownSeq: number
  isClosed: boolean
}

function shownOf(progress: Progress): Shown {
  return { toSeq: () => progress.shownSeq, changed: progress.changed, isOver: () => progress.isClosed }
}

function logOf(view: RecordedView, progress: Progress): ReplayLog {
  const { changed } = progress
  progress.shownSeq = view.oldestSeq() - 1
  const close = async (): Promise<void> => {
    progress.isClosed = true
    changed.notify()
  }
  const log: ReplayLog = {
    append: () => {
      throw new TelemetryError('log_closed', {})
    },
    get seq() {
      return view.visibleSeq()
    },
    get durableSeq() {
      return view.visibleSeq()
    },
    oldestSeq: view.oldestSeq(),
    lastSeq: view.lastSeq,
    droppedEvents: 0,
    recovered: nothingRecovered,
    held: () => [],
    // Nothing is kept in memory: who asks is sent to where it was recorded.
    readLive: (afterSeq) => (afterSeq >= view.visibleSeq() ? [] : undefined),
    onAppend: changed.subscribe,
    onDurable: changed.subscribe,
    reader: (readerOptions) => createReader(view, readerOptions),
    flush: async () => undefined,
    close,
    showTo: (seq) => {
      if (seq <= progress.shownSeq) return
      progress.shownSeq = seq
      changed.notify()
    },
    [Symbol.asyncDispose]: close,
  }
  registerView(log, view)
  return log
}

function viewRecorded(recorded: RecordedEvents, { toSeq, changed, isOver }: Shown): RecordedView {
  const { oldestSeq, lastSeq } = recorded
  const visibleSeq = (): number => Math.min(lastSeq, toSeq() ?? lastSeq)
  const read = async (seq: number) => {
    const records = await recorded.read(seq)
    // Who keeps them does not say which run of the process wrote them: no hole can be put down to a restart.
    return { records, lastSeq: records.at(-1)?.seq ?? lastSeq, runStartSeq: 0 }
  }
  return {
    ring: createRing(defaultLogLimits, lastSeq),
    appended: changed,
    durable: changed,
    runStartSeq: lastSeq + 1,
    catalog: undefined,
    disk: {
      read: (seq) => (seq > lastSeq ? undefined : read(seq)),
      batchesOf: async () => [],
      readPlace: () => Promise.reject(new TypeError('recorded events have no segments')),
    },
    isClosed: isOver,
    isPast: true,
    visibleSeq,
    safeSeq: visibleSeq,
    oldestSeq: () => oldestSeq,
    evictedToSeq: () => oldestSeq - 1,
    missed: () => undefined,
    lastSeq,
  }
}

function startOf(): Progress {
  return { changed: createWakeup(), shownSeq: 0, isClosed: false }
}

/** Opens a folder with nothing shown. Errors: data_folder_missing. */
export async function openReplayLog(options: LogFolderOptions): Promise<ReplayLog> {
  const progress = startOf()
  return logOf(await viewFolder(options, shownOf(progress)), progress)
}

/** The same for events that are kept elsewhere. */
export function createReplayLog(recorded: RecordedEvents): ReplayLog {
  const progress = startOf()
  return logOf(viewRecorded(recorded, shownOf(progress)), progress)
}
