// A data folder as a log that is told how far it has got: what was recorded once happens again, at whatever pace. To readers it is a log like
// any other; nothing can be appended to it, and the folder is only read.
import { TelemetryError } from '@tabscope/schema'
import type { EventLog } from './event-log.ts'
import { type LogFolderOptions, viewFolder } from './log-folder.ts'
import { registerView } from './log-view.ts'
import { createReader } from './reader.ts'
import { nothingRecovered } from './recovery.ts'
import { createWakeup } from './wakeup.ts'

export interface ReplayLog extends EventLog {
  /** The newest event of the folder. */
  readonly lastSeq: number
  /** Lets events up to this number happen. Never goes back. */
  showTo(seq: number): void
}

/** Opens a folder with nothing shown. Errors: data_folder_missing. */
export async function openReplayLog(options: LogFolderOptions): Promise<ReplayLog> {
  let shownSeq = 0
  let isClosed = false
  const changed = createWakeup()
  const view = await viewFolder(options, { toSeq: () => shownSeq, changed, isOver: () => isClosed })
  shownSeq = view.oldestSeq() - 1
  const close = async (): Promise<void> => {
    isClosed = true
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
    // Nothing is kept in memory: who asks is sent to the disk.
    readLive: (afterSeq) => (afterSeq >= view.visibleSeq() ? [] : undefined),
    onAppend: changed.subscribe,
    onDurable: changed.subscribe,
    reader: (readerOptions) => createReader(view, readerOptions),
    flush: async () => undefined,
    close,
    showTo: (seq) => {
      if (seq <= shownSeq) return
      shownSeq = seq
      changed.notify()
    },
    [Symbol.asyncDispose]: close,
  }
  registerView(log, view)
  return log
}
