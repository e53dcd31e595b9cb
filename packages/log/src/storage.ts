// The disk side of a running log: segments, queue, numbers and retention put together over a ring. Knows nothing of
// publishers and readers, and never makes the ring's owner wait.
import type { EventRecord } from '@tabscope/schema'
import { type Catalog, createCatalog } from './catalog.ts'
import type { DataFolder } from './data-folder.ts'
import { createDiskQueue, type DiskQueue } from './disk-queue.ts'
import { createDiskReader, type DiskReader } from './disk-reader.ts'
import { createNumbers, type Numbers } from './numbers.ts'
import { applyRetention } from './retention.ts'
import type { Ring } from './ring.ts'
import { loadBatches } from './segment-check.ts'
import { openSegmentWriter, type SegmentWriter } from './segment-writer.ts'
import { messageOf } from './trouble.ts'

export interface Storage {
  readonly catalog: Catalog
  readonly numbers: Numbers
  readonly queue: DiskQueue
  readonly disk: DiskReader
  /** Writes everything, gives unused numbers back and unlocks. Never rejects: what fails is told to `onTrouble`. */
  close(lastSeq: number): Promise<void>
}

export interface StorageEvents {
  /** More is on disk. */
  readonly onDurable: () => void
  /** More numbers may be shown to readers. */
  readonly onReserved: () => void
}

interface State {
  readonly folder: DataFolder
  readonly catalog: Catalog
  readonly numbers: Numbers
  writer: SegmentWriter | undefined
  /** One removal at a time. */
  removing: Promise<unknown> | undefined
  cancelCheck: (() => void) | undefined
  isExhaustionTold: boolean
}

const damageToldMost = 1000

function startRetention(state: State): void {
  const { options, segmentsPath } = state.folder
  if (state.removing !== undefined) return
  state.removing = applyRetention({
    ...options,
    folder: segmentsPath,
    catalog: state.catalog,
    onEvicted: (toSeq) => state.numbers.evicted(toSeq),
  }).finally(() => {
    state.removing = undefined
  })
}

function scheduleRetention(state: State): void {
  const { clock, limits } = state.folder.options
  state.cancelCheck = clock.schedule(clock.monotonicMs() + limits.retentionCheckMs, () => {
    startRetention(state)
    scheduleRetention(state)
  })
}

// Takes the writer away first, so that whatever fails the next batch opens another segment.
async function closeWriter(state: State): Promise<void> {
  const { writer } = state
  if (writer === undefined) return
  state.writer = undefined
  state.catalog.complete()
  await writer.close()
}

// Also after a time: retention removes whole segments, and one that a quiet browser fills would keep its oldest event for months.
function isComplete({ writer, catalog, folder }: State): boolean {
  const { limits, clock } = folder.options
  if (writer === undefined) return false
  if (writer.bytes >= limits.segmentBytes || writer.batchCount >= limits.segmentBatches) return true
  return (catalog.segments.at(-1)?.firstTsUs ?? 0) <= clock.wallUs() - limits.segmentMs * 1000
}

async function writerFor(state: State, firstSeq: number): Promise<SegmentWriter> {
  const { options, segmentsPath, start } = state.folder
  if (isComplete(state)) {
    await closeWriter(state)
    startRetention(state)
  }
  state.writer ??= await openSegmentWriter({
    files: options.files,
    folder: segmentsPath,
    firstSeq,
    runStartSeq: start.startSeq + 1,
    isSynced: options.isSynced,
  })
  return state.writer
}

async function writeBatch(state: State, records: readonly EventRecord[]): Promise<void> {
  const writer = await writerFor(state, records[0]?.seq ?? 0)
  try {
    const batch = await writer.write(records)
    if (writer.batchCount > 1) return state.catalog.grow(batch)
    const { firstSeq, lastSeq, length, firstTsUs, lastTsUs } = batch
    const runStartSeq = state.folder.start.startSeq + 1
    state.catalog.add({ firstSeq, runStartSeq, lastSeq, bytes: length, firstTsUs, lastTsUs }, [batch])
  } catch (error) {
    state.writer = undefined
    state.catalog.complete()
    await writer.giveUp()
    throw error
  }
}

async function close(state: State, queue: DiskQueue, lastSeq: number): Promise<void> {
  const { options, lock } = state.folder
  state.cancelCheck?.()
  await queue.close()
  await state.removing
  try {
    await closeWriter(state)
  } catch (error) {
    options.onTrouble({ kind: 'cleanup_failed', message: messageOf(error) })
  }
  await state.numbers.close(lastSeq)
  await lock.release()
}

function numbersOf(folder: DataFolder, onReserved: () => void, onExhausted: (message: string) => void): Numbers {
  const { clock, limits } = folder.options
  return createNumbers(
    {
      file: folder.sequenceFile,
      clock,
      blockNumbers: limits.reservedNumbers,
      retryMs: limits.retryMs,
      onReserved,
      onRefused: (message, isExhausted) => {
        if (isExhausted) onExhausted(message)
      },
    },
    folder.start,
  )
}

/** Starts storing what comes into `ring`, which begins at the folder's next number. */
export function createStorage(folder: DataFolder, ring: Ring, events: StorageEvents): Storage {
  const { options, segmentsPath } = folder
  const { files, onTrouble } = options
  const catalog = createCatalog(folder.segments, ({ firstSeq, lastSeq }) => loadBatches({ files, folder: segmentsPath, firstSeq, lastSeq }))
  const tellExhausted = (message: string): void => {
    if (state.isExhaustionTold) return
    state.isExhaustionTold = true
    onTrouble({ kind: 'numbers_exhausted', sinceUs: options.clock.wallUs(), message })
  }
  const onReserved = (): void => {
    state.isExhaustionTold = false
    events.onReserved()
  }
  const numbers = numbersOf(folder, onReserved, tellExhausted)
  const state: State = { folder, catalog, numbers, writer: undefined, removing: undefined, cancelCheck: undefined, isExhaustionTold: false }
  const queue = createDiskQueue({ ...options, ring, write: (records) => writeBatch(state, records), onDurable: events.onDurable })
  const told = new Set<string>()
  // Every reader that comes by finds the damage again; it is told once, up to as many as anybody would read.
  const onDamage = (file: string, message: string): void => {
    if (told.has(`${file} ${message}`) || told.size >= damageToldMost) return
    told.add(`${file} ${message}`)
    onTrouble({ kind: 'damaged', file, message })
  }
  startRetention(state)
  scheduleRetention(state)
  return {
    catalog,
    numbers,
    queue,
    disk: createDiskReader(catalog, { files, folder: segmentsPath, onDamage }),
    close: (lastSeq) => close(state, queue, lastSeq),
  }
}
