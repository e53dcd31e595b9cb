// A folder read from outside: beside its owner, after a crash, and when it is none.
import { expect, test } from 'vitest'
import { readHistory } from './history.ts'
import { openLogFolder } from './log-folder.ts'
import { consoleDraft, readAll, sessionId } from './testing/drafts.ts'
import { createWorld, fill, type World } from './testing/world.ts'

const signal = new AbortController().signal

function openBeside(world: World, onDamage: (file: string, message: string) => void = () => undefined): ReturnType<typeof openLogFolder> {
  return openLogFolder({ directory: '/data', files: world.files, onDamage })
}

async function tellOf(world: World): Promise<unknown> {
  const folder = await openBeside(world)
  await using reader = folder.reader({ from: { at: 'oldest' } })
  return await readAll(reader)
}

test('beside its owner a folder shows what is written, and changes nothing', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { segmentBytes: 1 } })
  await fill(log, 6, 2)
  log.append(consoleDraft('not written yet'), sessionId)
  const before = [...(await world.files.list('/data/segments'))].sort()
  const folder = await openBeside(world)
  const { records, nextOffset } = await readHistory(folder, { limit: 4, order: 'desc', signal })
  const after = [...(await world.files.list('/data/segments'))].sort()
  expect([folder.seq, folder.oldestSeq, records.map(({ seq }) => seq), nextOffset, await tellOf(world), after]).toEqual([
    6,
    1,
    [6, 5, 4, 3],
    3,
    [1, 2, 3, 4, 5, 6],
    before,
  ])
})

test('a batch that is just being written, or was when its owner was killed, is left out', async () => {
  const world = createWorld()
  await using log = await world.open()
  await fill(log, 2)
  await log.close()
  const file = '/data/segments/0000000000000001.jsonl'
  const [line = ''] = String(world.files.content(file)).split('\n')
  const further = `${line.replace('"seq":1,', '"seq":3,')}\n${line.replace('"seq":1,', '"seq":4,').slice(0, 100)}`
  world.files.corrupt(file, (content) => Buffer.concat([content, Buffer.from(further)]))
  expect(await tellOf(world)).toEqual([1, 2, 3])
})

test('what retention removed and what went with a crash are gaps', async () => {
  const world = createWorld()
  const limits = { segmentBytes: 1, ringRecords: 1, retentionBytes: 2_000, reservedNumbers: 100 }
  const log = await world.open({ limits })
  await fill(log, 10, 2)
  await log.close()
  // A stop that was none: the next run begins above the block.
  const crashed = await world.open({ limits })
  await fill(crashed, 2)
  const copy = await openBeside(world)
  await using reader = copy.reader({ from: { at: 'after', seq: 1 } })
  const told = await readAll(reader)
  await crashed.close()
  expect([copy.seq, copy.oldestSeq > 1, told[0], told.at(-1)]).toEqual([12, true, `gap 2..${copy.oldestSeq - 1} evicted`, 12])
})

test('a segment that its owner removes meanwhile is a gap', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { segmentBytes: 1 } })
  await fill(log, 6, 2)
  const damages: string[] = []
  const folder = await openBeside(world, (file) => damages.push(file))
  await world.files.remove('/data/segments/0000000000000003.jsonl')
  await using reader = folder.reader({ from: { at: 'oldest' } })
  expect([await readAll(reader), damages]).toEqual([[1, 2, 'gap 3..4 evicted', 5, 6], ['0000000000000003.index']])
})

test('at the end there is nothing to wait for', async () => {
  const world = createWorld()
  await using log = await world.open()
  await fill(log, 1)
  const folder = await openBeside(world)
  await using reader = folder.reader({ from: { at: 'now' } })
  await expect(reader.wait()).rejects.toMatchObject({ code: 'log_closed' })
})

test('an empty folder has no events; a folder that is none is an error that names it', async () => {
  const world = createWorld()
  await using _log = await world.open()
  const empty = await openBeside(world)
  expect([empty.seq, empty.oldestSeq]).toEqual([0, 1])
  await expect(openLogFolder({ directory: '/nowhere/at/all' })).rejects.toMatchObject({
    code: 'data_folder_missing',
    message: expect.stringMatching(/in \/nowhere\/at\/all: ENOENT.*--data/),
  })
})
