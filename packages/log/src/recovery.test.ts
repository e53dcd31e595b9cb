// Opening a folder in every state that a crash, a rotting disk or a curious person can leave it in.
import { expect, test } from 'vitest'
import type { EventLog } from './event-log.ts'
import { nothingRecovered } from './recovery.ts'
import { readAll } from './testing/drafts.ts'
import { createRandom } from './testing/random.ts'
import { createWorld, fill, type World } from './testing/world.ts'

const first = '/data/segments/0000000000000001'
const limits = { reservedNumbers: 100 }

async function readEverything(log: EventLog): Promise<unknown[]> {
  await using reader = log.reader({ from: { at: 'oldest' } })
  return await readAll(reader)
}

/** A folder with one segment of three batches of two records, its process killed. */
async function killed(): Promise<World> {
  const world = createWorld()
  await fill(await world.open({ limits }), 6, 2)
  return createWorld(world.files.survivors('kept', createRandom(1)))
}

/** The same after a clean stop. */
async function stopped(): Promise<World> {
  const world = createWorld()
  const log = await world.open({ limits })
  await fill(log, 6, 2)
  await log.close()
  return createWorld(world.files.survivors('kept', createRandom(1)))
}

function lineEnds(content: Buffer): number[] {
  return [...content.entries()].flatMap(([position, byte]) => (byte === 10 ? [position + 1] : []))
}

test('a new folder is made, and nothing was to be recovered', async () => {
  const world = createWorld()
  await using log = await world.open({ limits })
  expect([log.seq, log.oldestSeq, log.durableSeq, log.recovered]).toEqual([0, 1, 0, nothingRecovered])
})

test('after a clean stop numbers go on without a hole', async () => {
  const world = await stopped()
  await using log = await world.open({ limits })
  await fill(log, 1)
  expect([log.recovered, await readEverything(log)]).toEqual([{ ...nothingRecovered, segments: 1 }, [1, 2, 3, 4, 5, 6, 7]])
})

test('after a crash numbers go on above the reserved block, and the hole is a gap that says restart', async () => {
  const world = await killed()
  await using log = await world.open({ limits })
  await using inHole = log.reader({ from: { at: 'after', seq: 40 } })
  const toldBefore = await readAll(inHole)
  await fill(log, 1)
  expect([log.recovered.hole, log.recovered.wasClean, toldBefore, await readAll(inHole), await readEverything(log)]).toEqual([
    { from: 7, to: 100 },
    false,
    ['gap 41..100 restart'],
    [101],
    [1, 2, 3, 4, 5, 6, 'gap 7..100 restart', 101],
  ])
})

test('a hole is told by the reason it has, also after more restarts', async () => {
  const world = await killed()
  const second = await world.open({ limits })
  await fill(second, 1)
  await second.close()
  await using third = await world.open({ limits })
  await fill(third, 1)
  expect(await readEverything(third)).toEqual([1, 2, 3, 4, 5, 6, 'gap 7..100 restart', 101, 102])
})

test('a cursor above every number that was ever reserved begins now', async () => {
  const world = await killed()
  await using log = await world.open({ limits })
  await using reader = log.reader({ from: { at: 'after', seq: 101 } })
  await fill(log, 1)
  expect(await readAll(reader)).toEqual(['gap 102.. ahead', 101])
})

test('a torn last line is cut, and the report says where', async () => {
  const world = await killed()
  const whole = world.files.content(`${first}.jsonl`)?.length ?? 0
  world.files.corrupt(`${first}.jsonl`, (content) => Buffer.concat([content, Buffer.from('{"seq":7,"capture')]))
  await using log = await world.open({ limits })
  expect([log.recovered.cuts, world.files.content(`${first}.jsonl`)?.length, await readEverything(log)]).toEqual([
    [{ file: '0000000000000001.jsonl', fromByte: whole, bytes: 17 }],
    whole,
    [1, 2, 3, 4, 5, 6, 'gap 7..100 restart'],
  ])
})

test('whole lines behind the last index entry are kept: they were written before the crash', async () => {
  const world = await killed()
  world.files.corrupt(`${first}.index`, (content) => content.subarray(0, 24 + 56))
  await using log = await world.open({ limits })
  expect([log.recovered.rebuiltIndexes, log.recovered.cuts, await readEverything(log)]).toEqual([
    [{ file: '0000000000000001.index', problem: 'incomplete' }],
    [],
    [1, 2, 3, 4, 5, 6, 'gap 7..100 restart'],
  ])
})

test('a last batch that does not match its checksum is cut at its first bad line', async () => {
  const world = await killed()
  world.files.corrupt(`${first}.jsonl`, (content) => {
    content[(lineEnds(content)[4] ?? 0) + 30] = 0
    return content
  })
  await using log = await world.open({ limits })
  expect([log.recovered.cuts.map(({ file }) => file), await readEverything(log)]).toEqual([
    ['0000000000000001.jsonl'],
    [1, 2, 3, 4, 5, 'gap 6..100 restart'],
  ])
})

test('a damaged batch with good ones behind it costs only its bad lines', async () => {
  const world = await killed()
  world.files.corrupt(`${first}.jsonl`, (content) => {
    content[(lineEnds(content)[1] ?? 0) + 30] = 0
    return content
  })
  await using log = await world.open({ limits })
  expect([log.recovered.damagedBatches, log.recovered.cuts, await readEverything(log), world.troubles]).toEqual([
    1,
    [],
    [1, 2, 'gap 3..3 evicted', 4, 5, 6, 'gap 7..100 restart'],
    [{ kind: 'damaged', file: '0000000000000001.jsonl', message: 'the lines 3 to 4 do not match their checksum' }],
  ])
})

test.each([
  ['missing', undefined],
  ['damaged', (content: Buffer) => content.fill(7, 0, 4)],
] as const)('an index that is %s is made again from the lines', async (problem, damage) => {
  const world = await killed()
  if (damage === undefined) await world.files.remove(`${first}.index`)
  else world.files.corrupt(`${first}.index`, damage)
  const log = await world.open({ limits })
  const found = [log.recovered.rebuiltIndexes, await readEverything(log)]
  await log.close()
  await using again = await world.open({ limits })
  expect([...found, again.recovered]).toEqual([
    [{ file: '0000000000000001.index', problem }],
    [1, 2, 3, 4, 5, 6, 'gap 7..100 restart'],
    { ...nothingRecovered, segments: 1, hole: { from: 7, to: 100 } },
  ])
})

test('a bad line in a segment whose index is lost is left out, the lines behind it are kept', async () => {
  const world = await killed()
  await world.files.remove(`${first}.index`)
  world.files.corrupt(`${first}.jsonl`, (content) => {
    content[(lineEnds(content)[1] ?? 0) + 30] = 0
    return content
  })
  await using log = await world.open({ limits })
  expect(await readEverything(log)).toEqual([1, 2, 'gap 3..3 evicted', 4, 5, 6, 'gap 7..100 restart'])
})

test('an older segment with a bad line is trusted when the log opens, and costs a gap when it is read', async () => {
  const world = await stopped()
  const second = await world.open({ limits })
  await fill(second, 1)
  await second.close()
  world.files.corrupt(`${first}.jsonl`, (content) => {
    content[30] = 0
    return content
  })
  await using log = await world.open({ limits })
  expect([log.recovered, await readEverything(log), world.troubles.length]).toEqual([
    { ...nothingRecovered, segments: 2 },
    ['gap 1..1 evicted', 2, 3, 4, 5, 6, 7],
    1,
  ])
})

test('a segment without a good line and an index without a segment are removed, strange files are left alone', async () => {
  const world = await killed()
  for (const name of ['0000000000000090.jsonl', '0000000000000080.index', 'notes.txt']) {
    const file = await world.files.open(`/data/segments/${name}`, 'write')
    await file.write([Buffer.from('\0\0\0')], 0)
  }
  await using log = await world.open({ limits })
  expect([log.recovered.removedFiles, [...(await world.files.list('/data/segments'))].sort()]).toEqual([
    ['0000000000000090.jsonl', '0000000000000080.index'],
    ['0000000000000001.index', '0000000000000001.jsonl', 'notes.txt'],
  ])
})
