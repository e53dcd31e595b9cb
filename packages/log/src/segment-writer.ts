// Writes the newest segment: one write and one flush for each batch, then its index entry. A segment is made with its first
// batch, so there are no empty ones. After any error the segment is given up: what was flushed stays, and the next batch
// opens another, because what a disk kept of a failed flush is anybody's guess.
import type { EventRecord } from '@tabscope/schema'
import { checksumOf } from './checksum.ts'
import type { FileSystem, OpenFile } from './files.ts'
import { encodeEntry, encodeHeader, entryBytes, headerBytes, type SegmentBatch } from './segment-index.ts'
import { dataName, indexName } from './segment-name.ts'
import { linesOf } from './slab.ts'

export interface SegmentWriter {
  readonly firstSeq: number
  readonly batchCount: number
  /** End of its last good batch. */
  readonly bytes: number
  /** When it resolves, the batch is durable. After a rejection only `giveUp` may be called. */
  write(records: readonly EventRecord[]): Promise<SegmentBatch>
  /** Flushes what is left and closes the files. */
  close(): Promise<void>
  /** Cuts what was not completed, as far as the disk lets it, and closes the files. Never rejects. */
  giveUp(): Promise<void>
}

export interface SegmentWriterOptions {
  readonly files: FileSystem
  readonly folder: string
  /** Number of the first record that will be written. */
  readonly firstSeq: number
  readonly runStartSeq: number
  /** Whether a batch is flushed to the device; else written is enough. */
  readonly isSynced: boolean
}

interface State {
  readonly options: SegmentWriterOptions
  readonly data: OpenFile
  readonly index: OpenFile
  batchCount: number
  bytes: number
}

function batchOf(records: readonly EventRecord[], offset: number, chunks: readonly Uint8Array[]): SegmentBatch {
  const first = records[0]
  const last = records.at(-1)
  if (first === undefined || last === undefined) throw new Error('a batch has at least one record')
  return {
    firstSeq: first.seq,
    lastSeq: last.seq,
    firstTsUs: first.tsUs,
    lastTsUs: last.tsUs,
    offset,
    length: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    checksum: checksumOf(chunks),
  }
}

async function write(state: State, records: readonly EventRecord[]): Promise<SegmentBatch> {
  const { options, data, index } = state
  const chunks = linesOf(records)
  const batch = batchOf(records, state.bytes, chunks)
  await data.write(chunks, batch.offset)
  if (options.isSynced) await data.sync()
  // The entry need not be durable: without it recovery looks at the lines themselves.
  await index.write([encodeEntry(batch)], headerBytes + state.batchCount * entryBytes)
  if (state.batchCount === 0 && options.isSynced) await options.files.syncFolder(options.folder)
  state.batchCount++
  state.bytes += batch.length
  return batch
}

async function close(state: State): Promise<void> {
  const { data, index, options } = state
  try {
    // Also without a flush per batch: a closed segment is trusted later without being read.
    await data.sync()
    await index.sync()
    if (!options.isSynced) await options.files.syncFolder(options.folder)
  } finally {
    await data.close()
    await index.close()
  }
}

// Each step on its own: on a failing disk any of them may fail, which the next start cleans up after.
async function ignoreFailure(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch {
    // The failure that led here is the one that is reported.
  }
}

async function giveUp(state: State): Promise<void> {
  const { data, index, options } = state
  await ignoreFailure(() => data.truncate(state.bytes))
  await ignoreFailure(() => data.sync())
  await ignoreFailure(() => index.sync())
  await ignoreFailure(() => data.close())
  await ignoreFailure(() => index.close())
  if (state.batchCount > 0) return
  await ignoreFailure(() => options.files.remove(`${options.folder}/${dataName(options.firstSeq)}`))
  await ignoreFailure(() => options.files.remove(`${options.folder}/${indexName(options.firstSeq)}`))
}

async function openFiles(options: SegmentWriterOptions): Promise<{ data: OpenFile; index: OpenFile }> {
  const data = await options.files.open(`${options.folder}/${dataName(options.firstSeq)}`, 'write')
  try {
    const index = await options.files.open(`${options.folder}/${indexName(options.firstSeq)}`, 'write')
    return { data, index }
  } catch (error) {
    await ignoreFailure(() => data.close())
    await ignoreFailure(() => options.files.remove(`${options.folder}/${dataName(options.firstSeq)}`))
    throw error
  }
}

/** Makes the files of a segment. What a failed attempt of the same name left in them is removed. */
export async function openSegmentWriter(options: SegmentWriterOptions): Promise<SegmentWriter> {
  const state: State = { options, ...(await openFiles(options)), batchCount: 0, bytes: 0 }
  try {
    await state.data.truncate(0)
    await state.index.truncate(0)
    await state.index.write([encodeHeader({ runStartSeq: options.runStartSeq })], 0)
  } catch (error) {
    await giveUp(state)
    throw error
  }
  return {
    firstSeq: options.firstSeq,
    get batchCount() {
      return state.batchCount
    },
    get bytes() {
      return state.bytes
    },
    write: (records) => write(state, records),
    close: () => close(state),
    giveUp: () => giveUp(state),
  }
}
