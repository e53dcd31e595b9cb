// Events into one file for each category (`console.jsonl`, `network.jsonl`, …), for people with `grep` and `tail -f`. Files are made with
// the first event of their category. It reads nothing back but the end of each file, and deletes only what it put aside itself.
import { mkdir } from 'node:fs/promises'
import { type Category, type EventRecord, limits, TelemetryError } from '@tabscope/schema'
import { type CategoryFile, openCategoryFile } from './category-file.ts'
import { nothingRefused, type Sink } from './sink.ts'

export interface CategoryFilesOptions {
  /** Made when it is not there. */
  readonly directory: string
  /** Default `limits.categoryFileBytes`. */
  readonly fileBytes?: number
  /** Default `limits.categoryFilesKept`. */
  readonly filesKept?: number
}

interface State {
  readonly options: CategoryFilesOptions
  readonly files: Map<Category, CategoryFile>
  /** One write at a time: a close waits for it. */
  writing: Promise<unknown>
  isClosed: boolean
}

function byCategory(records: readonly EventRecord[]): Map<Category, EventRecord[]> {
  const groups = new Map<Category, EventRecord[]>()
  for (const record of records) {
    const group = groups.get(record.category)
    if (group === undefined) groups.set(record.category, [record])
    else group.push(record)
  }
  return groups
}

async function fileOf(state: State, category: Category): Promise<CategoryFile> {
  const known = state.files.get(category)
  if (known !== undefined) return known
  const { directory, fileBytes = limits.categoryFileBytes, filesKept = limits.categoryFilesKept } = state.options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const file = await openCategoryFile({ directory, category, fileBytes, filesKept })
  state.files.set(category, file)
  return file
}

async function writeAll(state: State, records: readonly EventRecord[], signal: AbortSignal): Promise<void> {
  for (const [category, group] of byCategory(records)) {
    signal.throwIfAborted()
    const file = await fileOf(state, category)
    try {
      await file.append(group)
    } catch (error) {
      // What a failed write left of a line is cut when the file is opened again, for the same batch.
      state.files.delete(category)
      await file.close().catch(() => undefined)
      throw error
    }
  }
}

async function close(state: State): Promise<void> {
  state.isClosed = true
  await state.writing.catch(() => undefined)
  const files = [...state.files.values()]
  state.files.clear()
  await Promise.all(files.map((file) => file.close()))
}

/** A sink into the files of a folder. One process at a time may write there. */
export function createCategoryFiles(options: CategoryFilesOptions): Sink {
  const state: State = { options, files: new Map(), writing: Promise.resolve(), isClosed: false }
  return {
    name: 'files',
    destination: options.directory,
    write: async ({ records }, signal) => {
      signal.throwIfAborted()
      if (state.isClosed) throw new TelemetryError('sink_closed', { name: 'files' })
      const writing = writeAll(state, records, signal)
      state.writing = writing
      await writing
      return nothingRefused
    },
    close: () => close(state),
    [Symbol.asyncDispose]: () => close(state),
  }
}
