import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from './checkpoint.ts'
import { makeFolder } from './testing/log.ts'

test('a place that was saved is found by the next run, in a folder that need not exist', async () => {
  await using folder = await makeFolder()
  const path = join(folder.path, 'checkpoints', 's2.json')
  const first = await openCheckpoint(path)
  await first.save({ destination: 's2://basin/stream', seq: 41 })
  await first.save({ destination: 's2://basin/stream', seq: 42 })
  const { found, damage } = await openCheckpoint(path)
  expect({ first: first.found, found, damage }).toEqual({
    first: undefined,
    found: { destination: 's2://basin/stream', seq: 42 },
    damage: undefined,
  })
  expect(await readdir(join(folder.path, 'checkpoints'))).toEqual(['s2.json'])
})

test('a crash while a place is written beside leaves the old one in force', async () => {
  await using folder = await makeFolder()
  const path = join(folder.path, 's2.json')
  await (await openCheckpoint(path)).save({ destination: 'there', seq: 7 })
  await writeFile(`${path}.new`, '{"version":1,"destin')
  const again = await openCheckpoint(path)
  await again.save({ destination: 'there', seq: 8 })
  expect({ found: again.found, now: JSON.parse(await readFile(path, 'utf8')) }).toEqual({
    found: { destination: 'there', seq: 7 },
    now: { version: 1, destination: 'there', seq: 8 },
  })
})

test.each(['', '{', '[]', '{"version":2,"destination":"x","seq":1}', '{"version":1,"destination":"x","seq":-1}'])(
  'a file with %j is no checkpoint, says so, and is written over',
  async (text) => {
    await using folder = await makeFolder()
    const path = join(folder.path, 's2.json')
    await writeFile(path, text)
    const { found, damage, save } = await openCheckpoint(path)
    expect({ found, damage }).toEqual({ found: undefined, damage: `${path} is not a checkpoint of this release` })
    await save({ destination: 'there', seq: 1 })
    expect((await openCheckpoint(path)).found).toEqual({ destination: 'there', seq: 1 })
  },
)
