import { appendFile, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Category, createManualClock, type EventRecord, type ForeignDraft } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type CategoryFilesOptions, createCategoryFiles } from './category-files.ts'
import { append, makeFolder, openLog } from './testing/log.ts'
import { describeSink, type SinkWorld } from './testing/sink-suite.ts'

const forever = new AbortController().signal

async function seqsIn(folder: string, name: string): Promise<number[]> {
  const lines = (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line).seq)
}

/** All files of the folder and the numbers in them, in the order of their names; the file being written comes last of its category. */
async function contents(folder: string): Promise<Record<string, number[]>> {
  const key = (name: string): string => name.replace(/^([a-z]+)\.jsonl$/, '$1.~')
  const names = (await readdir(folder)).sort((one, other) => (key(one) < key(other) ? -1 : 1))
  const entries: [string, number[]][] = []
  for (const name of names) entries.push([name, await seqsIn(folder, name)])
  return Object.fromEntries(entries)
}

/** A file that is put aside between two looks is looked for again. */
async function arrivedIn(folder: string): Promise<number[]> {
  try {
    return Object.values(await contents(folder)).flat()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return arrivedIn(folder)
    throw error
  }
}

async function makeWorld(): Promise<SinkWorld> {
  const folder = await makeFolder()
  return {
    open: async () => createCategoryFiles({ directory: folder.path, fileBytes: 10_000, filesKept: 100 }),
    arrived: () => arrivedIn(folder.path),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

describeSink('of category files', { makeWorld, repeats: 'recognised', hasNetwork: false })

function draftOf(category: Category): () => ForeignDraft {
  return () => ({
    type: `${category}_thing`,
    category,
    detailLevel: 'standard',
    source: { kind: 'local_process' },
    data: { text: 'x'.repeat(100) },
  })
}

async function writeTo(options: CategoryFilesOptions, records: readonly EventRecord[]): Promise<void> {
  await using sink = createCategoryFiles(options)
  await sink.write({ records }, forever)
}

test('each category has its file, made with its first event, one envelope a line as it was published', async () => {
  await using folder = await makeFolder()
  await using log = await openLog()
  const records = [...append(log, 2, draftOf('console')), ...append(log, 1, draftOf('network')), ...append(log, 1, draftOf('console'))]
  await writeTo({ directory: join(folder.path, 'made', 'for it') }, records)
  const network = await readFile(join(folder.path, 'made', 'for it', 'network.jsonl'), 'utf8')
  expect(await contents(join(folder.path, 'made', 'for it'))).toEqual({ 'console.jsonl': [1, 2, 4], 'network.jsonl': [3] })
  expect(network).toBe(`${Buffer.from(records[2]?.bytes ?? []).toString()}\n`)
})

test('a full file is put aside under its first number, and only so many are kept', async () => {
  await using folder = await makeFolder()
  await using log = await openLog()
  const records = append(log, 20, draftOf('console'))
  // Three events fit a file.
  const fileBytes = 3.5 * (records[0]?.bytes.length ?? 0)
  await writeTo({ directory: folder.path, fileBytes, filesKept: 2 }, records)
  expect(await contents(folder.path)).toEqual({
    'console.0000000000000013.jsonl': [13, 14, 15],
    'console.0000000000000016.jsonl': [16, 17, 18],
    'console.jsonl': [19, 20],
  })
})

test('a line that a crash left unfinished is cut, and its batch is written whole', async () => {
  await using folder = await makeFolder()
  await using log = await openLog()
  const records = append(log, 4, draftOf('console'))
  await writeTo({ directory: folder.path }, records.slice(0, 2))
  await appendFile(join(folder.path, 'console.jsonl'), Buffer.from(records[2]?.bytes ?? []).subarray(0, 50))
  await writeTo({ directory: folder.path }, records.slice(1))
  expect(await contents(folder.path)).toEqual({ 'console.jsonl': [1, 2, 3, 4] })
})

test('a batch that comes again right after a file was put aside is not written again', async () => {
  await using folder = await makeFolder()
  await using log = await openLog()
  const records = append(log, 3, draftOf('console'))
  const options = { directory: folder.path, fileBytes: 2.5 * (records[0]?.bytes.length ?? 0) }
  await writeTo(options, records.slice(0, 2))
  await writeTo(options, records)
  await writeTo(options, records.slice(0, 2))
  expect(await contents(folder.path)).toEqual({ 'console.0000000000000001.jsonl': [1, 2], 'console.jsonl': [3] })
})

test('events of a data folder that began again at 1 are new events', async () => {
  await using folder = await makeFolder()
  const clock = createManualClock()
  await using first = await openLog({ clock })
  await writeTo({ directory: folder.path }, append(first, 3, draftOf('console')))
  clock.advance(1)
  await using second = await openLog({ clock })
  await writeTo({ directory: folder.path }, append(second, 2, draftOf('console')))
  expect(await contents(folder.path)).toEqual({ 'console.jsonl': [1, 2, 3, 1, 2] })
})

test('what somebody else wrote at the end of a file is left there, and the next event is written', async () => {
  await using folder = await makeFolder()
  await using log = await openLog()
  const records = append(log, 2, draftOf('console'))
  await writeTo({ directory: folder.path }, records.slice(0, 1))
  await appendFile(join(folder.path, 'console.jsonl'), 'a note\n')
  await writeTo({ directory: folder.path }, records.slice(1))
  const lines = (await readFile(join(folder.path, 'console.jsonl'), 'utf8')).split('\n')
  expect(lines.map((line) => (line.startsWith('{') ? JSON.parse(line).seq : line))).toEqual([1, 'a note', 2, ''])
})

test('files and folder are for this user alone', async () => {
  await using folder = await makeFolder()
  await using log = await openLog()
  await writeTo({ directory: join(folder.path, 'new') }, append(log, 1, draftOf('page')))
  const modes = [await stat(join(folder.path, 'new')), await stat(join(folder.path, 'new', 'page.jsonl'))].map(({ mode }) => mode & 0o777)
  expect(modes).toEqual([0o700, 0o600])
})

test('a folder that cannot be written rejects, and the batch is there once it can', async () => {
  await using folder = await makeFolder()
  await using log = await openLog()
  const records = append(log, 2, draftOf('console'))
  const taken = join(folder.path, 'taken')
  await appendFile(taken, '')
  await using sink = createCategoryFiles({ directory: join(taken, 'below') })
  await expect(sink.write({ records }, forever)).rejects.toThrow(/ENOTDIR|EEXIST/)
  await rm(taken)
  await sink.write({ records }, forever)
  expect(await contents(join(taken, 'below'))).toEqual({ 'console.jsonl': [1, 2] })
})
