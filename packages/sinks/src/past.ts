// Where the past is: on disk, and what the disk does not have any more in the archive. Puts pages together over both, so that a reader sees
// one past and one cursor, and keeps them within bounds. Which records of each it is are the log's and the archive's to say.
import { type EventLog, type HistoryOptions, type HistoryPage, readHistory } from '@tabscope/log'
import { type EventRecord, limits, TelemetryError } from '@tabscope/schema'
import type { Archive } from './s2-archive.ts'

export interface Past {
  readonly log: EventLog
  /** Whether the log has a disk with anything on it. */
  readonly isKept: boolean
  /** Undefined when there is none, or none that may be read. */
  readonly archive: Pick<Archive, 'read'> | undefined
}

/** What one page is asked for. */
export type PastRequest = Omit<HistoryOptions, 'signal'>

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

async function readOver(past: Past, options: HistoryOptions): Promise<HistoryPage> {
  const { log, archive } = past
  const beforeSeq = await archivedBelow(past, options)
  if (beforeSeq === undefined || archive === undefined) return readHistory(log, options)
  const fromDisk = (asked: HistoryOptions): Promise<HistoryPage> => readHistory(log, asked)
  const fromArchive = (asked: HistoryOptions): Promise<HistoryPage> => archive.read({ ...asked, beforeSeq })
  const [near, far] = options.order === 'asc' ? [fromArchive, fromDisk] : [fromDisk, fromArchive]
  const first = await near(options)
  return first.nextOffset === undefined ? joined(first, options, far) : first
}

/** Undefined when the archive cannot be read and the page has something already: who asks for the next page is told why there is none. */
async function readPart(past: Past, options: HistoryOptions, hasSome: boolean): Promise<HistoryPage | undefined> {
  try {
    return await readOver(past, options)
  } catch (error) {
    if (hasSome && error instanceof TelemetryError && error.code === 'archive_unreachable') return undefined
    throw error
  }
}

/**
 * One page of the past, on disk and in the archive; it ends early when it would be larger than `limits.historyPageBytes`. Rejects with
 * `archive_unreachable` when nothing else can answer, and with the signal's reason.
 */
export async function readPast(past: Past, options: HistoryOptions): Promise<HistoryPage> {
  const records: EventRecord[] = []
  let bytes = 0
  let { offset } = options
  do {
    const limit = Math.min(options.limit - records.length, limits.historyReadRecords)
    const part = await readPart(past, { ...options, limit, offset }, records.length > 0)
    if (part === undefined) break
    for (const record of part.records) bytes += record.bytes.length
    records.push(...part.records)
    offset = part.nextOffset
  } while (offset !== undefined && records.length < options.limit && bytes < limits.historyPageBytes)
  return { records, ...(offset === undefined ? {} : { nextOffset: offset }) }
}
