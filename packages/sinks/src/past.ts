// Where history is: on disk, and what the disk does not have any more in the archive. Puts a page together over both, so that a reader sees
// one past and one cursor. Which records of each it is are the log's and the archive's to say.
import { type EventLog, type HistoryOptions, type HistoryPage, readHistory } from '@tabscope/log'
import type { Archive } from '@tabscope/sinks'

export interface Past {
  readonly log: EventLog
  /** Whether the log has a disk at all. */
  readonly isKept: boolean
  /** Undefined when there is none, or none that may be read. */
  readonly archive: Pick<Archive, 'read'> | undefined
}

const everything = { limit: 1, order: 'asc' } as const

/** The number below which only the archive has events that the request asks for; undefined when the disk has all there are. */
async function archivedBelow(
  { log, isKept, archive }: Past,
  { sinceUs, offset, order, signal }: HistoryOptions,
): Promise<number | undefined> {
  if (archive === undefined) return undefined
  if (!isKept) return Number.MAX_SAFE_INTEGER
  const beforeSeq = log.oldestSeq
  if (beforeSeq <= 1 || (order === 'asc' && offset !== undefined && offset + 1 >= beforeSeq)) return undefined
  if (sinceUs === undefined) return beforeSeq
  const oldest = (await readHistory(log, { ...everything, signal })).records[0]
  return oldest !== undefined && oldest.tsUs < sinceUs ? undefined : beforeSeq
}

/** Records of the second place behind those of the first, which is done. */
async function joined(
  first: HistoryPage,
  options: HistoryOptions,
  readSecond: (options: HistoryOptions) => Promise<HistoryPage>,
): Promise<HistoryPage> {
  const { records } = first
  const last = records.at(-1)
  const left = options.limit - records.length
  const offset = last?.seq ?? options.offset
  try {
    const second = await readSecond({ ...options, limit: Math.max(1, left), offset })
    if (left > 0) return { ...second, records: [...records, ...second.records] }
    // The page is full; it only matters whether there is more.
    return second.records.length > 0 && last !== undefined ? { records, nextOffset: last.seq } : { records }
  } catch (error) {
    options.signal.throwIfAborted()
    // What is there is a page; who asks for the next one is told why there is none.
    if (last === undefined) throw error
    return { records, nextOffset: last.seq }
  }
}

/** One page of the past, on disk and in the archive. Rejects with `archive_unreachable` when nothing else can answer. */
export async function readPast(past: Past, options: HistoryOptions): Promise<HistoryPage> {
  const { log, archive } = past
  const beforeSeq = await archivedBelow(past, options)
  if (beforeSeq === undefined || archive === undefined) return readHistory(log, options)
  const fromDisk = (asked: HistoryOptions): Promise<HistoryPage> => readHistory(log, asked)
  const fromArchive = (asked: HistoryOptions): Promise<HistoryPage> => archive.read({ ...asked, beforeSeq })
  const [near, far] = options.order === 'asc' ? [fromArchive, fromDisk] : [fromDisk, fromArchive]
  const first = await near(options)
  return first.nextOffset === undefined ? joined(first, options, far) : first
}
