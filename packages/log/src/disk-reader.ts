// Finds numbers on disk for readers and history: catalogue, then index, then lines. Knows what may go wrong between the
// three: retention removes a segment at any moment, and a disk can refuse to give back what it took.
import { limits } from '@tabscope/schema'
import type { Catalog, Segment } from './catalog.ts'
import { codeOf } from './files.ts'
import type { SegmentBatch } from './segment-index.ts'
import { dataName, indexName } from './segment-name.ts'
import { type DiskPlace, type DiskSpan, readSpan, type SpanSource } from './span-reader.ts'

export interface DiskReader {
  /** Lines from the first one at or after `seq`; undefined, at once, when the disk has none there. */
  read(seq: number): Promise<DiskSpan> | undefined
  /** The batches of a segment; none when it has just been removed. */
  batchesOf(segment: Segment): Promise<readonly SegmentBatch[]>
  /** The lines of neighbouring batches. */
  readPlace(place: DiskPlace): Promise<DiskSpan>
}

// First batch that ends at or after `seq`.
function placeOf(batches: readonly SegmentBatch[], seq: number): number {
  let low = 0
  let high = batches.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((batches[middle]?.lastSeq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return low
}

interface State {
  readonly catalog: Catalog
  readonly source: SpanSource
}

// A read error that stays would stop its reader for ever; the lines behind it are given up with a gap instead. Everything
// else (too many open files, no memory) passes and is the reader's to try again.
function isLost(error: unknown): boolean {
  return codeOf(error) === 'EIO' || codeOf(error) === 'ENOENT'
}

async function readPlace(state: State, place: DiskPlace): Promise<DiskSpan> {
  const { segment, batches, from } = place
  try {
    return await readSpan(state.source, place)
  } catch (error) {
    if (!isLost(error)) throw error
    const isRemoved = !state.catalog.has(segment)
    if (!isRemoved) state.source.onDamage(dataName(segment.firstSeq), `cannot be read: ${codeOf(error)}`)
    const lastSeq = isRemoved ? segment.lastSeq : (batches[from]?.lastSeq ?? segment.lastSeq)
    return { records: [], lastSeq, runStartSeq: segment.runStartSeq }
  }
}

async function batchesOf(state: State, segment: Segment): Promise<readonly SegmentBatch[]> {
  try {
    return await state.catalog.batchesOf(segment)
  } catch (error) {
    if (!isLost(error)) throw error
    if (state.catalog.has(segment)) state.source.onDamage(indexName(segment.firstSeq), `cannot be read: ${codeOf(error)}`)
    return []
  }
}

async function readFrom(state: State, segment: Segment, seq: number): Promise<DiskSpan> {
  const batches = await batchesOf(state, segment)
  const from = placeOf(batches, seq)
  if (from < batches.length) return readPlace(state, { segment, batches, from, maxBytes: limits.logBatchBytes })
  return { records: [], lastSeq: segment.lastSeq, runStartSeq: segment.runStartSeq }
}

export function createDiskReader(catalog: Catalog, source: SpanSource): DiskReader {
  const state: State = { catalog, source }
  return {
    read: (seq) => {
      const segment = catalog.find(seq)
      return segment === undefined ? undefined : readFrom(state, segment, seq)
    },
    batchesOf: (segment) => batchesOf(state, segment),
    readPlace: (place) => readPlace(state, place),
  }
}
