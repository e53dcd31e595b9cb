// Who may open a folder, and where its numbers go on, whatever became of the file that remembers them.
import { expect, test } from 'vitest'
import { checksumOf } from './checksum.ts'
import { createCrashFiles } from './testing/crash-files.ts'
import { readAll } from './testing/drafts.ts'
import { createRandom } from './testing/random.ts'
import { createWorld, fill, type World } from './testing/world.ts'

const limits = { reservedNumbers: 100 }

/** A folder with six records, its process stopped or killed. */
async function left(behind: 'stopped' | 'killed'): Promise<World> {
  const world = createWorld()
  const log = await world.open({ limits })
  await fill(log, 6, 2)
  if (behind === 'stopped') await log.close()
  return createWorld(world.files.survivors('kept', createRandom(1)))
}

test('a damaged newest slot cannot make numbers repeat', async () => {
  const world = await left('stopped')
  // Generation 2, the clean stop, is in the first slot; without it only "reserved to 100" is left.
  world.files.corrupt('/data/sequence', (content) => content.fill(7, 100, 110))
  await using log = await world.open({ limits })
  expect(log.seq).toBeGreaterThanOrEqual(100)
})

test('without its number file a folder goes on above everything that can have been given', async () => {
  const world = await left('killed')
  await world.files.remove('/data/sequence')
  await using log = await world.open({ limits })
  await using reader = log.reader({ from: { at: 'oldest' } })
  expect([log.seq, await readAll(reader)]).toEqual([206, [1, 2, 3, 4, 5, 6, 'gap 7..206 restart']])
})

test('a folder of a newer release is refused and left as it is', async () => {
  const world = await left('stopped')
  const newer = '{"version":2,"generation":9}'
  const checksum = checksumOf([Buffer.from(newer)])
    .toString(16)
    .padStart(8, '0')
  world.files.corrupt('/data/sequence', (content) => {
    content.write(`${`${newer} ${checksum}`.padEnd(511)}\n`, 0)
    return content
  })
  const before = world.files.content('/data/sequence')
  await expect(world.open({ limits })).rejects.toMatchObject({ code: 'data_folder_newer', detail: { directory: '/data', version: 2 } })
  expect(world.files.content('/data/sequence')).toEqual(before)
})

test('a second log on the same folder is refused with the name of the folder', async () => {
  const world = createWorld()
  await using log = await world.open({ limits })
  await expect(world.open({ limits })).rejects.toMatchObject({ code: 'data_folder_locked', detail: { directory: '/data' } })
  await log.close()
  await using again = await world.open({ limits })
  expect(again.seq).toBe(0)
})

test('a folder that cannot be written is refused with the reason, and is free again', async () => {
  const world = createWorld(createCrashFiles())
  world.files.refuseWrites('EROFS')
  await expect(world.open({ limits })).rejects.toMatchObject({
    code: 'data_folder_not_writable',
    detail: { directory: '/data', reason: 'EROFS: refused by the test' },
  })
  world.files.refuseWrites(undefined)
  await using log = await world.open({ limits })
  expect(log.seq).toBe(0)
})

test('times do not go back across a restart', async () => {
  const world = createWorld()
  world.clock.moveTo(1000)
  const log = await world.open({ limits })
  await fill(log, 1)
  await log.close()
  const earlier = createWorld(world.files.survivors('kept', createRandom(1)))
  await using again = await earlier.open({ limits })
  await fill(again, 1)
  const record = again.readLive(1, 1)?.[0]
  expect(record?.tsUs).toBe(earlier.clock.wallUs() + 1_000_000)
})
