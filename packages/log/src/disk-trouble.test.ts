// A disk that is full, read-only, broken or slow: events go on from memory, it is said once, and it heals by itself.
import { expect, test } from 'vitest'
import { consoleDraft, readAll, sessionId } from './testing/drafts.ts'
import { createWorld, fill } from './testing/world.ts'

const sinceUs = 1_700_000_000_000_000

test.each([
  ['ENOSPC', 'disk_full'],
  ['EROFS', 'read_only'],
  ['EIO', 'write_failed'],
] as const)('on %s events go on from memory, it is told once as %s, and recovery brings the kept ones to disk', async (code, kind) => {
  const world = createWorld()
  await using log = await world.open()
  await fill(log, 2)
  world.files.refuseWrites(code)
  await using live = log.reader({ from: { at: 'now' } })
  await fill(log, 2)
  await fill(log, 2)
  const toldLive = await readAll(live)
  const durableMeanwhile = log.durableSeq
  world.files.refuseWrites(undefined)
  await log.flush()
  expect([toldLive, durableMeanwhile, log.durableSeq, log.droppedEvents, world.troubles]).toEqual([
    [3, 4, 5, 6],
    2,
    6,
    0,
    [
      { kind, sinceUs, message: `${code}: refused by the test` },
      { kind: 'recovered', sinceUs, lostCount: 0 },
    ],
  ])
  await log.close()
  await using again = await world.open()
  await using reader = again.reader({ from: { at: 'oldest' } })
  expect(await readAll(reader)).toEqual([1, 2, 3, 4, 5, 6])
})

test('a disk that takes only half a batch keeps no half lines', async () => {
  const world = createWorld()
  await using log = await world.open()
  await fill(log, 2)
  const before = world.files.content('/data/segments/0000000000000001.jsonl')?.toString()
  world.files.setSpace(7_000)
  await fill(log, 20)
  const during = world.files.content('/data/segments/0000000000000001.jsonl')?.toString()
  world.files.setSpace(Number.POSITIVE_INFINITY)
  await log.flush()
  await using reader = log.reader({ from: { at: 'oldest' }, durableOnly: true })
  const told = await readAll(reader)
  expect([during, told, log.durableSeq]).toEqual([before, Array.from({ length: 22 }, (_, index) => index + 1), 22])
})

test('what the queue cannot hold is lost to the disk, counted, and a gap for who reads later', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { ringRecords: 4, queueBytes: 4_000 } })
  await fill(log, 2)
  await using before = log.reader({ from: { at: 'now' } })
  world.files.refuseWrites('ENOSPC')
  await fill(log, 1)
  await fill(log, 19)
  const lost = log.droppedEvents
  world.files.refuseWrites(undefined)
  await log.flush()
  const kept = Array.from({ length: 20 - lost }, (_, index) => 3 + lost + index)
  await using later = log.reader({ from: { at: 'oldest' } })
  expect([await readAll(later), log.droppedEvents]).toEqual([[1, 2, `gap 3..${2 + lost} evicted`, ...kept], lost])
  expect(await readAll(before)).toEqual([`gap 3..${2 + lost} slow`, ...kept])
  expect([lost > 5 && lost < 20, world.troubles]).toEqual([
    true,
    [
      { kind: 'disk_full', sinceUs, message: 'ENOSPC: refused by the test' },
      { kind: 'recovered', sinceUs, lostCount: lost },
    ],
  ])
})

test('events that come faster than the disk takes them are lost to it in order of age, and that is told', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { ringRecords: 4, queueBytes: 4_000 } })
  await fill(log, 20)
  await using reader = log.reader({ from: { at: 'oldest' } })
  const told = await readAll(reader)
  const lost = log.droppedEvents
  expect([told, lost > 0, world.troubles]).toEqual([
    Array.from({ length: 20 - lost }, (_, index) => 1 + lost + index),
    true,
    [
      { kind: 'disk_behind', sinceUs, message: 'the disk is slower than the events come' },
      { kind: 'recovered', sinceUs, lostCount: lost },
    ],
  ])
})

test('what waits for the disk is told as what is in memory, however much was lost while a batch was being written', async () => {
  const world = createWorld()
  const limits = { ringRecords: 4, ringBytes: 4_000, queueBytes: 4_000, batchMostBytes: 1_000 }
  await using log = await world.open({ limits })
  const waiting = (): number => log.held().find(({ part }) => part === 'waiting_for_disk')?.value ?? Number.NaN
  await fill(log, 1)
  const none = waiting()
  log.append(consoleDraft('written'), sessionId)
  const written = log.flush()
  for (let count = 0; count < 100; count++) log.append(consoleDraft('behind'), sessionId)
  const most = waiting()
  await written
  await log.flush()
  expect([none, most > 1_000 && most <= 5_000, waiting(), log.droppedEvents > 50]).toEqual([0, true, 0, true])
})

test('it is tried again by itself after a while', async () => {
  const world = createWorld()
  await using log = await world.open()
  world.files.refuseWrites('ENOSPC')
  await fill(log, 1)
  world.files.refuseWrites(undefined)
  const durable = new Promise<void>((resolve) => log.onDurable(resolve))
  world.clock.advance(1_000)
  await durable
  expect([log.durableSeq, world.troubles.map(({ kind }) => kind)]).toEqual([1, ['disk_full', 'recovered']])
})

test('a batch is written when its time has come, without anybody asking', async () => {
  const world = createWorld()
  await using log = await world.open()
  const durable = new Promise<void>((resolve) => log.onDurable(resolve))
  log.append(consoleDraft('x'), sessionId)
  world.clock.advance(49)
  const early = log.durableSeq
  world.clock.advance(1)
  await durable
  expect([early, log.durableSeq]).toEqual([0, 1])
})

test('a full batch is written without waiting for its time', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { batchBytes: 1_000 } })
  const durable = new Promise<void>((resolve) => log.onDurable(resolve))
  for (let count = 0; count < 5; count++) log.append(consoleDraft('x'), sessionId)
  await durable
  expect(log.durableSeq).toBe(5)
})

test('a reader of durable records sees nothing that is not on disk', async () => {
  const world = createWorld()
  await using log = await world.open()
  await using sink = log.reader({ from: { at: 'oldest' }, durableOnly: true })
  log.append(consoleDraft('x'), sessionId)
  const before = await readAll(sink)
  const waiting = sink.wait()
  await log.flush()
  await waiting
  expect([before, await readAll(sink)]).toEqual([[], [1]])
})

test('when the disk refuses to reserve numbers, readers wait rather than see a number that could come again', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { reservedNumbers: 10, retryMs: 100 } })
  world.files.refuseWrites('EROFS')
  await using live = log.reader({ from: { at: 'now' } })
  await fill(log, 14)
  const during = [await readAll(live), log.seq, log.readLive(9, 1e6)?.map((record) => record.seq)]
  world.clock.advance(100)
  await log.flush()
  world.files.refuseWrites(undefined)
  const woken = live.wait()
  world.clock.advance(100)
  await woken
  await log.flush()
  expect([during, await readAll(live), world.troubles.map(({ kind }) => kind)]).toEqual([
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 14, [10]],
    [11, 12, 13, 14],
    ['numbers_exhausted', 'read_only', 'recovered'],
  ])
})

test('no reader moves beyond the reserved numbers because events there were lost to the disk', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { reservedNumbers: 10, ringRecords: 4, queueBytes: 4_000 } })
  world.files.refuseWrites('EROFS')
  await fill(log, 30)
  await using live = log.reader({ from: { at: 'oldest' } })
  await using sink = log.reader({ from: { at: 'after', seq: 0 }, durableOnly: true })
  const toldLive = await readAll(live)
  const toldSink = await readAll(sink)
  world.files.refuseWrites(undefined)
  await log.flush()
  expect([toldLive, live.cursor, toldSink, sink.cursor, log.durableSeq]).toEqual([[], 10, [], 0, 30])
})

test('a stop on a broken disk ends, and the next start begins above everything that was given', async () => {
  const world = createWorld()
  const log = await world.open({ limits: { reservedNumbers: 100 } })
  await fill(log, 1)
  world.files.refuseWrites('EIO')
  await fill(log, 4)
  await log.close()
  world.files.refuseWrites(undefined)
  await using again = await world.open({ limits: { reservedNumbers: 100 } })
  await using reader = again.reader({ from: { at: 'oldest' } })
  expect([again.recovered.wasClean, await readAll(reader)]).toEqual([false, [1, 'gap 2..100 restart']])
})

test('a listener that throws stops neither the writing nor the stop', async () => {
  const world = createWorld()
  const warned = new Promise((resolve) => process.once('warning', resolve))
  const log = await world.open({
    onTrouble: () => {
      throw new Error('listener failed')
    },
  })
  world.files.refuseWrites('ENOSPC')
  await fill(log, 1)
  await log.close()
  expect(await warned).toMatchObject({ message: 'listener failed' })
})

test('lines that a failed flush left behind are not told twice after a crash', async () => {
  const world = createWorld()
  const log = await world.open()
  await fill(log, 2)
  // A copy of the lines that a retried batch brings: as if cutting them off had failed too.
  await fill(log, 2)
  const content = world.files.content('/data/segments/0000000000000001.jsonl') ?? Buffer.alloc(0)
  await log.close()
  const second = await world.open()
  await fill(second, 2)
  await second.close()
  const next = world.files.content('/data/segments/0000000000000005.jsonl') ?? Buffer.alloc(0)
  world.files.corrupt('/data/segments/0000000000000001.jsonl', () => Buffer.concat([content, next]))
  await using again = await world.open()
  await using reader = again.reader({ from: { at: 'oldest' } })
  expect([await readAll(reader), again.recovered.cuts]).toEqual([
    [1, 2, 3, 4, 5, 6],
    [{ file: '0000000000000001.jsonl', fromByte: content.length, bytes: next.length }],
  ])
})
