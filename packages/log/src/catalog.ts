// Which segments there are, in order, and where their batches lie. Only the catalogue is asked where a number is on disk;
// it never reads lines. Indexes of closed segments are read when needed and a few of them are kept.
import { limits } from '@tabscope/schema'
import type { SegmentBatch } from './segment-index.ts'

/** A segment as far as it is written, checked and durable. */
export interface Segment {
  /** The number in its name. */
  readonly firstSeq: number
  /** First number of the run of the process that wrote it. */
  readonly runStartSeq: number
  lastSeq: number
  /** End of its last batch. */
  bytes: number
  firstTsUs: number
  lastTsUs: number
}

export interface Catalog {
  readonly segments: readonly Segment[]
  readonly bytes: number
  /** The segment with the first record at or after `seq`. */
  find(seq: number): Segment | undefined
  has(segment: Segment): boolean
  add(segment: Segment, batches: SegmentBatch[]): void
  /** Adds a batch to the newest segment. */
  grow(batch: SegmentBatch): void
  /** The newest segment is complete: its batches may be forgotten and read again. */
  complete(): void
  remove(segment: Segment): void
  batchesOf(segment: Segment): Promise<readonly SegmentBatch[]>
}

interface State {
  readonly segments: Segment[]
  readonly load: (segment: Segment) => Promise<SegmentBatch[]>
  /** In order of use, the most recent last. */
  readonly cached: Map<Segment, readonly SegmentBatch[]>
  /** Batches of the segment that is being written. */
  growing: SegmentBatch[] | undefined
  bytes: number
}

function find(state: State, seq: number): Segment | undefined {
  let low = 0
  let high = state.segments.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((state.segments[middle]?.lastSeq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return state.segments[low]
}

function keep(state: State, segment: Segment, batches: readonly SegmentBatch[]): void {
  state.cached.delete(segment)
  state.cached.set(segment, batches)
  for (const oldest of state.cached.keys()) {
    if (state.cached.size <= limits.logIndexesCached) break
    state.cached.delete(oldest)
  }
}

async function batchesOf(state: State, segment: Segment): Promise<readonly SegmentBatch[]> {
  if (segment === state.segments.at(-1) && state.growing !== undefined) return state.growing
  const batches = state.cached.get(segment) ?? (await state.load(segment))
  keep(state, segment, batches)
  return batches
}

function grow(state: State, batch: SegmentBatch): void {
  const segment = state.segments.at(-1)
  if (segment === undefined || state.growing === undefined) throw new Error('no segment is being written')
  state.growing.push(batch)
  const end = batch.offset + batch.length
  state.bytes += end - segment.bytes
  segment.bytes = end
  segment.lastSeq = batch.lastSeq
  segment.lastTsUs = batch.lastTsUs
}

function complete(state: State): void {
  const segment = state.segments.at(-1)
  if (segment !== undefined && state.growing !== undefined) keep(state, segment, state.growing)
  state.growing = undefined
}

/** A catalogue of segments that are there already, oldest first. `load` reads the batches of a closed one. */
export function createCatalog(segments: readonly Segment[], load: (segment: Segment) => Promise<SegmentBatch[]>): Catalog {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  const state: State = { segments: [...segments], load, cached: new Map(), growing: undefined, bytes }
  return {
    segments: state.segments,
    get bytes() {
      return state.bytes
    },
    find: (seq) => find(state, seq),
    has: (segment) => state.segments.includes(segment),
    add: (segment, batches) => {
      complete(state)
      state.segments.push(segment)
      state.bytes += segment.bytes
      state.growing = batches
    },
    grow: (batch) => grow(state, batch),
    complete: () => complete(state),
    remove: (segment) => {
      state.segments.splice(state.segments.indexOf(segment), 1)
      state.cached.delete(segment)
      state.bytes -= segment.bytes
    },
    batchesOf: (segment) => batchesOf(state, segment),
  }
}
