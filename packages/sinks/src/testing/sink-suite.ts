// What every sink has to keep, run against each of them with its real other side. A sink says what its other side can do; the suite says
// what must come of it.
import type { EventLog } from '@tabscope/log'
import { type EventDraft, type EventRecord, type ForeignDraft, systemClock } from '@tabscope/schema'
import { describe, expect, test } from 'vitest'
import { type Checkpoint, createForgetfulCheckpoint } from '../checkpoint.ts'
import { startPump } from '../pump.ts'
import type { Sink, SinkBatch } from '../sink.ts'
import { append, consoleDraft, openLog, seqsOf } from './log.ts'

/** A destination of one test, and the ways to it. */
export interface SinkWorld extends AsyncDisposable {
  /** A new sink for the destination, as after a restart of the process. */
  open(): Promise<Sink>
  /** The numbers that the destination holds, in the order in which they arrived. */
  arrived(): Promise<readonly number[]>
  /** Takes the destination away; the returned function brings it back. */
  cut?(): Promise<() => Promise<void>>
  /** The destination takes connections but answers nothing, until the returned function is called. */
  stall?(): Promise<() => Promise<void>>
}

export interface SinkSuite {
  /** `log`: what the records come from, for a sink that looks into it. */
  makeWorld(log: EventLog): Promise<SinkWorld>
  /** What becomes of a batch that arrived and comes again. */
  readonly repeats: 'recognised' | 'written again'
  /** Whether worlds have `cut` and `stall`. */
  readonly hasNetwork: boolean
  /** Whether the sink takes several writes at a time; such a one also has a network. */
  readonly overlaps?: boolean
  /** An event that the destination refuses for good; absent when it takes every one. */
  readonly poison?: (text: string) => EventDraft | ForeignDraft
}

const forever = new AbortController().signal

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the world of this suite lacks something that the suite was told it has')
  return value
}

/** Both sides agree on what arrived: each once, or, for those that cannot know better, each at least once and in order at first. */
function expectArrival(arrived: readonly number[], sent: readonly EventRecord[], repeats: SinkSuite['repeats']): void {
  const numbers = repeats === 'recognised' ? arrived : arrived.filter((seq, position) => arrived.indexOf(seq) === position)
  expect(numbers).toEqual(seqsOf(sent))
}

async function untilArrived(world: SinkWorld, count: number): Promise<readonly number[]> {
  for (;;) {
    const arrived = await world.arrived()
    if (new Set(arrived).size >= count) return arrived
    // The destination tells nobody when something comes; it is asked again in the next turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Defines the tests of one sink. */
export function describeSink(name: string, suite: SinkSuite): void {
  describe(`the sink ${name}`, () => {
    describeWriting(suite)
    describeEnding(suite)
    if (suite.hasNetwork) describeNetwork(suite)
    if (suite.overlaps === true) describeOverlap(suite)
    if (suite.poison !== undefined) describePoison(suite, suite.poison)
  })
}

function describeWriting({ makeWorld, repeats }: SinkSuite): void {
  test('takes batches in order, each record once', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    const records = append(log, 120)
    for (const [from, to] of [
      [0, 1],
      [1, 100],
      [100, 120],
    ] as const)
      await sink.write({ records: records.slice(from, to) }, forever)
    expect(await world.arrived()).toEqual(seqsOf(records))
  })

  test(`a batch that comes again after a crash before its checkpoint is ${repeats}`, async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    const records = append(log, 30)
    {
      await using sink = await world.open()
      await sink.write({ records: records.slice(0, 20) }, forever)
    }
    const checkpoint: Checkpoint = { ...createForgetfulCheckpoint() }
    await using sink = await world.open()
    await using pump = startPump({
      log,
      sink,
      checkpoint: { ...checkpoint, found: { destination: sink.destination, seq: 10 } },
      clock: systemClock,
    })
    await untilArrived(world, 30)
    await pump.close()
    expectArrival(await world.arrived(), records, repeats)
  })
}

function describeEnding({ makeWorld }: SinkSuite): void {
  test('is closed twice as once, and writes nothing after it', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    const sink = await world.open()
    const records = append(log, 2)
    await sink.write({ records: records.slice(0, 1) }, forever)
    await sink.close()
    await sink.close()
    await expect(sink.write({ records: records.slice(1) }, forever)).rejects.toMatchObject({ code: 'sink_closed' })
    expect(await world.arrived()).toEqual([1])
  })

  test('a write that is aborted before it begins rejects with the reason and writes nothing', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    const reason = new Error('not now')
    await expect(sink.write({ records: append(log, 1) }, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(await world.arrived()).toEqual([])
  })
}

function describeNetwork({ makeWorld, repeats }: SinkSuite): void {
  test('a write while its destination is away rejects; the same batch arrives when it is back', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    const records = append(log, 60)
    await sink.write({ records: records.slice(0, 10) }, forever)
    const back = await required(world.cut)()
    await expect(sink.write({ records: records.slice(10) }, forever)).rejects.toThrow()
    await back()
    await sink.write({ records: records.slice(10) }, forever)
    expectArrival(await world.arrived(), records, repeats)
  })

  test('a write that gets no answer rejects with the reason when it is aborted', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    const records = append(log, 20)
    await sink.write({ records: records.slice(0, 10) }, forever)
    const goOn = await required(world.stall)()
    const controller = new AbortController()
    const writing = sink.write({ records: records.slice(10) }, controller.signal)
    const reason = new Error('waited long enough')
    setImmediate(() => controller.abort(reason))
    await expect(writing).rejects.toBe(reason)
    await goOn()
    await sink.write({ records: records.slice(10) }, forever)
    expectArrival(await world.arrived(), records, repeats)
  })

  test('a log whose destination goes away and comes back arrives whole and in order', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    await using pump = startPump({ log, sink, checkpoint: createForgetfulCheckpoint(), clock: systemClock })
    const records = append(log, 200)
    await untilArrived(world, 1)
    const back = await required(world.cut)()
    records.push(...append(log, 200))
    await back()
    await untilArrived(world, 400)
    records.push(...append(log, 10))
    await pump.close()
    expectArrival(await world.arrived(), records, repeats)
  })
}

function describeOverlap({ makeWorld }: SinkSuite): void {
  test('batches written before those before them were answered arrive in order', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    const records = append(log, 240)
    const batches = [0, 60, 120, 180].map((from) => records.slice(from, from + 60))
    await Promise.all(batches.map((batch, at) => sink.write(batchBehind(batch, batches[at - 1]), forever)))
    expect({ arrived: await world.arrived(), isMany: required(sink.overlap) > 1 }).toEqual({ arrived: seqsOf(records), isMany: true })
  })

  test('when one fails those behind it fail, and nothing stands before what it should stand behind', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    const records = append(log, 190)
    await sink.write({ records: records.slice(0, 10) }, forever)
    const batches = [10, 70, 130].map((from) => records.slice(from, from + 60))
    const back = await required(world.cut)()
    const failed = await Promise.allSettled(batches.map((batch, at) => sink.write(batchBehind(batch, batches[at - 1]), forever)))
    await back()
    const [, second = [], third = []] = batches
    const early = await Promise.allSettled([sink.write(batchBehind(third, second), forever)])
    for (const batch of batches) await sink.write({ records: batch }, forever)
    expect([[...failed, ...early].map(({ status }) => status), await world.arrived()]).toEqual([
      Array.from({ length: 4 }, () => 'rejected'),
      seqsOf(records),
    ])
  })
}

function batchBehind(records: readonly EventRecord[], before: readonly EventRecord[] | undefined): SinkBatch {
  const last = before?.at(-1)
  return last === undefined ? { records } : { records, behindSeq: last.seq }
}

function describePoison({ makeWorld }: SinkSuite, poison: NonNullable<SinkSuite['poison']>): void {
  test('what is refused for good is told, and what stands around it arrives', async () => {
    await using log = await openLog()
    await using world = await makeWorld(log)
    await using sink = await world.open()
    const records = [...append(log, 3, consoleDraft), ...append(log, 1, poison), ...append(log, 3, consoleDraft)]
    const { refused } = await sink.write({ records }, forever)
    expect({ refused, arrived: await world.arrived() }).toEqual({ refused: [4], arrived: [1, 2, 3, 5, 6, 7] })
  })
}
