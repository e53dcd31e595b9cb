// Reads batches back from disk and compares each with its checksum. A batch that does not add up is read line by line: good
// lines are given, the others are missing in the span, which its reader turns into a gap. Never changes a file.
import type { EventRecord } from '@tabscope/schema'
import type { Segment } from './catalog.ts'
import { checksumOf } from './checksum.ts'
import { type FileSystem, readBytes } from './files.ts'
import { parseLine, parseWholeLine } from './line.ts'
import { linesIn } from './line-scan.ts'
import type { SegmentBatch } from './segment-index.ts'
import { dataName } from './segment-name.ts'

/** Consecutive lines of one segment, read and checked. */
export interface DiskSpan {
  /** In order; may begin before what was asked for, and leave out damaged lines. */
  readonly records: readonly EventRecord[]
  /** The newest number that the lines can hold. */
  readonly lastSeq: number
  /** First number of the run of the process that wrote them. */
  readonly runStartSeq: number
}

/** Batches of a segment from `from` on, as many as fit `maxBytes`, at least one. */
export interface DiskPlace {
  readonly segment: Segment
  readonly batches: readonly SegmentBatch[]
  readonly from: number
  readonly maxBytes: number
}

export interface SpanSource {
  readonly files: FileSystem
  readonly folder: string
  /** Told for each batch that does not add up. */
  readonly onDamage: (file: string, message: string) => void
}

function goodLines(bytes: Buffer, batch: SegmentBatch): EventRecord[] {
  const records: EventRecord[] = []
  let lastSeq = batch.firstSeq - 1
  for (const line of linesIn(bytes)) {
    const record = parseWholeLine(line)
    if (record === undefined || record.seq <= lastSeq || record.seq > batch.lastSeq) continue
    lastSeq = record.seq
    records.push(record)
  }
  return records
}

function recordsOf(bytes: Buffer, batch: SegmentBatch): EventRecord[] | undefined {
  if (bytes.length !== batch.length || checksumOf([bytes]) !== batch.checksum) return undefined
  const records: EventRecord[] = []
  for (const line of linesIn(bytes)) {
    const record = parseLine(line)
    if (record === undefined) return undefined
    records.push(record)
  }
  return records
}

// Neighbours are read together: a quiet log has a batch for each record.
function selectBatches({ batches, from, maxBytes }: DiskPlace): SegmentBatch[] {
  const selected: SegmentBatch[] = []
  let bytes = 0
  for (let at = from; at < batches.length; at++) {
    const batch = batches[at]
    const before = selected.at(-1)
    if (batch === undefined || (before !== undefined && before.offset + before.length !== batch.offset)) break
    bytes += batch.length
    if (selected.length > 0 && bytes > maxBytes) break
    selected.push(batch)
  }
  return selected
}

/** Reads a run of batches. Rejects when the file cannot be read. */
export async function readSpan(source: SpanSource, place: DiskPlace): Promise<DiskSpan> {
  const { segment, from } = place
  const selected = selectBatches(place)
  const first = selected[0]
  const last = selected.at(-1)
  if (first === undefined || last === undefined) throw new RangeError(`segment ${segment.firstSeq} has no batch ${from}`)
  const name = dataName(segment.firstSeq)
  const file = await source.files.open(`${source.folder}/${name}`, 'read')
  let bytes: Buffer
  try {
    bytes = await readBytes(file, first.offset, last.offset + last.length - first.offset)
  } finally {
    await file.close()
  }
  const records = selected.flatMap((batch) => {
    const part = bytes.subarray(batch.offset - first.offset, batch.offset - first.offset + batch.length)
    const good = recordsOf(part, batch)
    if (good !== undefined) return good
    source.onDamage(name, `the lines ${batch.firstSeq} to ${batch.lastSeq} do not match their checksum`)
    return goodLines(part, batch)
  })
  return { records, lastSeq: last.lastSeq, runStartSeq: segment.runStartSeq }
}
