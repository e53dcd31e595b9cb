// One append-only file of one category: opened with its first event, one envelope a line. It knows which event it ends with, so that a
// batch that comes again is not written again, and cuts a last line that a crash left unfinished. Full, it is put aside under the number
// of its first event and the next one begins; only so many are kept.
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Category, type EventRecord, limits } from '@tabscope/schema'

export interface CategoryFile {
  /** Resolves when the records that are not there yet are on disk. After a rejection the file has to be opened again. */
  append(records: readonly EventRecord[]): Promise<void>
  close(): Promise<void>
}

export interface CategoryFileOptions {
  readonly directory: string
  readonly category: Category
  /** A file is put aside before it is larger than this. */
  readonly fileBytes: number
  /** How many that were put aside are kept. */
  readonly filesKept: number
}

interface Last {
  readonly seq: number
  readonly tsUs: number
}

interface State {
  readonly options: CategoryFileOptions
  handle: FileHandle
  bytes: number
  /** The event that it begins with; undefined while it is empty. */
  firstSeq: number | undefined
  /** The newest event, also of a file that was put aside. */
  last: Last | undefined
}

const lineFeed = Buffer.from('\n')
const digits = 16

/** `console.jsonl`, or, put aside, `console.0000000000000042.jsonl`. */
export function categoryFileName(category: Category, firstSeq?: number): string {
  return firstSeq === undefined ? `${category}.jsonl` : `${category}.${String(firstSeq).padStart(digits, '0')}.jsonl`
}

async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length)
  const { bytesRead } = await handle.read(target, 0, length, from)
  return target.subarray(0, bytesRead)
}

/** Seq and time of a line of ours; undefined for anything else. */
function placeIn(line: Buffer): Last | undefined {
  const [, seq, tsUs] = /^\{"seq":(\d+),.{0,200}?"event":\{"ts":(\d+),/.exec(line.toString('latin1', 0, 400)) ?? []
  return seq === undefined || tsUs === undefined ? undefined : { seq: Number(seq), tsUs: Number(tsUs) }
}

/** Where the last whole line ends, and what it is. A line is never longer than a record. */
async function findEnd(handle: FileHandle, size: number): Promise<{ readonly bytes: number; readonly last: Last | undefined }> {
  const from = Math.max(0, size - 2 * (limits.recordBytes + 1))
  const tail = await readAt(handle, from, size - from)
  const end = tail.lastIndexOf(lineFeed) + 1
  if (end === 0) return { bytes: from, last: undefined }
  const start = tail.lastIndexOf(lineFeed, end - 2) + 1
  return { bytes: from + end, last: placeIn(tail.subarray(start, end)) }
}

async function newestAside({ directory, category }: CategoryFileOptions): Promise<Last | undefined> {
  const [newest] = (await asides(directory, category)).reverse()
  if (newest === undefined) return undefined
  await using handle = await open(join(directory, newest), 'r')
  return (await findEnd(handle, (await handle.stat()).size)).last
}

/** Oldest first. */
async function asides(directory: string, category: Category): Promise<string[]> {
  const form = new RegExp(`^${category}\\.\\d{${digits}}\\.jsonl$`)
  return (await readdir(directory)).filter((name) => form.test(name)).sort()
}

async function openState(options: CategoryFileOptions): Promise<State> {
  const handle = await open(join(options.directory, categoryFileName(options.category)), 'a+', 0o600)
  try {
    const { size } = await handle.stat()
    const { bytes, last } = await findEnd(handle, size)
    if (bytes < size) await handle.truncate(bytes)
    const firstSeq = bytes === 0 ? undefined : placeIn(await readAt(handle, 0, 400))?.seq
    return { options, handle, bytes, firstSeq, last: last ?? (await newestAside(options)) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such call; there the file system's own journal has to do.
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

/** Puts the full file aside and begins the next. */
async function rotate(state: State): Promise<void> {
  const { directory, category, filesKept } = state.options
  const path = join(directory, categoryFileName(category))
  await state.handle.close()
  await rename(path, join(directory, categoryFileName(category, state.firstSeq ?? 0)))
  state.handle = await open(path, 'a+', 0o600)
  state.bytes = 0
  state.firstSeq = undefined
  const old = await asides(directory, category)
  for (const name of old.slice(0, Math.max(0, old.length - filesKept))) await unlink(join(directory, name))
}

/** Numbers begin again when a data folder was emptied; times do not. */
function isThere({ last }: State, { seq, tsUs }: EventRecord): boolean {
  return last !== undefined && seq <= last.seq && tsUs <= last.tsUs
}

async function writeLines(state: State, records: readonly EventRecord[]): Promise<void> {
  const [first] = records
  const last = records.at(-1)
  if (first === undefined || last === undefined) return
  const isNew = state.firstSeq === undefined
  const bytes = Buffer.concat(records.flatMap((record) => [record.bytes, lineFeed]))
  await state.handle.appendFile(bytes)
  await state.handle.datasync()
  if (isNew) await syncFolder(state.options.directory)
  state.firstSeq ??= first.seq
  state.bytes += bytes.length
  state.last = last
}

async function append(state: State, records: readonly EventRecord[]): Promise<void> {
  let together: EventRecord[] = []
  let bytes = state.bytes
  for (const record of records) {
    if (isThere(state, record)) continue
    if (bytes > 0 && bytes + record.bytes.length + 1 > state.options.fileBytes) {
      await writeLines(state, together)
      await rotate(state)
      together = []
      bytes = 0
    }
    together.push(record)
    bytes += record.bytes.length + 1
  }
  await writeLines(state, together)
}

/** Opens or makes the file of a category in a folder that is there. */
export async function openCategoryFile(options: CategoryFileOptions): Promise<CategoryFile> {
  const state = await openState(options)
  return { append: (records) => append(state, records), close: () => state.handle.close() }
}
