import { AppendInput, AppendRecord, S2 } from '@s2-dev/streamstore'
import { createReplayLog, type ReplayLog } from '@tabscope/log'
import { type Cursor, systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openS2Recorded } from './s2-recorded.ts'
import { append, openLog, seqsOf } from './testing/log.ts'
import { type S2Lite, startS2Lite } from './testing/s2-lite.ts'
import { describeWithS2, makeS2World } from './testing/s2-world.ts'

const forever = new AbortController().signal
const span = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describeWithS2('the events of an S2 stream by number', () => {
  let lite: S2Lite

  beforeAll(async () => {
    lite = await startS2Lite()
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  /** A stream with the events 1 to 10 and 15 to 1500, and one of S2's own commands and a foreign record between them. */
  async function makeStream(): Promise<string> {
    await using log = await openLog()
    await using world = await makeS2World(lite, log)
    const records = append(log, 1500)
    await using sink = await world.open()
    await sink.write({ records: records.slice(0, 10) }, forever)
    const { accountEndpoint = '', basinEndpoint = '', basin, accessToken } = lite.settings()
    const there = new S2({ accessToken: accessToken(), endpoints: { account: accountEndpoint, basin: basinEndpoint } })
      .basin(basin)
      .stream(world.stream)
    await there.append(AppendInput.create([AppendRecord.fence('')]))
    await sink.write({ records: records.slice(14) }, forever)
    await there.append(AppendInput.create([AppendRecord.string({ body: 'no event' })]))
    await there.close()
    return world.stream
  }

  /** What a reader from there is given: numbers, and gaps. */
  async function readAll(log: ReplayLog, from: Cursor): Promise<unknown[]> {
    await using reader = log.reader({ from, signal: forever })
    const given: unknown[] = []
    for (let result = await reader.read(100_000); result.at !== 'caught-up'; result = await reader.read(100_000)) {
      if (result.at === 'gap') given.push(result.gap)
      else given.push(...seqsOf(result.records))
    }
    return given
  }

  test('are given once and in order from any place, with a gap where numbers are missing', async () => {
    await using recorded = await openS2Recorded(lite.settings(await makeStream()), systemClock, forever)
    const log = createReplayLog(recorded)
    expect([log.oldestSeq, log.lastSeq, await readAll(log, { at: 'oldest' })]).toEqual([1, 1500, []])
    log.showTo(1490)
    expect(await readAll(log, { at: 'oldest' })).toEqual([...span(1, 10), { from: 11, to: 14, reason: 'evicted' }, ...span(15, 1490)])
    log.showTo(1500)
    expect(await readAll(log, { at: 'after', seq: 12 })).toEqual([{ from: 13, to: 14, reason: 'evicted' }, ...span(15, 1500)])
    expect(await readAll(log, { at: 'after', seq: 1499 })).toEqual([1500])
  })

  test('of a stream that is empty, or not there, are none', async () => {
    await using recorded = await openS2Recorded(lite.settings(), systemClock, forever)
    const log = createReplayLog(recorded)
    log.showTo(5)
    expect([log.oldestSeq, log.seq, await readAll(log, { at: 'oldest' })]).toEqual([1, 0, []])
  })
})
