// S2 really away for longer than the disk holds, under a whole server: what is lost is counted while it happens, marked when S2 is back, and
// the stream then has everything else once and in order.
import type { EventRecord } from '@tabscope/schema'
import { bodiesOf, describeWithS2, type S2Lite, startS2Lite } from '@tabscope/sinks/testing'
import { expect, test } from 'vitest'
import { append, lines } from './testing/drafts.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

interface SinkDetail {
  readonly state: string
  readonly lag_events: number
  readonly lost_events: number
}

async function sinkOf(server: TestServer): Promise<SinkDetail> {
  const { json } = await server.ask('GET', '/readyz')
  const [detail] = (json as { sinks: readonly SinkDetail[] }).sinks
  if (detail === undefined) throw new Error('the server has no sink')
  return detail
}

async function untilSink(server: TestServer, isSo: (detail: SinkDetail) => boolean): Promise<SinkDetail> {
  for (;;) {
    const detail = await sinkOf(server)
    if (isSo(detail)) return detail
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Ten lines of 10 KB at a time, each on disk before the next. */
async function publish(server: TestServer, count: number): Promise<EventRecord[]> {
  const records: EventRecord[] = []
  while (records.length < count) {
    records.push(...append(server, ...lines(10, records.length, 'x'.repeat(10_000))))
    await server.running.log.flush()
  }
  return records
}

interface Loss {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** The marks that stand in a stream: what was lost, as its own events say. */
function lossesIn(bodies: readonly string[]): Loss[] {
  const data = bodies.map((text) => JSON.parse(text).event.data).filter(({ what }) => what === 'sink_lost')
  return data.map(({ detail, count }) => {
    const [, from, to] = /the events (\d+) to (\d+) were removed/.exec(detail) ?? []
    return { from: Number(from), to: Number(to), count }
  })
}

const span = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

async function lostMetric(server: TestServer): Promise<number> {
  const { text } = await server.ask('GET', '/metrics')
  return Number(/^tabscope_sink_lost_events_total\{sink="s2"\} (\d+)$/m.exec(text)?.[1])
}

describeWithS2('an outage of S2 that is longer than the disk can bridge', () => {
  async function start(lite: S2Lite, directory: string): Promise<TestServer> {
    const { stream: _, ...access } = lite.settings()
    // As `--space 1MB` says it: twice that is kept for sinks.
    const logLimits = { retentionBytes: 1_000_000, ringRecords: 100 }
    return startTestServer({ dataDirectory: directory, s2: { at: 'on', access }, telemetry: 'all', browserId: 'outage', logLimits })
  }

  test('costs the oldest events, counted at once and marked later; all others are in the stream once and in order', async () => {
    await using s2Folder = await temporaryFolder()
    await using folder = await temporaryFolder()
    await using lite = await startS2Lite(s2Folder.path)
    await using server = await start(lite, folder.path)
    const records = await publish(server, 20)
    await untilSink(server, ({ lag_events }) => lag_events === 0)
    await lite.kill()
    records.push(...(await publish(server, 400)))
    const during = await untilSink(server, ({ lost_events }) => lost_events > 0)
    const counted = await lostMetric(server)
    await lite.restart()
    await untilSink(server, ({ lag_events }) => lag_events === 0)
    records.push(...(await publish(server, 10)))
    const after = await untilSink(server, ({ lag_events }) => lag_events === 0)
    const bodies = await bodiesOf(lite, 'browser/outage')
    const losses = lossesIn(bodies)
    const lost = new Set(losses.flatMap(({ from, to }) => span(from, to)))
    const { seq } = server.running.log
    expect({ state: during.state, isCounted: counted >= during.lost_events }).toEqual({ state: 'retrying', isCounted: true })
    expect(bodies.map((text) => JSON.parse(text).seq)).toEqual(span(1, seq).filter((number) => !lost.has(number)))
    expect([losses.length > 0, sumOf(losses.map(({ count }) => count)), after.lost_events, await lostMetric(server)]).toEqual([
      true,
      lost.size,
      lost.size,
      lost.size,
    ])
    const kept = records.filter((record) => !lost.has(record.seq)).map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
    expect(bodies.filter((text) => JSON.parse(text).event.type === 'console_log')).toEqual(kept)
  })

  test('that outlives the server is marked by the next one', async () => {
    await using s2Folder = await temporaryFolder()
    await using folder = await temporaryFolder()
    await using lite = await startS2Lite(s2Folder.path)
    {
      await using server = await start(lite, folder.path)
      await publish(server, 20)
      await untilSink(server, ({ lag_events }) => lag_events === 0)
      await lite.kill()
      await publish(server, 400)
      await untilSink(server, ({ lost_events }) => lost_events > 0)
    }
    await lite.restart()
    await using again = await start(lite, folder.path)
    const { lost_events } = await untilSink(again, (detail) => detail.lost_events > 0 && detail.lag_events === 0)
    await publish(again, 10)
    await untilSink(again, ({ lag_events }) => lag_events === 0)
    const bodies = await bodiesOf(lite, 'browser/outage')
    const losses = lossesIn(bodies)
    const lost = new Set(losses.flatMap(({ from, to }) => span(from, to)))
    expect(lost.size).toBe(lost_events)
    expect(bodies.map((text) => JSON.parse(text).seq)).toEqual(span(1, again.running.log.seq).filter((number) => !lost.has(number)))
  })
})
