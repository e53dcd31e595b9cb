// What every FileSystem must do, as tests: run by each implementation's own test file.
import { expect, test } from 'vitest'
import { codeOf, type FileSystem, readBytes } from '../files.ts'

/** A file system and an existing, empty folder in it. */
export interface Ground {
  readonly files: FileSystem
  readonly folder: string
}

const text = (content: string): Uint8Array => Buffer.from(content)

async function codeFrom(running: Promise<unknown>): Promise<string | undefined> {
  return running.then(
    () => 'no error',
    (error: unknown) => codeOf(error),
  )
}

async function contentOf({ files }: Ground, path: string): Promise<string> {
  const file = await files.open(path, 'read')
  try {
    return (await readBytes(file, 0, await file.size())).toString()
  } finally {
    await file.close()
  }
}

async function writeFile({ files }: Ground, path: string, chunks: readonly string[]): Promise<void> {
  const file = await files.open(path, 'write')
  await file.write(chunks.map(text), 0)
  await file.sync()
  await file.close()
}

/** Declares the tests; `prepare` makes new ground for each. */
export function testFileSystem(name: string, prepare: () => Promise<Ground>): void {
  test(`${name}: a new file is empty, holds what is written, and is listed`, async () => {
    const ground = await prepare()
    await writeFile(ground, `${ground.folder}/a`, ['one ', 'two'])
    await ground.files.syncFolder(ground.folder)
    expect([await contentOf(ground, `${ground.folder}/a`), await ground.files.list(ground.folder)]).toEqual(['one two', ['a']])
  })

  test(`${name}: opening to write keeps what is there`, async () => {
    const ground = await prepare()
    await writeFile(ground, `${ground.folder}/a`, ['abcdef'])
    const file = await ground.files.open(`${ground.folder}/a`, 'write')
    await file.write([text('XY')], 2)
    const read = await readBytes(file, 1, 4)
    await file.close()
    expect([read.toString(), await contentOf(ground, `${ground.folder}/a`)]).toEqual(['bXYe', 'abXYef'])
  })

  test(`${name}: many chunks are written one after the other`, async () => {
    const ground = await prepare()
    const chunks = Array.from({ length: 3000 }, (_, index) => `${index},`)
    await writeFile(ground, `${ground.folder}/a`, chunks)
    expect(await contentOf(ground, `${ground.folder}/a`)).toBe(chunks.join(''))
  })

  test(`${name}: reading over the end gives what there is`, async () => {
    const ground = await prepare()
    await writeFile(ground, `${ground.folder}/a`, ['abc'])
    const file = await ground.files.open(`${ground.folder}/a`, 'read')
    const counts = [await file.read(new Uint8Array(9), 1), await file.read(new Uint8Array(9), 7)]
    await file.close()
    expect(counts).toEqual([2, 0])
  })

  test(`${name}: writing behind the end fills with zeros, truncating cuts`, async () => {
    const ground = await prepare()
    const file = await ground.files.open(`${ground.folder}/a`, 'write')
    await file.write([text('abc')], 2)
    await file.truncate(4)
    const content = [...(await readBytes(file, 0, 9))]
    const size = await file.size()
    await file.close()
    expect([content, size]).toEqual([[0, 0, 97, 98], 4])
  })

  test(`${name}: a removed file is gone, and can still be read by who has it open`, async () => {
    const ground = await prepare()
    await writeFile(ground, `${ground.folder}/a`, ['abc'])
    const file = await ground.files.open(`${ground.folder}/a`, 'read')
    await ground.files.remove(`${ground.folder}/a`)
    const read = await readBytes(file, 0, 3)
    await file.close()
    expect([read.toString(), await ground.files.list(ground.folder)]).toEqual(['abc', []])
  })

  test(`${name}: what is not there is ENOENT`, async () => {
    const { files, folder } = await prepare()
    const codes = [
      await codeFrom(files.open(`${folder}/none`, 'read')),
      await codeFrom(files.open(`${folder}/none/none`, 'write')),
      await codeFrom(files.remove(`${folder}/none`)),
      await codeFrom(files.list(`${folder}/none`)),
      await codeFrom(files.lock(`${folder}/none`)),
    ]
    expect(codes).toEqual(['ENOENT', 'ENOENT', 'ENOENT', 'ENOENT', 'ENOENT'])
  })

  test(`${name}: folders are made with those above them, and again without harm`, async () => {
    const ground = await prepare()
    const path = `${ground.folder}/one/two`
    await ground.files.createFolder(path)
    await ground.files.createFolder(path)
    await writeFile(ground, `${path}/a`, ['abc'])
    expect(await ground.files.list(path)).toEqual(['a'])
  })

  test(`${name}: a folder has one holder at a time`, async () => {
    const { files, folder } = await prepare()
    await files.createFolder(`${folder}/other`)
    const first = await files.lock(folder)
    const second = await files.lock(folder)
    const other = await files.lock(`${folder}/other`)
    await first?.release()
    await first?.release()
    const third = await files.lock(folder)
    const taken = [first, second, other, third].map((lock) => lock !== undefined)
    await third?.release()
    await other?.release()
    expect(taken).toEqual([true, false, true, true])
  })
}
