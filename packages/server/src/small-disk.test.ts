// A disk that is really full, or really read-only, under a whole server: the stream goes on, an event says what is lost, and it heals.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventRecord } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createLogger } from './log-line.ts'
import { serve } from './serve.ts'
import { append, lines } from './testing/drafts.ts'
import { idsOf, openRawStream, type RawStream } from './testing/raw-stream.ts'
import { mountSmallDisk, noSmallDisk } from './testing/small-disk.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const onRealDisk = test.skipIf(noSmallDisk !== undefined)
const padding = 'x'.repeat(10_000)
const soon = { retryMs: 20, batchMs: 5 }

/** Resolves when the stream has told that text, now or long ago: the news of the disk comes in the middle of other events. */
async function untilTold(stream: RawStream, text: string): Promise<void> {
  await stream.until((received) => received.includes(text))
}

/** What the stream said about the disk so far. */
function degradations(stream: RawStream): readonly { what: string; count?: number }[] {
  const data = stream.blocks().flatMap((block) => block.split('\n').filter((line) => line.startsWith('data: ')))
  const events = data.map((line) => JSON.parse(line.slice('data: '.length)).event)
  return events
    .filter(({ type }) => type === 'monitor_degraded')
    .map(({ data: { what, count } }) => ({ what, ...(count === undefined ? {} : { count }) }))
}

/** Publishes over many turns, so that memory is offered to the disk as it would be in life. */
async function publish(server: TestServer, count: number, from = 1): Promise<readonly EventRecord[]> {
  const records: EventRecord[] = []
  for (let at = 0; at < count; at++) {
    records.push(...append(server, ...lines(1, from + at, padding)))
    await nextTurn()
  }
  return records
}

/** All numbers that history has, page by page. */
async function historyOf(server: TestServer): Promise<readonly number[]> {
  const seqs: number[] = []
  for (let offset = 0; ; ) {
    const { json, headers } = await server.ask('GET', `/telemetry/events?limit=1000&offset=${offset}`)
    seqs.push(...(json as { seq: number }[]).map(({ seq }) => seq))
    const next = headers.get('x-next-offset')
    if (next === null) return seqs
    offset = Number(next)
  }
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

onRealDisk('on a full disk the stream goes on, and what memory kept is on disk when there is space again', async () => {
  using disk = mountSmallDisk()
  const options = { telemetry: ['console'], dataDirectory: disk.path, logLimits: soon } as const
  const server = await startTestServer(options)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  await publish(server, 10)
  await server.running.log.flush()
  const empty = disk.fill()
  await publish(server, 30, 11)
  await untilTold(stream, '"what":"disk_full"')
  const during = await server.ask('GET', '/telemetry')
  empty()
  await untilTold(stream, '"what":"disk_recovered"')
  await publish(server, 1, 41)
  const { seq } = server.running.log
  await untilTold(stream, `id: ${seq}\n`)
  const [ids, troubles] = [idsOf(stream.blocks()), degradations(stream)]
  await stream[Symbol.asyncDispose]()
  await server.running.close()
  await using again = await startTestServer(options)
  expect({
    durableDuring: (during.json as { durable_seq: number }).durable_seq,
    dropped: (during.json as { dropped_events: number }).dropped_events,
  }).toEqual({
    durableDuring: 10,
    dropped: 0,
  })
  expect([ids, troubles, await historyOf(again)]).toEqual([
    upTo(seq),
    [{ what: 'disk_full' }, { what: 'disk_recovered', count: 0 }],
    upTo(seq),
  ])
})

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

onRealDisk('what memory cannot keep for a full disk is lost to history alone, counted, and told', async () => {
  using disk = mountSmallDisk()
  const logLimits = { ...soon, ringRecords: 4, queueBytes: 100_000 }
  await using server = await startTestServer({ telemetry: ['console'], dataDirectory: disk.path, logLimits })
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  const empty = disk.fill()
  await publish(server, 1)
  await untilTold(stream, '"what":"disk_full"')
  for (let at = 2; at <= 50; at++) {
    const [record] = await publish(server, 1, at)
    // The client keeps up, so that what it gets does not depend on the disk.
    await untilTold(stream, `id: ${record?.seq}\n`)
  }
  empty()
  await untilTold(stream, '"what":"disk_recovered"')
  await server.running.log.flush()
  const { seq, droppedEvents: lost } = server.running.log
  await untilTold(stream, `id: ${seq}\n`)
  expect(lost).toBeGreaterThan(10)
  // A slow disk can fall behind once more on its way back; what is told adds up all the same.
  const told = degradations(stream)
  const counted = told.filter(({ what }) => what === 'disk_recovered').map(({ count }) => Number(count))
  expect([idsOf(stream.blocks()), told[0], told.at(-1)?.what, sumOf(counted)]).toEqual([
    upTo(seq),
    { what: 'disk_full' },
    'disk_recovered',
    lost,
  ])
  const history = await historyOf(server)
  expect([history.length, new Set(history).size, history]).toEqual([seq - lost, seq - lost, [...history].sort((a, b) => a - b)])
  const { text } = await server.ask('GET', '/metrics')
  expect(text).toContain(`\ntabscope_dropped_events_total ${lost}\n`)
})

onRealDisk('when no file can be made any more the stream goes on, and writing does when one can', async () => {
  using disk = mountSmallDisk()
  // A segment a batch: each needs a new file.
  const logLimits = { ...soon, segmentBytes: 1 }
  await using server = await startTestServer({ telemetry: ['console'], dataDirectory: disk.path, logLimits })
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  await publish(server, 2)
  await server.running.log.flush()
  const allow = disk.forbidNewFiles(`${disk.path}/segments`)
  await publish(server, 5, 3)
  await untilTold(stream, '"what":"read_only"')
  allow()
  await untilTold(stream, '"what":"disk_recovered"')
  await server.running.log.flush()
  const { seq } = server.running.log
  await untilTold(stream, `id: ${seq}\n`)
  expect([idsOf(stream.blocks()), degradations(stream), await historyOf(server)]).toEqual([
    upTo(seq),
    [{ what: 'read_only' }, { what: 'disk_recovered', count: 0 }],
    upTo(seq),
  ])
})

onRealDisk('a full disk at the start is an error that names the folder and what to do', async () => {
  using disk = mountSmallDisk()
  disk.fill()
  await expect(serve({ port: 0, browser: { at: 'none' }, logger: createLogger('silent'), dataDirectory: disk.path })).rejects.toMatchObject(
    {
      code: 'data_folder_not_writable',
      message: expect.stringMatching(/small-disk.*ENOSPC.*[Ff]ree/),
    },
  )
})

onRealDisk('a read-only folder at the start is an error that names it', async () => {
  using disk = mountSmallDisk()
  disk.makeReadOnly()
  await expect(serve({ port: 0, browser: { at: 'none' }, logger: createLogger('silent'), dataDirectory: disk.path })).rejects.toMatchObject(
    {
      code: 'data_folder_not_writable',
      message: expect.stringMatching(/small-disk.*EROFS.*writable/),
    },
  )
})

onRealDisk('retention keeps a small disk from getting full', async () => {
  using disk = mountSmallDisk()
  const logLimits = { ...soon, retentionBytes: 400_000, segmentBytes: 50_000 }
  await using server = await startTestServer({ telemetry: ['console'], dataDirectory: disk.path, logLimits })
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  for (let from = 1; from <= 300; from += 10) {
    await publish(server, 10, from)
    await server.running.log.flush()
  }
  const kept = await historyOf(server)
  expect([degradations(stream), kept, kept.length > 20]).toEqual([[], upTo(300).slice(-kept.length), true])
})
