// Looks at one segment when a log is opened: is its index right, which batches are good, where does it end? Changes nothing.

import { createBatchBuilder } from './batch-builder.ts'
import { checksumOf } from './checksum.ts'
import type { FileSystem, OpenFile } from './files.ts'
import { codeOf, readBytes } from './files.ts'
import { scanLines } from './line-scan.ts'
import { decodeIndex, entryBytes, headerBytes, type SegmentBatch } from './segment-index.ts'
import { dataName, indexName } from './segment-name.ts'

export interface SegmentCheck {
  readonly firstSeq: number
  readonly runStartSeq: number
  readonly batches: readonly SegmentBatch[]
  /** Where its last good line ends. */
  readonly endBytes: number
  readonly fileBytes: number
  /** Batches whose bytes do not add up although later ones do: left in place, their good lines are still read. */
  readonly damagedBatches: number
  /** Why the index has to be written again. */
  readonly indexProblem: 'missing' | 'damaged' | 'incomplete' | undefined
}

export interface CheckOptions {
  readonly files: FileSystem
  readonly folder: string
  readonly firstSeq: number
  /** Reads every batch and compares checksums; else only the index is looked at. */
  readonly verify: boolean
  /** First number of the next segment: lines from there on are what a failed write left behind. */
  readonly belowSeq: number
}

type Index = NonNullable<ReturnType<typeof decodeIndex>>

/** The index beside a segment, or what is wrong with it. */
export async function readIndex(files: FileSystem, path: string): Promise<(Index & { readonly isWhole: boolean }) | 'missing' | 'damaged'> {
  let file: OpenFile
  try {
    file = await files.open(path, 'read')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing'
    throw error
  }
  try {
    const bytes = await readBytes(file, 0, await file.size())
    const index = decodeIndex(bytes)
    if (index === undefined) return 'damaged'
    return { ...index, isWhole: headerBytes + index.batches.length * entryBytes === bytes.length }
  } finally {
    await file.close()
  }
}

// How many batches up to the last good one, and how many of those are not good.
async function verifyBatches(data: OpenFile, batches: readonly SegmentBatch[]): Promise<{ good: number; damaged: number }> {
  const isGood: boolean[] = []
  for (const { offset, length, checksum } of batches) {
    const bytes = await readBytes(data, offset, length)
    isGood.push(bytes.length === length && checksumOf([bytes]) === checksum)
  }
  const good = isGood.lastIndexOf(true) + 1
  return { good, damaged: isGood.slice(0, good).filter((isBatchGood) => !isBatchGood).length }
}

async function scanTail(
  data: OpenFile,
  range: { from: number; to: number; afterSeq: number; belowSeq: number },
  stopAtDamage: boolean,
): Promise<SegmentBatch[]> {
  const builder = createBatchBuilder()
  for await (const line of scanLines(data, range)) {
    if (line.record === undefined && stopAtDamage) break
    if (line.record !== undefined && line.record.seq >= range.belowSeq) break
    builder.add(line)
  }
  return builder.finish()
}

function endOf(batches: readonly SegmentBatch[]): number {
  const last = batches.at(-1)
  return last === undefined ? 0 : last.offset + last.length
}

async function checkData(data: OpenFile, options: CheckOptions, index: Awaited<ReturnType<typeof readIndex>>): Promise<SegmentCheck> {
  const { firstSeq, verify, belowSeq } = options
  const fileBytes = await data.size()
  const isIndexed = typeof index !== 'string'
  const listed = isIndexed ? index.batches.filter((batch) => batch.offset + batch.length <= fileBytes || verify) : []
  const { good, damaged } = verify ? await verifyBatches(data, listed) : { good: listed.length, damaged: 0 }
  const kept = listed.slice(0, good)
  const from = endOf(kept)
  const afterSeq = kept.at(-1)?.lastSeq ?? firstSeq - 1
  // Behind the last good batch nothing was ever promised, so the first damaged line ends it. Without an index there is no
  // telling what was promised: good lines behind a damaged one are kept.
  const tail = from === fileBytes ? [] : await scanTail(data, { from, to: fileBytes, afterSeq, belowSeq }, isIndexed)
  const batches = [...kept, ...tail]
  const isRight = isIndexed && index.isWhole && batches.length === index.batches.length && tail.length === 0
  return {
    firstSeq,
    runStartSeq: isIndexed ? index.header.runStartSeq : firstSeq,
    batches,
    endBytes: endOf(batches),
    fileBytes,
    damagedBatches: damaged,
    indexProblem: isRight ? undefined : isIndexed ? 'incomplete' : index,
  }
}

/** Checks a segment against its index. */
export async function checkSegment(options: CheckOptions): Promise<SegmentCheck> {
  const { files, folder, firstSeq } = options
  const index = await readIndex(files, `${folder}/${indexName(firstSeq)}`)
  const data = await files.open(`${folder}/${dataName(firstSeq)}`, 'read')
  try {
    return await checkData(data, options, index)
  } finally {
    await data.close()
  }
}

/** The batches of a closed segment up to `lastSeq`: from its index, or, when that is lost, from the lines. */
export async function loadBatches(
  options: Omit<CheckOptions, 'verify' | 'belowSeq'> & { readonly lastSeq: number },
): Promise<SegmentBatch[]> {
  const check = await checkSegment({ ...options, verify: false, belowSeq: options.lastSeq + 1 })
  return [...check.batches]
}
