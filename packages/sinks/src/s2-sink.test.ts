import { AppendInput, AppendRecord, S2 } from '@s2-dev/streamstore'
import type { EventLog } from '@tabscope/log'
import { type EventRecord, type ForeignDraft, limits, systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createForgetfulCheckpoint } from './checkpoint.ts'
import { type Pump, startPump } from './pump.ts'
import { createS2Sink } from './s2-sink.ts'
import type { Sink } from './sink.ts'
import type { SinkTrouble } from './sink-trouble.ts'
import { append, captureSessionId, consoleDraft, makeFolder, openLog } from './testing/log.ts'
import { type S2Lite, startS2Lite } from './testing/s2-lite.ts'
import { describeWithS2, makeS2World, type S2World, textsOf } from './testing/s2-world.ts'

const forever = new AbortController().signal

interface Running extends AsyncDisposable {
  readonly pump: Pump
  readonly troubles: SinkTrouble[]
}

function run(log: EventLog, sink: Sink): Running {
  const troubles: SinkTrouble[] = []
  const pump = startPump({
    log,
    sink,
    checkpoint: createForgetfulCheckpoint(),
    clock: systemClock,
    onTrouble: (trouble) => troubles.push(trouble),
  })
  return { pump, troubles, [Symbol.asyncDispose]: () => pump.close() }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

function isDone(pump: Pump, log: EventLog): boolean {
  return pump.state().doneSeq === log.seq
}

/** Writes into a stream as somebody who knows nothing of us. */
async function writeAsStranger(lite: S2Lite, stream: string, record: AppendRecord): Promise<void> {
  const { accountEndpoint = '', basinEndpoint = '', basin, accessToken } = lite.settings(stream)
  const s2 = new S2({ accessToken: accessToken(), endpoints: { account: accountEndpoint, basin: basinEndpoint } })
  const there = s2.basin(basin).stream(stream)
  await there.append(AppendInput.create([record]))
  await there.close()
}

describeWithS2('the S2 sink', () => {
  let lite: S2Lite

  beforeAll(async () => {
    lite = await startS2Lite()
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  async function start(): Promise<{ log: EventLog; world: S2World; records: EventRecord[] } & AsyncDisposable> {
    const log = await openLog()
    const world = await makeS2World(lite, log)
    const end = async (): Promise<void> => {
      await world[Symbol.asyncDispose]()
      await log.close()
    }
    return { log, world, records: append(log, 120), [Symbol.asyncDispose]: end }
  }

  test('a batch whose answer was lost is recognised in the stream and not written again', async () => {
    await using setting = await start()
    const { log, world, records } = setting
    await using sink = await world.open()
    await sink.write({ records: records.slice(0, 10) }, forever)
    world.proxy.stall('answers')
    const giveUp = new AbortController()
    const writing = sink.write({ records: records.slice(10) }, giveUp.signal).catch((error: unknown) => error)
    await until(async () => (await world.bodies()).length >= 10 + limits.s2AppendRecords)
    const reason = new Error('no answer came')
    giveUp.abort(reason)
    expect(await writing).toBe(reason)
    world.proxy.resume()
    await sink.write({ records: records.slice(10) }, forever)
    const more = append(log, 1)
    await sink.write({ records: more }, forever)
    expect(await world.bodies()).toEqual(textsOf([...records, ...more]))
  })

  test('several batches whose answers were lost are recognised, however much of them arrived', async () => {
    await using setting = await start()
    const { world, records } = setting
    await using sink = await world.open()
    await sink.write({ records: records.slice(0, 10) }, forever)
    world.proxy.stall('answers')
    const giveUp = new AbortController()
    const writings = [
      sink.write({ records: records.slice(10, 60) }, giveUp.signal),
      sink.write({ records: records.slice(60, 110), behindSeq: 60 }, giveUp.signal),
    ]
    await until(async () => (await world.bodies()).length >= 60)
    const reason = new Error('no answer came')
    const ended = Promise.allSettled(writings)
    giveUp.abort(reason)
    expect(await ended).toEqual(writings.map(() => ({ status: 'rejected', reason })))
    world.proxy.resume()
    await sink.write({ records: records.slice(10, 60) }, forever)
    await sink.write({ records: records.slice(60, 120) }, forever)
    expect(await world.bodies()).toEqual(textsOf(records))
  })

  test('appends of a killed process that arrive late are recognised, also beyond what is written just then', async () => {
    await using setting = await start()
    const { world, records } = setting
    await using killed = await world.open()
    await killed.write({ records: records.slice(0, 10) }, forever)
    await using next = await world.open()
    expect(await next.lastSeq?.(forever)).toBe(10)
    await killed.write({ records: records.slice(10, 110) }, forever)
    await next.write({ records: records.slice(10, 30) }, forever)
    await next.write({ records: records.slice(30, 120) }, forever)
    expect(await world.bodies()).toEqual(textsOf(records))
  })

  test('what arrived late and is gone from the log since is recognised by its numbers', async () => {
    await using log = await openLog({ limits: { ringRecords: 10 } })
    await using world = await makeS2World(lite, log)
    const records = append(log, 10)
    await using killed = await world.open()
    await killed.write({ records: records.slice(0, 2) }, forever)
    await using next = await world.open()
    await next.lastSeq?.(forever)
    await killed.write({ records: records.slice(2, 9) }, forever)
    records.push(...append(log, 15))
    await next.write({ records: records.slice(2, 4) }, forever)
    await next.write({ records: records.slice(4) }, forever)
    expect(await world.bodies()).toEqual(textsOf(records))
  })

  test('after a crash the place is found in the stream, without any checkpoint', async () => {
    await using setting = await start()
    const { log, world, records } = setting
    {
      await using sink = await world.open()
      await sink.write({ records: records.slice(0, 77) }, forever)
    }
    await using sink = await world.open()
    expect(await sink.lastSeq?.(forever)).toBe(77)
    await using running = run(log, sink)
    await until(() => isDone(running.pump, log))
    expect(await world.bodies()).toEqual(textsOf(records))
    expect(running.pump.state().written).toBe(43)
  })

  test('an empty stream and one that is not there are places too', async () => {
    await using setting = await start()
    await using sink = await setting.world.open()
    expect(await sink.lastSeq?.(forever)).toBe(0)
  })

  test('a second writer is detected: the sink stops, says who to look for, and writes nothing behind it', async () => {
    await using setting = await start()
    const { log, world, records } = setting
    await using running = run(log, await world.open())
    await until(() => isDone(running.pump, log))
    const stranger = JSON.stringify({ seq: 121, capture_session_id: 'x', event: { ts: 1, type: 'foreign', source: { kind: 'cdp' } } })
    await writeAsStranger(lite, world.stream, AppendRecord.string({ body: stranger }))
    append(log, 5)
    await until(() => running.pump.state().phase === 'stopped')
    expect(await world.bodies()).toEqual([...textsOf(records), stranger])
    expect(running.troubles).toMatchObject([
      { kind: 'stopped', message: expect.stringMatching(/record 120 was written by somebody else.*S2_STREAM/) },
    ])
  })

  test('a stream of another log is left alone from the start', async () => {
    await using setting = await start()
    const { world, records } = setting
    {
      await using sink = await world.open()
      await sink.write({ records }, forever)
    }
    await using shorter = await openLog()
    append(shorter, 3)
    await using same = await openLog()
    append(same, 200, () => consoleDraft('something else'))
    for (const [other, problem] of [
      [shorter, /event 120, but the newest of this log is 3/],
      [same, /another event 120 than the one of this log/],
    ] as const) {
      await using running = run(other, world.sinkFor(other))
      await until(() => running.pump.state().phase === 'stopped')
      expect(running.troubles).toMatchObject([{ kind: 'stopped', message: expect.stringMatching(problem) }])
    }
    expect(await world.bodies()).toEqual(textsOf(records))
  })

  test('two sinks of one log, as a machine that was restored beside itself has them, double nothing', async () => {
    await using setting = await start()
    const { log, world, records } = setting
    await using one = run(log, await world.open())
    await using other = run(log, await world.open())
    records.push(...append(log, 2000))
    await until(() => [one, other].every(({ pump }) => isDone(pump, log) || pump.state().phase === 'stopped'))
    expect(await world.bodies()).toEqual(textsOf(records))
  })

  test("S2's own commands at the end of the stream are no events and stop nothing", async () => {
    await using setting = await start()
    const { log, world, records } = setting
    await using sink = await world.open()
    await sink.write({ records }, forever)
    await writeAsStranger(lite, world.stream, AppendRecord.fence(''))
    const more = append(log, 3)
    await sink.write({ records: more }, forever)
    await writeAsStranger(lite, world.stream, AppendRecord.fence(''))
    await using again = await world.open()
    expect(await again.lastSeq?.(forever)).toBe(123)
    expect(await world.bodies()).toEqual(textsOf([...records, ...more]))
  })

  test('an event as large as they come goes through', async () => {
    await using log = await openLog()
    await using world = await makeS2World(lite, log)
    await using sink = await world.open()
    const largest = (text: string): ForeignDraft => ({
      type: 'foreign_event',
      category: 'system',
      detailLevel: 'standard',
      source: { kind: 'local_process' },
      data: { text },
    })
    const overhead = log.append(largest(''), captureSessionId).bytes.length
    const records = Array.from({ length: 5 }, () => log.append(largest('x'.repeat(limits.recordBytes - overhead - 10)), captureSessionId))
    for (const { bytes } of records) expect(limits.recordBytes - bytes.length).toBeLessThan(20)
    await sink.write({ records }, forever)
    expect(await world.bodies()).toEqual(textsOf(records))
    await using again = await world.open()
    expect(await again.lastSeq?.(forever)).toBe(6)
  })

  test('connections cut, refused and stalled while events come: the stream ends whole, in order, once', async () => {
    await using setting = await start()
    const { log, world, records } = setting
    await using running = run(log, await world.open())
    const { proxy } = world
    for (const disturb of [proxy.cut, proxy.refuse, proxy.cut, () => proxy.stall('everything'), proxy.cut]) {
      records.push(...append(log, 300))
      const before = running.pump.state().retries
      disturb()
      records.push(...append(log, 300))
      // A connection that was only cut may be made again before anybody writes; the others cannot go unnoticed.
      if (disturb !== proxy.cut) await until(() => running.pump.state().retries > before)
      proxy.cut()
      proxy.accept()
      proxy.resume()
      await until(() => isDone(running.pump, log))
    }
    expect(await world.bodies()).toEqual(textsOf(records))
  })

  test('what S2 says when it fails is told without the token', async () => {
    await using log = await openLog()
    const records = append(log, 1)
    const token = 'secret-token-of-the-test'
    for (const settings of [
      { ...lite.settings('x'), basin: 'not-a-basin-here' },
      { ...lite.settings('x'), accountEndpoint: 'http://127.0.0.1:1', basinEndpoint: 'http://127.0.0.1:1' },
      { ...lite.settings('x'), basinEndpoint: `http://127.0.0.1:${lite.port}/${token}` },
    ]) {
      await using sink = createS2Sink({ settings: { ...settings, accessToken: () => token }, log, clock: systemClock })
      const error: unknown = await sink.write({ records }, forever).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(Error)
      expect(`${error}${JSON.stringify(error, Object.getOwnPropertyNames(error))}`).not.toContain(token)
      expect(`${error}`).toContain(`s2://${settings.basin}/x`)
    }
  })

  test('a stream that was replaced by an empty one gets again what the log has', async () => {
    await using own = await startS2Lite()
    await using log = await openLog()
    await using world = await makeS2World(own, log)
    await using running = run(log, await world.open())
    const records = append(log, 100)
    await until(() => isDone(running.pump, log))
    await own.kill()
    records.push(...append(log, 100))
    await own.restart()
    await until(() => isDone(running.pump, log))
    expect(running.troubles).toMatchObject([{ kind: 'rewound', message: expect.stringContaining('100 records were there') }])
    expect(await world.bodies()).toEqual(textsOf(records))
  })

  test('S2 on a disk, killed and started again while events come, loses and doubles nothing', async () => {
    await using folder = await makeFolder()
    await using own = await startS2Lite(folder.path)
    await using log = await openLog()
    await using world = await makeS2World(own, log)
    await using running = run(log, await world.open())
    const records = append(log, 500)
    for (let kills = 0; kills < 3; kills++) {
      await until(() => running.pump.state().doneSeq > 400 * kills)
      const flowing = append(log, 500)
      await own.kill()
      records.push(...flowing, ...append(log, 500))
      await own.restart()
    }
    await until(() => isDone(running.pump, log))
    expect(running.pump.state().retries).toBeGreaterThan(0)
    expect(await world.bodies()).toEqual(textsOf(records))
  })
})
