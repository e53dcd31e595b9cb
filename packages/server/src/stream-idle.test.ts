import { createManualClock, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { append, consoleDraft, lines, targetDraft } from './testing/drafts.ts'
import { idsOf, openRawStream } from './testing/raw-stream.ts'
import { startTestServer } from './testing/test-server.ts'

const heartbeatMs = limits.streamHeartbeatMs

/** A server whose time only moves when a test says so. */
async function standingServer() {
  const clock = createManualClock()
  return { clock, server: await startTestServer({ telemetry: ['console'], clock }) }
}

test.each(['', '?category=page'])('a silent stream%s gets a comment without an id every 15 s (promise 24)', async (query) => {
  const { clock, server } = await standingServer()
  await using _server = server
  await using stream = await openRawStream(`${server.url}/telemetry/stream${query}`)
  clock.advance(heartbeatMs)
  clock.advance(heartbeatMs)
  expect(await stream.until((text) => text.length >= 6)).toBe(':\n\n:\n\n')
})

test('no comment comes before 15 s, which begin anew with every event (promise 24)', async () => {
  const { clock, server } = await standingServer()
  await using _server = server
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  for (let count = 1; count <= 3; count++) {
    clock.advance(heartbeatMs - 1)
    append(server, consoleDraft(`event ${count}`))
    await stream.untilBlocks(count)
  }
  clock.advance(heartbeatMs)
  const blocks = await stream.untilBlocks(4)
  expect(blocks.map((block) => block.split('\n')[0])).toEqual(['id: 1', 'id: 2', 'id: 3', ':'])
})

test('a stream while telemetry is off is kept alive (promises 3 and 24)', async () => {
  const clock = createManualClock()
  await using server = await startTestServer({ clock })
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  clock.advance(heartbeatMs)
  expect(await stream.until((text) => text.length >= 3)).toBe(':\n\n')
})

test('skipped events move the cursor by an id alone at the next keepalive, each time to the latest (promise 22)', async () => {
  const { clock, server } = await standingServer()
  await using _server = server
  await using stream = await openRawStream(`${server.url}/telemetry/stream?category=page`)
  await using everything = await openRawStream(`${server.url}/telemetry/stream`)
  append(server, ...lines(3))
  await everything.untilBlocks(3)
  clock.advance(heartbeatMs)
  append(server, ...lines(2))
  await everything.untilBlocks(6)
  clock.advance(heartbeatMs)
  clock.advance(heartbeatMs)
  expect(await stream.untilBlocks(5)).toEqual(['id: 3', ':', 'id: 5', ':', ':'])
})

test('an id alone is not sent while events keep moving the cursor by themselves (promise 22)', async () => {
  const { clock, server } = await standingServer()
  await using _server = server
  await using stream = await openRawStream(`${server.url}/telemetry/stream?category=page`)
  for (let count = 1; count <= 3; count++) {
    append(server, consoleDraft('skipped'), targetDraft('page_load', 'page', 'tab'))
    await stream.untilBlocks(count)
    clock.advance(heartbeatMs - 1)
  }
  expect(idsOf(stream.blocks())).toEqual([2, 4, 6])
})

test('an event goes out although no time passes (promise 25)', async () => {
  const { server } = await standingServer()
  await using _server = server
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  append(server, consoleDraft('at once'))
  expect(idsOf(await stream.untilBlocks(1))).toEqual([1])
})

test('reading leaves no event (promise 31)', async () => {
  await using server = await startTestServer({ telemetry: ['platform', 'control', 'connection', 'console'] })
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  for (const path of ['/telemetry', '/telemetry/events', '/healthz', '/readyz', '/metrics', '/openapi.json']) await server.ask('GET', path)
  append(server, consoleDraft('the only one'))
  expect(idsOf(await stream.untilBlocks(1))).toEqual([1])
})
