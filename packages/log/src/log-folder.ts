// A data folder read without being opened as a log: takes no lock, changes nothing, and may stand beside a server that writes there. It shows
// what was complete when it was opened. Broken ends of files are left out, as recovery would cut them, and left in place.
import { TelemetryError } from '@tabscope/schema'
import { createCatalog, type Segment } from './catalog.ts'
import { createDiskReader } from './disk-reader.ts'
import { codeOf, type FileSystem } from './files.ts'
import { defaultLogLimits } from './log-limits.ts'
import { type LogView, registerView } from './log-view.ts'
import { nodeFiles } from './node-files.ts'
import { createReader, type LogReader, type ReaderOptions } from './reader.ts'
import { createRing } from './ring.ts'
import { checkSegment, loadBatches, type SegmentCheck } from './segment-check.ts'
import { parseSegmentName } from './segment-name.ts'
import { messageOf } from './trouble.ts'
import { createWakeup, type Wakeup } from './wakeup.ts'

/** Events of a folder. `readHistory` takes it as it takes a log. */
export interface LogFolder {
  /** Number of the newest complete event; 0 in an empty folder. */
  readonly seq: number
  /** Number of the oldest; `seq + 1` in an empty folder. */
  readonly oldestSeq: number
  /** As of a log. `wait` rejects with `log_closed` at the end: nothing more comes. */
  reader(options: ReaderOptions): LogReader
}

export interface LogFolderOptions {
  readonly directory: string
  readonly files?: FileSystem
  /** Told of lines that cannot be read; readers get a gap in their place. */
  readonly onDamage?: (file: string, message: string) => void
}

function segmentOf({ firstSeq, runStartSeq, batches, endBytes }: SegmentCheck): Segment | undefined {
  const first = batches[0]
  const last = batches.at(-1)
  if (first === undefined || last === undefined) return undefined
  return { firstSeq, runStartSeq, lastSeq: last.lastSeq, bytes: endBytes, firstTsUs: first.firstTsUs, lastTsUs: last.lastTsUs }
}

async function findSegments(files: FileSystem, folder: string): Promise<Segment[]> {
  const names = (await files.list(folder)).flatMap((name) => parseSegmentName(name) ?? [])
  const firstSeqs = names.flatMap(({ firstSeq, kind }) => (kind === 'data' ? [firstSeq] : [])).sort((one, other) => one - other)
  const segments: Segment[] = []
  for (const [position, firstSeq] of firstSeqs.entries()) {
    const belowSeq = firstSeqs[position + 1] ?? Number.POSITIVE_INFINITY
    const segment = await findSegment({ files, folder, firstSeq, belowSeq, verify: false })
    if (segment !== undefined) segments.push(segment)
  }
  return segments
}

/** Undefined for one without a whole line, and for one that its owner has just removed. */
async function findSegment(options: Parameters<typeof checkSegment>[0]): Promise<Segment | undefined> {
  try {
    return segmentOf(await checkSegment(options))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What the readers of a folder are shown. */
export interface Shown {
  /** The newest number that is shown; undefined = all. */
  readonly toSeq: () => number | undefined
  readonly changed: Wakeup
  readonly isOver: () => boolean
}

const everything: Shown = { toSeq: () => undefined, changed: createWakeup(), isOver: () => true }

/** A folder as readers see it, up to what is shown. Errors: data_folder_missing. */
export async function viewFolder(options: LogFolderOptions, shown: Shown = everything): Promise<LogView & { readonly lastSeq: number }> {
  const { directory, files = nodeFiles, onDamage = () => undefined } = options
  const folder = `${directory}/segments`
  let segments: Segment[]
  try {
    segments = await findSegments(files, folder)
  } catch (error) {
    throw new TelemetryError('data_folder_missing', { directory, reason: messageOf(error) }, { cause: error })
  }
  const lastSeq = segments.at(-1)?.lastSeq ?? 0
  const oldestSeq = segments[0]?.firstSeq ?? 1
  const toSeq = (): number => Math.min(lastSeq, shown.toSeq() ?? lastSeq)
  const catalog = createCatalog(segments, (segment) => loadBatches({ files, folder, firstSeq: segment.firstSeq, lastSeq: segment.lastSeq }))
  return {
    ring: createRing(defaultLogLimits, lastSeq),
    appended: shown.changed,
    durable: shown.changed,
    runStartSeq: lastSeq + 1,
    catalog,
    disk: createDiskReader(catalog, { files, folder, onDamage }),
    isClosed: shown.isOver,
    isPast: true,
    visibleSeq: toSeq,
    safeSeq: toSeq,
    oldestSeq: () => oldestSeq,
    evictedToSeq: () => oldestSeq - 1,
    missed: () => undefined,
    lastSeq,
  }
}

/** Looks into a data folder. Errors: data_folder_missing. */
export async function openLogFolder(options: LogFolderOptions): Promise<LogFolder> {
  const view = await viewFolder(options)
  const logFolder: LogFolder = {
    seq: view.lastSeq,
    oldestSeq: view.oldestSeq(),
    reader: (readerOptions) => createReader(view, readerOptions),
  }
  registerView(logFolder, view)
  return logFolder
}
