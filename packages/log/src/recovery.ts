// Brings a data folder into order when a log is opened: checks the last segment's batches, cuts what a crash left unfinished,
// makes lost indexes again, removes what belongs to nothing. Says everything that it did. Never touches a good line.

import type { Segment } from './catalog.ts'
import type { FileSystem } from './files.ts'
import { checkSegment, type SegmentCheck } from './segment-check.ts'
import { encodeIndex } from './segment-index.ts'
import { dataName, indexName, parseSegmentName } from './segment-name.ts'

/** What was found and done when the log was opened. */
export interface RecoveryReport {
  /** Whether the run before stopped in order. True for a new folder. */
  readonly wasClean: boolean
  /** Segments that are there now. */
  readonly segments: number
  /** Ends of segments that were cut off: a batch that was never finished, or damage. */
  readonly cuts: readonly { readonly file: string; readonly fromByte: number; readonly bytes: number }[]
  /** Indexes that were made again from the lines. */
  readonly rebuiltIndexes: readonly { readonly file: string; readonly problem: 'missing' | 'damaged' | 'incomplete' }[]
  /** Batches of the last segment that do not add up; their good lines are still read, the others are a gap. */
  readonly damagedBatches: number
  /** Files without a single good line, and indexes without a segment. */
  readonly removedFiles: readonly string[]
  /** Numbers behind the last record that no reader will get: the unused rest of a block, and events that were not on disk. */
  readonly hole: { readonly from: number; readonly to: number } | undefined
}

/** What a log without a disk reports. */
export const nothingRecovered: RecoveryReport = {
  wasClean: true,
  segments: 0,
  cuts: [],
  rebuiltIndexes: [],
  damagedBatches: 0,
  removedFiles: [],
  hole: undefined,
}

export interface Recovered {
  readonly segments: readonly Segment[]
  readonly cuts: { file: string; fromByte: number; bytes: number }[]
  readonly rebuiltIndexes: { file: string; problem: 'missing' | 'damaged' | 'incomplete' }[]
  readonly removedFiles: string[]
  damagedBatches: number
}

async function writeIndex(files: FileSystem, folder: string, check: SegmentCheck): Promise<void> {
  const file = await files.open(`${folder}/${indexName(check.firstSeq)}`, 'write')
  try {
    const bytes = encodeIndex({ runStartSeq: check.runStartSeq }, check.batches)
    await file.write([bytes], 0)
    await file.truncate(bytes.length)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function cutData(files: FileSystem, folder: string, check: SegmentCheck): Promise<void> {
  const file = await files.open(`${folder}/${dataName(check.firstSeq)}`, 'write')
  try {
    await file.truncate(check.endBytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

function segmentOf(check: SegmentCheck): Segment | undefined {
  const first = check.batches[0]
  const last = check.batches.at(-1)
  if (first === undefined || last === undefined) return undefined
  return {
    firstSeq: check.firstSeq,
    runStartSeq: check.runStartSeq,
    lastSeq: last.lastSeq,
    bytes: check.endBytes,
    firstTsUs: first.firstTsUs,
    lastTsUs: last.lastTsUs,
  }
}

// Puts one segment in order on disk. Undefined when nothing in it is worth keeping.
async function repair(files: FileSystem, folder: string, check: SegmentCheck, report: Recovered): Promise<Segment | undefined> {
  const file = dataName(check.firstSeq)
  const segment = segmentOf(check)
  if (segment === undefined) {
    // The data first: an index alone is removed by the next start, a segment alone would have to be read.
    await files.remove(`${folder}/${file}`)
    if (check.indexProblem !== 'missing') await files.remove(`${folder}/${indexName(check.firstSeq)}`)
    report.removedFiles.push(file)
    return undefined
  }
  if (check.endBytes < check.fileBytes) {
    await cutData(files, folder, check)
    report.cuts.push({ file, fromByte: check.endBytes, bytes: check.fileBytes - check.endBytes })
  }
  if (check.indexProblem !== undefined) {
    await writeIndex(files, folder, check)
    report.rebuiltIndexes.push({ file: indexName(check.firstSeq), problem: check.indexProblem })
  }
  report.damagedBatches += check.damagedBatches
  return segment
}

async function removeLoneIndexes(files: FileSystem, folder: string, report: Recovered): Promise<void> {
  const names = (await files.list(folder)).map((name) => ({ name, parsed: parseSegmentName(name) }))
  const data = new Set(names.flatMap(({ parsed }) => (parsed?.kind === 'data' ? [parsed.firstSeq] : [])))
  for (const { name, parsed } of names) {
    if (parsed?.kind !== 'index' || data.has(parsed.firstSeq)) continue
    await files.remove(`${folder}/${name}`)
    report.removedFiles.push(name)
  }
}

// Removing is not flushed, so a power cut can bring back some of what retention removed: it goes again, unread.
async function removeEvicted(files: FileSystem, folder: string, firstSeq: number, report: Recovered): Promise<void> {
  await files.remove(`${folder}/${dataName(firstSeq)}`)
  report.removedFiles.push(dataName(firstSeq))
}

async function dataFiles(files: FileSystem, folder: string): Promise<number[]> {
  const parsed = (await files.list(folder)).flatMap((name) => parseSegmentName(name) ?? [])
  return parsed.flatMap(({ firstSeq, kind }) => (kind === 'data' ? [firstSeq] : [])).sort((one, other) => one - other)
}

/** Checks and repairs all segments of `folder`, oldest first. Numbers up to `evictedToSeq` were removed by retention. */
export async function recoverSegments(files: FileSystem, folder: string, evictedToSeq: number): Promise<Recovered> {
  const segments: Segment[] = []
  const report: Recovered = { segments, cuts: [], rebuiltIndexes: [], removedFiles: [], damagedBatches: 0 }
  const firstSeqs = await dataFiles(files, folder)
  for (const [position, firstSeq] of firstSeqs.entries()) {
    const belowSeq = firstSeqs[position + 1] ?? Number.POSITIVE_INFINITY
    if (belowSeq - 1 <= evictedToSeq) {
      await removeEvicted(files, folder, firstSeq, report)
      continue
    }
    const verify = position === firstSeqs.length - 1
    const segment = await repair(files, folder, await checkSegment({ files, folder, firstSeq, verify, belowSeq }), report)
    if (segment !== undefined) segments.push(segment)
  }
  await removeLoneIndexes(files, folder, report)
  await files.syncFolder(folder)
  return report
}
