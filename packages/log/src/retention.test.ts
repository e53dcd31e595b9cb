// What goes when space or age run out, and what readers are told.
import { expect, test } from 'vitest'
import { readAll } from './testing/drafts.ts'
import { createWorld, fill } from './testing/world.ts'

// Two records to a segment, about 900 bytes each segment.
const limits = { segmentBytes: 1, ringRecords: 1 }

test('above the allowed bytes the oldest segments go, with both their files', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { ...limits, retentionBytes: 2_000 } })
  await fill(log, 10, 2)
  await log.close()
  expect([[...(await world.files.list('/data/segments'))].sort(), log.oldestSeq]).toEqual([
    [5, 7, 9].flatMap((seq) => [`000000000000000${seq}.index`, `000000000000000${seq}.jsonl`]),
    5,
  ])
})

test('segments whose newest event is too old go at the next look', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { ...limits, retentionMs: 10_000, retentionCheckMs: 12_000 } })
  await fill(log, 4, 2)
  world.clock.advance(8_000)
  await fill(log, 2)
  const before = log.oldestSeq
  world.clock.advance(4_000)
  await log.close()
  expect([before, log.oldestSeq]).toEqual([1, 5])
})

test('events that come seldom go at their age too: a segment is closed after an eighth of it', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { retentionMs: 80_000, retentionCheckMs: 10_000 } })
  for (let event = 0; event < 30; event++) {
    await fill(log, 1)
    world.clock.advance(5_000)
  }
  await fill(log, 1)
  await log.close()
  // 150 s have passed: event 15 is 80 s old.
  expect([log.seq, log.oldestSeq]).toEqual([31, 15])
})

test('where little space is allowed, segments are small enough to keep to it', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { retentionBytes: 20_000, ringRecords: 1 } })
  await fill(log, 200, 2)
  await log.close()
  const names = (await world.files.list('/data/segments')).filter((name) => name.endsWith('.jsonl'))
  const bytes = names.map((name) => world.files.content(`/data/segments/${name}`)?.length ?? 0).reduce((sum, size) => sum + size, 0)
  expect([bytes > 15_000 && bytes < 25_000, log.oldestSeq > 1]).toEqual([true, true])
})

test('the newest segment stays, whatever its age: numbers and times go on from it', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { ...limits, retentionMs: 10_000, retentionCheckMs: 12_000 } })
  await fill(log, 2)
  world.clock.advance(24_000)
  await log.close()
  expect([log.oldestSeq, (await world.files.list('/data/segments')).length]).toEqual([1, 2])
})

test('a reader whose records were removed is told evicted, or slow when it had been there in time', async () => {
  const world = createWorld()
  await using log = await world.open({ limits: { ...limits, retentionBytes: 2_000 } })
  await fill(log, 2)
  await using slow = log.reader({ from: { at: 'oldest' } })
  await fill(log, 8, 2)
  await log.close()
  await using late = log.reader({ from: { at: 'after', seq: 2 } })
  expect([await readAll(slow), await readAll(late), log.droppedEvents]).toEqual([
    ['gap 1..4 slow', 5, 6, 7, 8, 9, 10],
    ['gap 3..4 evicted', 5, 6, 7, 8, 9, 10],
    4,
  ])
})

test('what was removed is remembered as evicted across a crash', async () => {
  const world = createWorld()
  const log = await world.open({ limits: { ...limits, retentionBytes: 2_000, reservedNumbers: 100 } })
  await fill(log, 10, 2)
  await log.close()
  await using again = await world.open({ limits: { ...limits, retentionBytes: 2_000, reservedNumbers: 100 } })
  await using reader = again.reader({ from: { at: 'after', seq: 1 } })
  // One segment more than before: the newest one counts in full now.
  expect(await readAll(reader)).toEqual(['gap 2..6 evicted', 7, 8, 9, 10])
})

test('segments that a sink still needs stay, until they alone take twice the space', async () => {
  const world = createWorld()
  let neededSeq = 3
  await using log = await world.open({ limits: { ...limits, retentionBytes: 2_000 }, protect: () => neededSeq })
  await fill(log, 8, 2)
  const whileNeeded = log.oldestSeq
  await fill(log, 6, 2)
  const overTwice = log.oldestSeq
  neededSeq = 13
  await fill(log, 2)
  await log.close()
  expect([whileNeeded, overTwice > 3, log.oldestSeq > overTwice]).toEqual([3, true, true])
  expect(world.troubles[0]).toEqual({ kind: 'protected_removed', from: 3, to: 4 })
})

test('a segment that cannot be removed is told, and removed by the next start', async () => {
  const world = createWorld()
  const stubborn = { ...world.files, remove: () => Promise.reject(Object.assign(new Error('busy'), { code: 'EBUSY' })) }
  const log = await world.open({ files: stubborn, limits: { ...limits, retentionBytes: 1_500 } })
  await fill(log, 6, 2)
  await log.close()
  const names = (await world.files.list('/data/segments')).length
  await using again = await world.open({ limits: { ...limits, retentionBytes: 1_500 } })
  expect([
    names,
    world.troubles.every(({ kind }) => kind === 'cleanup_failed'),
    again.recovered.removedFiles.length > 0,
    again.oldestSeq,
  ]).toEqual([6, true, true, 5])
})
