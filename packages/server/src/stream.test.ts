import { expect, test } from 'vitest'
import { openRawStream } from './testing/raw-stream.ts'
import { startTestServer } from './testing/test-server.ts'

test('a fresh stream sees only later events, each as id and data', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  await server.say('before')
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  await server.say('after')
  const [block] = await stream.untilBlocks(1)
  expect(block).toMatch(/^id: 2\ndata: \{"seq":2,.*"text":"after".*\}$/)
})

test('a stream resumes after its Last-Event-ID and then goes on live', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  for (const text of ['one', 'two', 'three']) await server.say(text)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'Last-Event-ID': '1' } })
  await stream.untilBlocks(2)
  await server.say('four')
  const blocks = await stream.untilBlocks(3)
  expect(blocks.map((block) => block.split('\n')[0])).toEqual(['id: 2', 'id: 3', 'id: 4'])
})

test('replay=all begins with the oldest event', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  for (const text of ['one', 'two']) await server.say(text)
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all`)
  const blocks = await stream.untilBlocks(2)
  expect(blocks.map((block) => block.split('\n')[0])).toEqual(['id: 1', 'id: 2'])
})

test('a stopped server ends its streams cleanly', async () => {
  const server = await startTestServer({ telemetry: ['console'] })
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  await server.running.close()
  await expect(stream.ended).resolves.toBeUndefined()
})
