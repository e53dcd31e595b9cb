// A data folder is opened: made, locked, repaired, and its next numbers reserved, before the first event is taken.
import { type Clock, TelemetryError } from '@tabscope/schema'
import type { Segment } from './catalog.ts'
import type { FileSystem, FolderLock } from './files.ts'
import type { LogLimits } from './log-limits.ts'
import { type NumbersStart, startOf } from './numbers.ts'
import { type Recovered, type RecoveryReport, recoverSegments } from './recovery.ts'
import { openSequenceFile, type SequenceFile } from './sequence-file.ts'
import { type LogTrouble, messageOf } from './trouble.ts'

export interface StorageOptions {
  readonly directory: string
  readonly files: FileSystem
  readonly clock: Clock
  readonly limits: LogLimits
  /** Whether batches are flushed to the device; else written is durable enough. */
  readonly isSynced: boolean
  /** The oldest number that a sink still needs. */
  readonly protect?: (() => number | undefined) | undefined
  readonly onTrouble: (trouble: LogTrouble) => void
}

/** A folder that is ours and in order. */
export interface DataFolder {
  readonly options: StorageOptions
  readonly report: RecoveryReport
  readonly segmentsPath: string
  /** Oldest first. */
  readonly segments: readonly Segment[]
  /** Time of the newest record, 0 when there is none. */
  readonly lastTsUs: number
  readonly start: NumbersStart
  readonly sequenceFile: SequenceFile
  readonly lock: FolderLock
}

function reportOf(recovered: Recovered, file: SequenceFile, startSeq: number): RecoveryReport {
  const { segments, ...rest } = recovered
  const knownSeq = Math.max(segments.at(-1)?.lastSeq ?? 0, file.found?.evictedToSeq ?? 0)
  const hole = startSeq > knownSeq ? { from: knownSeq + 1, to: startSeq } : undefined
  const isNew = file.found === undefined && !file.isDamaged && segments.length === 0
  return { ...rest, wasClean: isNew || file.found?.isClean === true, segments: segments.length, hole }
}

async function prepare(options: StorageOptions, lock: FolderLock): Promise<DataFolder> {
  const { directory, files, limits } = options
  const segmentsPath = `${directory}/segments`
  await files.createFolder(segmentsPath)
  const sequenceFile = await openSequenceFile(files, directory)
  try {
    const recovered = await recoverSegments(files, segmentsPath, sequenceFile.found?.evictedToSeq ?? 0)
    const last = recovered.segments.at(-1)
    const start = startOf(sequenceFile, last?.lastSeq ?? 0, limits.reservedNumbers)
    const report = reportOf(recovered, sequenceFile, start.startSeq)
    await sequenceFile.write(start.reservation)
    // The name of the file has to survive too, before the first number is used.
    await files.syncFolder(directory)
    return { options, report, segmentsPath, segments: recovered.segments, lastTsUs: last?.lastTsUs ?? 0, start, sequenceFile, lock }
  } catch (error) {
    await sequenceFile.close()
    throw error
  }
}

/** Locks the folder and brings it into order. Errors: data_folder_locked, data_folder_not_writable, data_folder_newer. */
export async function openDataFolder(options: StorageOptions): Promise<DataFolder> {
  const { directory, files } = options
  let lock: FolderLock | undefined
  try {
    await files.createFolder(directory)
    lock = await files.lock(directory)
    if (lock === undefined) throw new TelemetryError('data_folder_locked', { directory })
    return await prepare(options, lock)
  } catch (error) {
    await lock?.release()
    if (error instanceof TelemetryError) throw error
    throw new TelemetryError('data_folder_not_writable', { directory, reason: messageOf(error) }, { cause: error })
  }
}
