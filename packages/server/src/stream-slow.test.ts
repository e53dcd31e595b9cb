import { setImmediate as nextTurn } from 'node:timers/promises'
import { createManualClock, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { append, lines } from './testing/drafts.ts'
import { idsOf, openRawStream } from './testing/raw-stream.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const on = { telemetry: ['console'] } as const

/** More than the socket buffers of both ends hold, so that a client that does not read blocks its writer. */
const manyLines = 2000
const padding = 'x'.repeat(10_000)

/** How the last frame ends. */
const lastFrame = `line ${manyLines}${padding}"}}}\n\n`

/** Publishes over many turns; resolves when another client has everything, so that a slow one has had its chance. */
async function publishMuch(server: TestServer): Promise<void> {
  await using fast = await openRawStream(`${server.url}/telemetry/stream`)
  for (let from = 1; from <= manyLines; from += 20) {
    append(server, ...lines(20, from, padding))
    await nextTurn()
  }
  await fast.untilText(lastFrame)
}

const all = Array.from({ length: manyLines }, (_, index) => index + 1)

test('a client that does not read keeps nobody else waiting, and gets everything when it does (promises 26 and 27)', async () => {
  await using server = await startTestServer(on)
  await using slow = await openRawStream(`${server.url}/telemetry/stream`)
  slow.pause()
  await publishMuch(server)
  slow.resume()
  await slow.untilText(lastFrame)
  expect(idsOf(slow.blocks())).toEqual(all)
})

test('a slow client catches up from disk when memory does not reach back that far (promise 27)', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...on, dataDirectory: folder.path, logLimits: { ringRecords: 50 } })
  await using slow = await openRawStream(`${server.url}/telemetry/stream`)
  slow.pause()
  await publishMuch(server)
  await server.running.log.flush()
  slow.resume()
  await slow.untilText(lastFrame)
  expect([slow.text().includes(': gap'), idsOf(slow.blocks())]).toEqual([false, all])
})

test('a slow client of a server without a disk is told what it missed (promise 15)', async () => {
  await using server = await startTestServer({ ...on, logLimits: { ringRecords: 50 } })
  await using slow = await openRawStream(`${server.url}/telemetry/stream`)
  slow.pause()
  await publishMuch(server)
  slow.resume()
  await slow.untilText(lastFrame)
  const gap = /: gap from=(\d+) to=(\d+) reason=slow/.exec(slow.text())
  const missed = all.filter((seq) => gap !== null && seq >= Number(gap[1]) && seq <= Number(gap[2]))
  const { json } = await server.ask('GET', '/telemetry')
  expect([missed.length > 0, idsOf(slow.blocks()).length + missed.length]).toEqual([true, manyLines])
  expect(json).toMatchObject({ dropped_events: missed.length })
})

test('a client that takes no byte for 30 s is closed (promise 28)', async () => {
  const clock = createManualClock()
  await using server = await startTestServer({ ...on, clock })
  await using dead = await openRawStream(`${server.url}/telemetry/stream`)
  dead.pause()
  await publishMuch(server)
  // What the operating system still took for the client counts as taken, once.
  clock.advance(limits.streamStallMs + limits.streamStallCheckMs)
  dead.resume()
  await expect(dead.ended).rejects.toThrow('aborted')
})

test('a client that takes some bytes now and then is not closed (promise 28)', async () => {
  const clock = createManualClock()
  await using server = await startTestServer({ ...on, clock })
  await using slow = await openRawStream(`${server.url}/telemetry/stream`)
  slow.pause()
  await publishMuch(server)
  for (let round = 1; round <= 5; round++) {
    clock.advance(limits.streamStallMs - limits.streamStallCheckMs)
    slow.resume()
    await slow.untilLength(slow.length() + 1_000_000)
    slow.pause()
    await nextTurn()
  }
  slow.resume()
  await slow.untilText(lastFrame)
  expect(idsOf(slow.blocks())).toEqual(all)
})

test('a client that went away is forgotten (promise 29)', async () => {
  await using server = await startTestServer(on)
  const stream = await openRawStream(`${server.url}/telemetry/stream`)
  await using watching = await openRawStream(`${server.url}/telemetry/stream`)
  await stream[Symbol.asyncDispose]()
  append(server, ...lines(1))
  await watching.untilBlocks(1)
  const { text } = await server.ask('GET', '/metrics')
  expect(text.split('\n').filter((line) => /^tabscope_stream(_clients|s_ended_total.*closed)/.test(line))).toEqual([
    'tabscope_stream_clients 1',
    'tabscope_streams_ended_total{reason="closed"} 1',
  ])
})

test('one stream more than allowed is a 503, and the others go on (promise 30)', async () => {
  await using server = await startTestServer({ ...on, mostStreams: 2 })
  await using first = await openRawStream(`${server.url}/telemetry/stream`)
  await using second = await openRawStream(`${server.url}/events/stream`)
  const refused = await server.ask('GET', '/telemetry/stream')
  append(server, ...lines(1))
  const blocks = await Promise.all([first.untilBlocks(1), second.untilBlocks(1)])
  expect([refused.status, refused.json, blocks.map(idsOf)]).toMatchObject([503, { code: 'too_many_streams' }, [[1], [1]]])
})

test('a stopped server sends its streams everything that was published before, then ends them (promise 32)', async () => {
  const server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  append(server, ...lines(manyLines, 1, padding))
  await server.running.close()
  await stream.ended
  expect(idsOf(stream.blocks())).toEqual(all)
})

test('a client that does not take the rest does not keep a server from stopping (promise 32)', async () => {
  const server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  stream.pause()
  append(server, ...lines(manyLines, 1, padding))
  await server.running.close()
  expect(server.running.log.seq).toBe(manyLines)
})
