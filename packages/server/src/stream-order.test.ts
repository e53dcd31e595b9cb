import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createManualClock, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { append, consoleDraft, lines } from './testing/drafts.ts'
import { idsOf, openRawStream } from './testing/raw-stream.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer } from './testing/test-server.ts'

const on = { telemetry: ['console'] } as const

/** What a memory-only server of these tests keeps: the newest ten events. */
const tenKept = { ...on, logLimits: { ringRecords: 10 } }

function oneTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

test('a stream resumes from disk what memory no longer has (promise 10)', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...tenKept, dataDirectory: folder.path })
  append(server, ...lines(100))
  await server.running.log.flush()
  append(server, consoleDraft('evicts from memory'))
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'Last-Event-ID': '20' } })
  expect(idsOf(await stream.untilBlocks(81))).toEqual(oneTo(101).slice(20))
})

test('a stream resumes after the server was restarted, without a gap (promise 10)', async () => {
  await using folder = await temporaryFolder()
  {
    await using before = await startTestServer({ ...on, dataDirectory: folder.path })
    append(before, ...lines(5))
  }
  await using server = await startTestServer({ ...on, dataDirectory: folder.path })
  append(server, ...lines(2))
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'Last-Event-ID': '3' } })
  await stream.untilBlocks(4)
  expect(stream.blocks().map((block) => block.split('\n')[0])).toEqual(['id: 4', 'id: 5', 'id: 6', 'id: 7'])
})

test.each([
  ['memory', false],
  ['disk', true],
])('replay from %s goes over into live without a hole or a double while events keep coming (promise 14)', async (_name, onDisk) => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...on, ...(onDisk ? { dataDirectory: folder.path, logLimits: { ringRecords: 500 } } : {}) })
  append(server, ...lines(2000))
  await server.running.log.flush()
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all`)
  for (let turn = 0; turn < 200; turn++) {
    append(server, ...lines(10))
    await nextTurn()
  }
  const ids = idsOf(await stream.untilBlocks(4000))
  expect(ids).toEqual(oneTo(4000))
})

test('records that are gone are told as a comment, then the stream goes on with the oldest kept (promise 15)', async () => {
  await using server = await startTestServer(tenKept)
  append(server, ...lines(30))
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'Last-Event-ID': '5' } })
  const [gap, ...events] = await stream.untilBlocks(11)
  expect([gap, idsOf(events)]).toEqual([': gap from=6 to=20 reason=evicted', oneTo(30).slice(20)])
})

test('replay=all is not told a gap for what went before the oldest event (promise 9)', async () => {
  await using server = await startTestServer(tenKept)
  append(server, ...lines(30))
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all`)
  const blocks = await stream.untilBlocks(10)
  expect(blocks.map((block) => block.split('\n')[0])).toEqual(
    oneTo(30)
      .slice(20)
      .map((seq) => `id: ${seq}`),
  )
})

test('a cursor above everything starts now and says that it was ahead (promise 16)', async () => {
  await using server = await startTestServer(on)
  append(server, ...lines(3))
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'Last-Event-ID': '7000' } })
  await stream.untilBlocks(1)
  append(server, consoleDraft('live'))
  const [gap, ...events] = await stream.untilBlocks(2)
  expect([gap, idsOf(events)]).toEqual([': gap from=7001 reason=ahead', [4]])
})

test('a cursor in the hole that a crash left is told a restart, then goes on above it (promise 17)', async () => {
  await using folder = await temporaryFolder()
  const crashed = join(folder.path, 'crashed')
  {
    await using before = await startTestServer({ ...on, dataDirectory: join(folder.path, 'running') })
    append(before, ...lines(3))
    await before.running.log.flush()
    // A copy of the files of a running server is what a crash of it leaves behind.
    await cp(join(folder.path, 'running'), crashed, { recursive: true })
  }
  await using server = await startTestServer({ ...on, dataDirectory: crashed })
  const holeEnd = server.running.log.seq
  append(server, consoleDraft('after the crash'))
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'Last-Event-ID': '2' } })
  const [third, gap, live] = await stream.untilBlocks(3)
  expect([third?.split('\n')[0], gap, live?.split('\n')[0]]).toEqual([
    'id: 3',
    `: gap from=4 to=${holeEnd} reason=restart`,
    `id: ${holeEnd + 1}`,
  ])
})

test('after a gap the next keepalive puts the cursor of the client right (promise 18)', async () => {
  const clock = createManualClock()
  await using server = await startTestServer({ ...on, clock })
  append(server, ...lines(3))
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'Last-Event-ID': '7000' } })
  await stream.untilBlocks(1)
  clock.advance(limits.streamHeartbeatMs)
  expect(await stream.untilBlocks(3)).toEqual([': gap from=7001 reason=ahead', 'id: 3', ':'])
})

test.each([
  ['5', '{"from":6,"to":20,"reason":"evicted"}'],
  ['7000', '{"from":7001,"reason":"ahead"}'],
])('with gaps=event the gap after %s is an event of its own (promise 19)', async (cursor, data) => {
  await using server = await startTestServer(tenKept)
  append(server, ...lines(30))
  await using stream = await openRawStream(`${server.url}/telemetry/stream?gaps=event`, { headers: { 'Last-Event-ID': cursor } })
  const [gap] = await stream.untilBlocks(1)
  expect(gap).toBe(`event: gap\ndata: ${data}`)
})
