// Groups good lines into batches for an index that is made again. A damaged line ends a batch and is in none of them, so
// that readers never come across it.
import { type EventRecord, limits } from '@tabscope/schema'
import { checksumOf } from './checksum.ts'
import type { ScannedLine } from './line-scan.ts'
import type { SegmentBatch } from './segment-index.ts'

export interface BatchBuilder {
  add(line: ScannedLine): void
  /** All batches so far. */
  finish(): SegmentBatch[]
}

interface Open {
  readonly first: EventRecord
  last: EventRecord
  readonly offset: number
  length: number
  checksum: number
}

const lineFeed = Buffer.from('\n')

export function createBatchBuilder(): BatchBuilder {
  const batches: SegmentBatch[] = []
  let open: Open | undefined
  const closeBatch = (): void => {
    if (open === undefined) return
    const { first, last, offset, length, checksum } = open
    batches.push({ firstSeq: first.seq, lastSeq: last.seq, firstTsUs: first.tsUs, lastTsUs: last.tsUs, offset, length, checksum })
    open = undefined
  }
  return {
    add: ({ record, offset, length }) => {
      if (record === undefined || (open !== undefined && open.length + length > limits.logBatchBytes)) closeBatch()
      if (record === undefined) return
      const checksum = checksumOf([record.bytes, lineFeed], open?.checksum)
      if (open === undefined) open = { first: record, last: record, offset, length, checksum }
      else Object.assign(open, { last: record, length: open.length + length, checksum })
    },
    finish: () => {
      closeBatch()
      return batches
    },
  }
}
