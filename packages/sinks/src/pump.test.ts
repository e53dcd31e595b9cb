import { join } from 'node:path'
import { createManualClock, limits, systemClock, TelemetryError } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type Checkpoint, createForgetfulCheckpoint, openCheckpoint, type Place } from './checkpoint.ts'
import { startPump } from './pump.ts'
import type { PumpOptions } from './pump-state.ts'
import type { SinkTrouble } from './sink-trouble.ts'
import { createListSink, type ListSink } from './testing/list-sink.ts'
import { append, captureSessionId, consoleDraft, makeFolder, openLog, seqsOf } from './testing/log.ts'
import { settle } from './testing/turns.ts'

function found(seq: number, destination = 'list:1'): Checkpoint {
  return { ...createForgetfulCheckpoint(), found: { destination, seq } }
}

function options(given: Pick<PumpOptions, 'log' | 'sink'> & Partial<PumpOptions>): PumpOptions {
  return { checkpoint: createForgetfulCheckpoint(), clock: systemClock, ...given }
}

test('a pump carries what is there and what comes, each once and in order', async () => {
  await using log = await openLog()
  const sink = createListSink()
  const records = append(log, 3)
  await using pump = startPump(options({ log, sink }))
  await sink.until(({ arrived }) => arrived.length === 3)
  records.push(...append(log, 2500))
  await sink.until(({ arrived }) => arrived.length === 2503)
  expect(sink.arrived).toEqual(seqsOf(records))
  expect(Math.max(...sink.sizes)).toBe(limits.sinkBatchMostRecords)
  await pump.close()
  expect(pump.state()).toMatchObject({ phase: 'closed', doneSeq: 2503, lagEvents: 0, lagMs: 0, written: 2503, retries: 0, lost: 0 })
})

test('a lonely event waits for others as long as a batch may, a full batch does not wait', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  const sink = createListSink()
  await using pump = startPump(options({ log, sink, clock }))
  append(log, 1)
  await settle()
  clock.advance(limits.sinkBatchAgeMs - 1)
  await settle()
  expect(sink.sizes).toEqual([])
  clock.advance(1)
  await settle()
  expect(sink.sizes).toEqual([1])
  append(log, limits.sinkBatchRecords)
  await settle()
  expect(sink.sizes).toEqual([1, limits.sinkBatchRecords])
  await pump.close()
})

test('a batch is as large as its bytes allow, and one larger event goes alone', async () => {
  await using log = await openLog()
  const sink = createListSink()
  for (const bytes of [400, 400, 5000, 400]) log.append(consoleDraft('x'.repeat(bytes)), captureSessionId)
  await using pump = startPump(options({ log, sink, bounds: { mostBytes: 1500 } }))
  await sink.until(({ arrived }) => arrived.length === 4)
  expect(sink.sizes).toEqual([2, 1, 1])
  await pump.close()
})

test('a batch that failed comes again after a wait that grows, and nothing behind it overtakes it', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  const sink = createListSink()
  sink.behave({ at: 'fails', error: new Error('no route'), taken: false })
  await using pump = startPump(options({ log, sink, clock }))
  const records = append(log, limits.sinkBatchRecords)
  await settle()
  clock.advance(limits.sinkRetryFirstMs)
  await settle()
  records.push(...append(log, 10))
  expect({ attempts: sink.attempts, ...pump.state() }).toMatchObject({ attempts: 2, phase: 'retrying', retries: 2, lastError: 'no route' })
  sink.behave({ at: 'takes' })
  clock.advance(2 * limits.sinkRetryFirstMs)
  await settle()
  clock.advance(limits.sinkBatchAgeMs)
  await settle()
  expect(sink.arrived).toEqual(seqsOf(records))
  expect(pump.state()).toMatchObject({ phase: 'running', lastError: undefined, lagEvents: 0 })
  await pump.close()
})

test('a restart goes on after the checkpoint of the same destination', async () => {
  await using log = await openLog()
  append(log, 10)
  for (const [checkpoint, expected] of [
    [found(7), [8, 9, 10]],
    [found(7, 'list:2'), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [found(10), []],
  ] as const) {
    const sink = createListSink()
    await using pump = startPump(options({ log, sink, checkpoint }))
    await pump.close()
    expect(sink.arrived).toEqual(expected)
  }
})

test('a checkpoint above the newest event is of another log: everything is carried, and it is told', async () => {
  await using log = await openLog()
  append(log, 3)
  const troubles: SinkTrouble[] = []
  const sink = createListSink()
  await using pump = startPump(options({ log, sink, checkpoint: found(500), onTrouble: (trouble) => troubles.push(trouble) }))
  await pump.close()
  expect({ arrived: sink.arrived, kinds: troubles.map(({ kind }) => kind) }).toEqual({ arrived: [1, 2, 3], kinds: ['checkpoint'] })
})

test('a sink that knows its own place wins over the checkpoint; where it knows nothing the checkpoint counts', async () => {
  await using log = await openLog()
  append(log, 5)
  for (const [last, expected] of [
    [4, [5]],
    [0, [1, 2, 3, 4, 5]],
    [undefined, [3, 4, 5]],
  ] as const) {
    const sink = createListSink({ lastSeq: async () => last })
    await using pump = startPump(options({ log, sink, checkpoint: found(2) }))
    await pump.close()
    expect(sink.arrived).toEqual(expected)
  }
})

test('a sink that starts now gets nothing of before', async () => {
  await using log = await openLog()
  append(log, 5)
  const sink = createListSink()
  await using pump = startPump(options({ log, sink, start: 'now' }))
  append(log, 2)
  await pump.close()
  expect(sink.arrived).toEqual([6, 7])
})

test('a sink that starts now and takes nothing until the stop has everything since then after a restart', async () => {
  await using folder = await makeFolder()
  const path = join(folder.path, 'list.json')
  await using log = await openLog()
  append(log, 5)
  const open = async (sink: ListSink) => startPump(options({ log, sink, start: 'now', checkpoint: await openCheckpoint(path) }))
  {
    const away = createListSink()
    away.behave({ at: 'fails', error: new Error('no route'), taken: false })
    await using _pump = await open(away)
    append(log, 2)
  }
  append(log, 1)
  const back = createListSink()
  await using pump = await open(back)
  await pump.close()
  expect(back.arrived).toEqual([6, 7, 8])
})

test('the place is saved behind each batch, and a clean stop saves the last one', async () => {
  await using folder = await makeFolder()
  const path = join(folder.path, 'list.json')
  await using log = await openLog()
  append(log, 5)
  const sink = createListSink()
  await using pump = startPump(options({ log, sink, checkpoint: await openCheckpoint(path) }))
  await pump.close()
  expect((await openCheckpoint(path)).found).toEqual({ destination: 'list:1', seq: 5 })
})

test('a place that cannot be saved is told once and stops nothing', async () => {
  await using log = await openLog()
  const troubles: SinkTrouble[] = []
  const places: Place[] = []
  const checkpoint: Checkpoint = {
    ...createForgetfulCheckpoint(),
    save: async (place) => {
      places.push(place)
      throw new Error('disk full')
    },
  }
  const sink = createListSink()
  await using pump = startPump(options({ log, sink, checkpoint, onTrouble: (trouble) => troubles.push(trouble) }))
  append(log, 60)
  await sink.until(({ arrived }) => arrived.length === 60)
  append(log, 60)
  await sink.until(({ arrived }) => arrived.length === 120)
  await pump.close()
  expect(places.at(-1)).toEqual({ destination: 'list:1', seq: 120 })
  expect(troubles).toEqual([{ kind: 'checkpoint', message: 'disk full' }])
})

test('a filter leaves out what the sink is not for, and the place moves past it', async () => {
  await using log = await openLog()
  append(log, 5)
  const sink = createListSink()
  await using pump = startPump(options({ log, sink, filter: { categories: new Set(['network'] as const) } }))
  await pump.close()
  expect({ arrived: sink.arrived, ...pump.state() }).toMatchObject({ arrived: [], doneSeq: 5, lagEvents: 0 })
})

test('events that retention took before the sink had them are counted and told', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock, limits: { ringRecords: 10 } })
  const troubles: SinkTrouble[] = []
  const sink = createListSink()
  sink.behave({ at: 'silent' })
  await using pump = startPump(
    options({ log, sink, clock, bounds: { records: 1, mostRecords: 1 }, onTrouble: (trouble) => troubles.push(trouble) }),
  )
  append(log, 1)
  await sink.until(({ attempts }) => attempts === 1)
  append(log, 1)
  await settle()
  append(log, 30)
  sink.behave({ at: 'takes' })
  await sink.until(({ arrived }) => arrived.at(-1) === 32)
  await pump.close()
  expect(sink.arrived).toEqual([1, 2, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32])
  expect(troubles).toEqual([{ kind: 'lost', from: 3, to: 22, count: 20 }])
  expect(pump.state()).toMatchObject({ written: 12, lost: 20, lagEvents: 0 })
})

test('what retention takes while a sink is away is counted as it happens, and told once, when it is back', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock, limits: { ringRecords: 10 } })
  const troubles: SinkTrouble[] = []
  const sink = createListSink()
  sink.behave({ at: 'fails', error: new Error('no route'), taken: false })
  await using pump = startPump(
    options({ log, sink, clock, bounds: { records: 1, mostRecords: 1 }, onTrouble: (trouble) => troubles.push(trouble) }),
  )
  // One is written and two are read: what comes then stays in the log.
  append(log, 3)
  await settle()
  const counts: number[] = []
  for (let round = 0; round < 3; round++) {
    append(log, 20)
    clock.advance(limits.sinkRetryMostMs)
    await settle()
    counts.push(pump.state().lost)
  }
  const toldBefore = troubles.filter(({ kind }) => kind === 'lost')
  sink.behave({ at: 'takes' })
  clock.advance(limits.sinkRetryMostMs)
  await settle(50)
  expect([counts, toldBefore, troubles.filter(({ kind }) => kind === 'lost'), pump.state().lost, sink.arrived]).toEqual([
    [10, 30, 50],
    [],
    [{ kind: 'lost', from: 4, to: 53, count: 50 }],
    50,
    [1, 2, 3, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63],
  ])
  await pump.close()
})

test('what a sink refuses for good is counted and not sent again', async () => {
  await using log = await openLog()
  const troubles: SinkTrouble[] = []
  append(log, 4)
  const sink = createListSink({ poison: new Set([2]) })
  await using pump = startPump(options({ log, sink, onTrouble: (trouble) => troubles.push(trouble) }))
  await pump.close()
  expect({ arrived: sink.arrived, ...pump.state() }).toMatchObject({ arrived: [1, 3, 4], written: 3, refused: 1, doneSeq: 4 })
  expect(troubles).toEqual([{ kind: 'refused', count: 1 }])
})

test('a sink that is away for long is told as behind, and as recovered when it has everything', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  const troubles: SinkTrouble[] = []
  const sink = createListSink()
  sink.behave({ at: 'fails', error: new Error('no route'), taken: false })
  await using pump = startPump(options({ log, sink, clock, onTrouble: (trouble) => troubles.push(trouble) }))
  const sinceUs = clock.wallUs()
  append(log, limits.sinkBatchRecords)
  for (let waitedMs = 0; waitedMs < limits.sinkBehindMs; waitedMs += 1000) {
    await settle(5)
    clock.advance(1000)
  }
  expect(pump.state()).toMatchObject({ isBehind: true, lagEvents: 50, lagMs: limits.sinkBehindMs })
  sink.behave({ at: 'takes' })
  clock.advance(limits.sinkRetryMostMs)
  await settle()
  expect(pump.state()).toMatchObject({ isBehind: false, lagEvents: 0, lagMs: 0 })
  expect(troubles).toEqual([
    { kind: 'behind', sinceUs, lagEvents: 50, message: 'no route' },
    { kind: 'recovered', sinceUs },
  ])
  await pump.close()
  expect(clock.pendingTimers()).toBe(0)
})

test('a sink whose place cannot be asked is behind too when events wait for it', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  const troubles: SinkTrouble[] = []
  const sink = createListSink({ lastSeq: () => Promise.reject(new Error('no route')) })
  await using pump = startPump(options({ log, sink, clock, onTrouble: (trouble) => troubles.push(trouble) }))
  append(log, 2)
  for (let waitedMs = 0; waitedMs <= limits.sinkBehindMs + limits.sinkRetryMostMs; waitedMs += 1000) {
    await settle(5)
    clock.advance(1000)
  }
  expect(troubles).toMatchObject([{ kind: 'behind', lagEvents: 2, message: 'no route' }])
  await pump.close()
})

test('a conflict stops the pump for good: it is told, nothing is written, and retention need not wait for it', async () => {
  await using log = await openLog()
  const troubles: SinkTrouble[] = []
  const sink = createListSink()
  const conflict = new TelemetryError('sink_conflict', { name: 'list', destination: 'list:1', problem: 'other events', remedy: 'Look.' })
  sink.behave({ at: 'fails', error: conflict, taken: false })
  await using pump = startPump(options({ log, sink, onTrouble: (trouble) => troubles.push(trouble) }))
  append(log, limits.sinkBatchRecords)
  await sink.until(({ attempts }) => attempts === 1)
  await settle()
  expect({ ...pump.state(), needed: pump.neededSeq() }).toMatchObject({ phase: 'stopped', lagEvents: 50, needed: undefined })
  expect(troubles).toEqual([{ kind: 'stopped', message: 'The sink list stopped: other events at list:1. Look.' }])
  await pump.close()
  expect(sink.attempts).toBe(1)
})

test('what the sink still needs is protected from the first moment, by the checkpoint before it was asked', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  append(log, 10)
  const sink = createListSink({ lastSeq: () => Promise.reject(new Error('no route')) })
  await using pump = startPump(options({ log, sink, clock, checkpoint: found(6) }))
  expect(pump.neededSeq()).toBe(7)
  await pump.close()
  await using other = startPump(options({ log, sink, clock }))
  expect(other.neededSeq()).toBe(1)
  await other.close()
})

test('a close while the sink is silent ends at the deadline', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  const sink = createListSink()
  sink.behave({ at: 'silent' })
  await using pump = startPump(options({ log, sink, clock }))
  append(log, limits.sinkBatchRecords)
  await sink.until(({ attempts }) => attempts === 1)
  const closing = pump.close()
  await settle()
  clock.advance(limits.sinkCloseMs)
  await closing
  expect({ arrived: sink.arrived, ...pump.state() }).toMatchObject({ arrived: [], phase: 'closed', doneSeq: 0 })
  expect(clock.pendingTimers()).toBe(0)
})

test('a close while a sink is away tries once more, at once', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  const sink = createListSink()
  sink.behave({ at: 'fails', error: new Error('no route'), taken: false })
  await using pump = startPump(options({ log, sink, clock }))
  append(log, limits.sinkBatchRecords)
  await sink.until(({ attempts }) => attempts === 1)
  await settle()
  await pump.close()
  expect({ attempts: sink.attempts, ...pump.state() }).toMatchObject({ attempts: 2, phase: 'closed', doneSeq: 0 })
})

test('one sink that is away does not slow another', async () => {
  await using log = await openLog()
  const away = createListSink()
  away.behave({ at: 'fails', error: new Error('no route'), taken: false })
  const near = createListSink()
  await using slow = startPump(options({ log, sink: away }))
  await using quick = startPump(options({ log, sink: near }))
  append(log, 3000)
  await near.until(({ arrived }) => arrived.length === 3000)
  expect(away.arrived).toEqual([])
  await quick.close()
  await slow.close()
})

test('a destination that refuses everything is told at once, and then only now and then', async () => {
  const clock = createManualClock()
  await using log = await openLog({ clock })
  const sink = createListSink({ poison: new Set(Array.from({ length: 1000 }, (_, index) => index + 1)) })
  const troubles: SinkTrouble[] = []
  await using pump = startPump(options({ log, sink, clock, onTrouble: (trouble) => troubles.push(trouble) }))
  for (let batch = 0; batch < 3; batch++) {
    append(log, limits.sinkBatchRecords)
    await settle()
  }
  const atOnce = [...troubles]
  clock.advance(limits.sinkBehindMs)
  append(log, limits.sinkBatchRecords)
  await settle()
  expect([atOnce, troubles.slice(1), pump.state().refused]).toEqual([
    [{ kind: 'refused', count: limits.sinkBatchRecords }],
    [{ kind: 'refused', count: 3 * limits.sinkBatchRecords }],
    4 * limits.sinkBatchRecords,
  ])
  await pump.close()
})

test('a sink that can gets several batches before the first is answered, no more together than one batch may hold', async () => {
  await using log = await openLog()
  const sink = createListSink({ overlap: 3 })
  sink.behave({ at: 'silent' })
  const records = Array.from({ length: 6 }, () => log.append(consoleDraft('x'.repeat(400)), captureSessionId))
  await using pump = startPump(options({ log, sink, bounds: { records: 1, mostRecords: 1 } }))
  await sink.until(({ attempts }) => attempts === 3)
  await settle()
  const atMost = sink.attempts
  const narrow = createListSink({ overlap: 3 })
  narrow.behave({ at: 'silent' })
  await using small = startPump(options({ log, sink: narrow, bounds: { records: 1, mostRecords: 1, mostBytes: 2000 } }))
  await narrow.until(({ attempts }) => attempts === 2)
  await settle()
  expect([atMost, narrow.attempts, pump.state().doneSeq]).toEqual([3, 2, 0])
  sink.behave({ at: 'takes' })
  narrow.behave({ at: 'takes' })
  await pump.close()
  await small.close()
  expect([sink.arrived, narrow.arrived]).toEqual([seqsOf(records), seqsOf(records)])
})

test.each([false, true])(
  'when one of several batches fails they come again one at a time (arrived although it failed: %s)',
  async (taken) => {
    const clock = createManualClock()
    await using log = await openLog({ clock })
    const sink = createListSink({ overlap: 4 })
    sink.behave({ at: 'silent' })
    const records = append(log, 8)
    await using pump = startPump(options({ log, sink, clock, bounds: { records: 2, mostRecords: 2 } }))
    await sink.until(({ attempts }) => attempts === 4)
    sink.behave({ at: 'fails', error: new Error('no route'), taken })
    await settle()
    expect(pump.state()).toMatchObject({ phase: 'retrying', retries: 1, doneSeq: 0, lastError: 'no route' })
    sink.arrived.length = 0
    sink.behave({ at: 'takes' })
    clock.advance(limits.sinkRetryFirstMs)
    await settle()
    expect({ arrived: sink.arrived, ...pump.state() }).toMatchObject({ arrived: seqsOf(records), retries: 1, written: 8, lagEvents: 0 })
    records.push(...append(log, 8))
    await sink.until(({ arrived }) => arrived.length === 16)
    await pump.close()
    expect(sink.arrived).toEqual(seqsOf(records))
  },
)

test('a conflict in one of several batches stops the pump, and nothing is left under way', async () => {
  await using log = await openLog()
  const sink = createListSink({ overlap: 4 })
  sink.behave({ at: 'silent' })
  append(log, 8)
  await using pump = startPump(options({ log, sink, bounds: { records: 2, mostRecords: 2 } }))
  await sink.until(({ attempts }) => attempts === 4)
  const conflict = new TelemetryError('sink_conflict', { name: 'list', destination: 'list:1', problem: 'other events', remedy: 'Look.' })
  sink.behave({ at: 'fails', error: conflict, taken: false })
  await settle()
  expect({ attempts: sink.attempts, arrived: sink.arrived, ...pump.state() }).toMatchObject({ attempts: 4, arrived: [], phase: 'stopped' })
})
