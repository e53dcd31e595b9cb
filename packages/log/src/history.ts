// Pages of the past, from what is durable. A page is filtered before it is cut, so it is never empty while more remain.
// Holes are not told here: who needs to know of them reads the stream.
import { type EventFilter, type EventRecord, limits, matchesFilter } from '@tabscope/schema'
import type { Segment } from './catalog.ts'
import type { DiskReader } from './disk-reader.ts'
import type { EventLog } from './event-log.ts'
import type { LogFolder } from './log-folder.ts'
import { type LogView, viewOf } from './log-view.ts'
import type { SegmentBatch } from './segment-index.ts'
import type { DiskPlace } from './span-reader.ts'

export interface HistoryOptions {
  /** Most records of a page. */
  readonly limit: number
  /** `nextOffset` of the page before. */
  readonly offset?: number | undefined
  readonly order: 'asc' | 'desc'
  /** First time that counts, in Unix microseconds. */
  readonly sinceUs?: number | undefined
  /** First time that does not count any more. */
  readonly untilUs?: number | undefined
  readonly filter?: EventFilter | undefined
  readonly signal: AbortSignal
}

export interface HistoryPage {
  readonly records: EventRecord[]
  /** Where the next page begins; undefined at the end. A positive integer below 2^53 that means nothing to anybody else. */
  readonly nextOffset?: number
}

interface Range {
  readonly fromSeq: number
  readonly toSeq: number
  readonly sinceUs: number
  readonly untilUs: number
}

// The offset is the number of the last record of the page before.
function rangeOf(view: LogView, options: HistoryOptions): Range {
  const { order, offset } = options
  const isUp = order === 'asc'
  return {
    fromSeq: isUp && offset !== undefined ? offset + 1 : 1,
    toSeq: isUp || offset === undefined ? view.safeSeq() : Math.min(view.safeSeq(), offset - 1),
    sinceUs: options.sinceUs ?? 0,
    untilUs: options.untilUs ?? Number.POSITIVE_INFINITY,
  }
}

interface Stretch {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly firstTsUs: number
  readonly lastTsUs: number
}

// Times do not decrease along the numbers, so a stretch outside the range in either is left out unread.
function overlaps(stretch: Stretch, range: Range): boolean {
  return (
    stretch.lastSeq >= range.fromSeq &&
    stretch.firstSeq <= range.toSeq &&
    stretch.lastTsUs >= range.sinceUs &&
    stretch.firstTsUs < range.untilUs
  )
}

function isWithin({ seq, tsUs }: EventRecord, range: Range): boolean {
  return seq >= range.fromSeq && seq <= range.toSeq && tsUs >= range.sinceUs && tsUs < range.untilUs
}

function inOrder<Item>(items: readonly Item[], order: 'asc' | 'desc'): readonly Item[] {
  return order === 'asc' ? items : [...items].reverse()
}

// Neighbouring batches that are read with one read each: a quiet log has a batch for each record.
function placesOf(segment: Segment, batches: readonly SegmentBatch[], range: Range): DiskPlace[] {
  const places: { segment: Segment; batches: readonly SegmentBatch[]; from: number; maxBytes: number }[] = []
  let endOffset = -1
  for (const [from, batch] of batches.entries()) {
    if (!overlaps(batch, range)) continue
    const last = places.at(-1)
    if (last !== undefined && batch.offset === endOffset && last.maxBytes + batch.length <= limits.logBatchBytes)
      last.maxBytes += batch.length
    else places.push({ segment, batches, from, maxBytes: batch.length })
    endOffset = batch.offset + batch.length
  }
  return places
}

async function* segmentRecords(disk: DiskReader, segment: Segment, range: Range, options: HistoryOptions): AsyncGenerator<EventRecord> {
  const places = placesOf(segment, await disk.batchesOf(segment), range)
  for (const place of inOrder(places, options.order)) {
    options.signal.throwIfAborted()
    const { records } = await disk.readPlace(place)
    for (const record of inOrder(records, options.order)) if (isWithin(record, range)) yield record
  }
}

/** One page of records that pass the filter, in order. Rejects with the signal's reason. A log without a disk has no history. */
export async function readHistory(log: EventLog | LogFolder, options: HistoryOptions): Promise<HistoryPage> {
  const view = viewOf(log)
  const range = rangeOf(view, options)
  const records: EventRecord[] = []
  const { catalog, disk } = view
  if (catalog === undefined || disk === undefined) return { records }
  const segments = catalog.segments.filter((segment) => overlaps(segment, range))
  for (const segment of inOrder(segments, options.order)) {
    for await (const record of segmentRecords(disk, segment, range, options)) {
      if (options.filter !== undefined && !matchesFilter(options.filter, record)) continue
      const last = records.at(-1)
      // One more than the page holds: so there is a next page.
      if (records.length === options.limit && last !== undefined) return { records, nextOffset: last.seq }
      records.push(record)
    }
  }
  return { records }
}
