import { expect, test } from 'vitest'
import { append, consoleDraft, lines } from './testing/drafts.ts'
import { idsOf, openRawStream } from './testing/raw-stream.ts'
import { startTestServer } from './testing/test-server.ts'

const on = { telemetry: ['console'] } as const

test('the headers come before the first event (promise 1)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  const { status, headers } = stream
  expect({
    status,
    type: headers['content-type'],
    cache: headers['cache-control'],
    buffering: headers['x-accel-buffering'],
    sent: stream.text(),
  }).toEqual({ status: 200, type: 'text/event-stream', cache: 'no-cache, no-transform', buffering: 'no', sent: '' })
})

test.each([
  ['category=cosmos', 'unknown_category'],
  ['source_kind=sun', 'invalid_request'],
  ['detail_level=most', 'invalid_request'],
  ['gaps=maybe', 'invalid_request'],
])('a bad filter value %s is a 400 before the stream opens (promise 2)', async (query, code) => {
  await using server = await startTestServer(on)
  const answer = await server.ask('GET', `/telemetry/stream?${query}`)
  expect([answer.status, answer.json]).toMatchObject([400, { code }])
})

test('an unknown type name opens a stream that matches nothing (promise 2)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream?type=no_such_type&until_type=console_error`)
  append(server, consoleDraft('skipped'), consoleDraft('last', { type: 'console_error' }))
  await stream.ended
  expect(idsOf(stream.blocks())).toEqual([2])
})

test('a stream opened while telemetry is off lives through on, off and on again (promise 3)', async () => {
  await using server = await startTestServer()
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  const switchOn = { json: { browser: { console: { enabled: true } } } }
  await server.ask('PUT', '/telemetry', switchOn)
  await server.say('first session')
  await server.ask('PUT', '/telemetry', { json: { browser: {} } })
  await server.ask('PUT', '/telemetry', switchOn)
  await server.say('second session')
  const blocks = await stream.untilBlocks(2)
  const sessions = new Set(blocks.map((block) => /"capture_session_id":"([^"]+)"/.exec(block)?.[1]))
  expect([idsOf(blocks), sessions.size]).toEqual([[1, 2], 2])
})

test('HEAD gets the headers and ends (promise 4)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all`, { method: 'HEAD' })
  await stream.ended
  expect([stream.status, stream.headers['content-type'], stream.text()]).toEqual([200, 'text/event-stream', ''])
})

test('a stream is not compressed, whatever the client accepts (promise 5)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { 'accept-encoding': 'gzip, deflate, br' } })
  append(server, consoleDraft('plain'))
  expect([stream.headers['content-encoding'], await stream.until((text) => text.includes('plain'))]).toEqual([
    undefined,
    expect.stringContaining('id: 1\ndata: {"seq":1,'),
  ])
})

test('a frame is exactly id, data and a blank line, with the bytes of the publish answer (promises 6 and 7)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  const json = { type: 'console_log', data: { level: 'log', text: 'two\nlines, U+2028 \u2028 and ünïcode 🎈' } }
  const { text } = await server.ask('POST', '/telemetry/events', { json })
  expect(await stream.until((received) => received.endsWith('\n\n'))).toBe(`id: 1\ndata: ${text}\n\n`)
})

test('a fresh stream sees only later events (promise 8)', async () => {
  await using server = await startTestServer(on)
  append(server, ...lines(3))
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  append(server, ...lines(2))
  expect(idsOf(await stream.untilBlocks(2))).toEqual([4, 5])
})

test('with gaps=event a stream from now on first says behind which event it begins (promise 19)', async () => {
  await using server = await startTestServer(on)
  await using early = await openRawStream(`${server.url}/telemetry/stream?gaps=event`)
  append(server, ...lines(3))
  expect(idsOf(await early.untilBlocks(3))).toEqual([1, 2, 3])
  await using stream = await openRawStream(`${server.url}/telemetry/stream?gaps=event`)
  expect(await stream.until((text) => text.endsWith('\n\n'))).toBe('id: 3\n\n')
  append(server, ...lines(1))
  expect(idsOf(await stream.untilBlocks(2))).toEqual([3, 4])
})

test('replay=all starts with the oldest event and goes on live (promise 9)', async () => {
  await using server = await startTestServer(on)
  append(server, ...lines(3))
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all`)
  await stream.untilBlocks(3)
  append(server, consoleDraft('live'))
  expect(idsOf(await stream.untilBlocks(4))).toEqual([1, 2, 3, 4])
})

interface StartRow {
  readonly header?: string
  readonly query?: string
  readonly ids: readonly number[]
}

// Five events are there, a sixth comes after the stream has opened.
const fromNow = [6]
const startRows: readonly (readonly [string, StartRow])[] = [
  ['no id (promise 8)', { ids: fromNow }],
  ['replay=none (promise 9)', { query: 'replay=none', ids: fromNow }],
  ['replay=ALL (promise 9)', { query: 'replay=ALL', ids: fromNow }],
  ['the header 3 (promise 10)', { header: '3', ids: [4, 5, 6] }],
  ['the header of the newest (promise 10)', { header: '5', ids: fromNow }],
  ['the header 3 with replay=all (promise 11)', { header: '3', query: 'replay=all', ids: [4, 5, 6] }],
  ['the query 3 (promise 11)', { query: 'last_event_id=3', ids: [4, 5, 6] }],
  ['the query 3 with replay=all (promise 11)', { query: 'last_event_id=3&replay=all', ids: [4, 5, 6] }],
  ['the header 4 and the query 1 (promise 11)', { header: '4', query: 'last_event_id=1', ids: [5, 6] }],
  ['the header 0 and the query 1 (promise 12)', { header: '0', query: 'last_event_id=1', ids: fromNow }],
  ['the header 0 with replay=all (promise 12)', { header: '0', query: 'replay=all', ids: fromNow }],
  ['the query 0 (promise 12)', { query: 'last_event_id=0', ids: fromNow }],
  ['a negative header (promise 12)', { header: '-1', query: 'replay=all', ids: fromNow }],
  ['a header that is not a number (promise 12)', { header: 'abc', query: 'replay=all', ids: fromNow }],
  ['a fraction (promise 12)', { header: '1.5', ids: fromNow }],
  ['a number beyond 2^53 (promise 12)', { header: '99999999999999999999', ids: fromNow }],
  ['an empty header (promise 13)', { header: '', ids: fromNow }],
  ['an empty header with replay=all (promise 13)', { header: '', query: 'replay=all', ids: [1, 2, 3, 4, 5, 6] }],
  ['an empty query with replay=all (promise 13)', { query: 'last_event_id=&replay=all', ids: [1, 2, 3, 4, 5, 6] }],
]

test.each(startRows)('a stream with %s starts where the table says', async (_name, { header, query, ids }) => {
  await using server = await startTestServer(on)
  append(server, ...lines(5))
  const headers = header === undefined ? {} : { 'Last-Event-ID': header }
  await using stream = await openRawStream(`${server.url}/telemetry/stream?${query ?? ''}`, { headers })
  append(server, consoleDraft('live'))
  expect([stream.status, idsOf(await stream.untilBlocks(ids.length))]).toEqual([200, ids])
})
