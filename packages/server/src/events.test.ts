import { createManualClock, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { append, consoleDraft, lines, targetDraft } from './testing/drafts.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { type Answer, startTestServer, type TestServer } from './testing/test-server.ts'

const all = { telemetry: ['console', 'page', 'system', 'control'] } as const

function publish(server: TestServer, json: unknown): Promise<Answer> {
  return server.ask('POST', '/telemetry/events', { json })
}

test('an event from outside is answered with its envelope', async () => {
  await using server = await startTestServer(all)
  const data = { name: 'dnsmasq', severity: 3 }
  const source = { kind: 'extension', event: 'restart', metadata: { pid: '12' } }
  const answer = await publish(server, { type: 'service_restarted', category: 'system', source, data, detail_level: 'minimal' })
  const { json: state } = await server.ask('GET', '/telemetry')
  expect([answer.status, answer.json]).toEqual([
    200,
    {
      seq: 1,
      capture_session_id: (state as { capture_session_id: string }).capture_session_id,
      event: { ts: expect.any(Number), type: 'service_restarted', category: 'system', detail_level: 'minimal', source, data },
    },
  ])
})

test('a known type gets its own category, whatever the caller says, and a missing source is a local process', async () => {
  await using server = await startTestServer(all)
  const { json } = await publish(server, { type: 'service_crashed', category: 'console', data: { service_name: 'x', phase: 'running' } })
  expect(json).toMatchObject({ event: { category: 'system', source: { kind: 'local_process' }, detail_level: 'standard' } })
})

test.each([
  ['telemetry is off', {}, { type: 'console_log', data: { level: 'log', text: 'x' } }],
  ['its category is off', { telemetry: ['page'] } as const, { type: 'console_log', data: { level: 'log', text: 'x' } }],
  ['the category of an unknown type is off', { telemetry: ['page'] } as const, { type: 'x', category: 'system' }],
])('an event is a 204 when %s', async (_name, options, json) => {
  await using server = await startTestServer(options)
  const { status, text } = await publish(server, json)
  expect([status, text, server.running.log.seq]).toEqual([204, '', 0])
})

const badEvents: readonly (readonly [string, unknown, string, string])[] = [
  ['no body', undefined, 'invalid_request', 'body'],
  ['no type', {}, 'invalid_request', 'body.type'],
  ['an empty type', { type: '' }, 'invalid_request', 'body.type'],
  ['a type of 129 bytes', { type: 'x'.repeat(129), category: 'system' }, 'invalid_request', 'body.type'],
  ['an unknown type without a category', { type: 'x' }, 'invalid_request', 'body.category'],
  ['an unknown type with an unknown category', { type: 'x', category: 'cosmos' }, 'unknown_category', 'cosmos'],
  [
    'the reserved kind kernel_api',
    { type: 'x', category: 'system', source: { kind: 'kernel_api' } },
    'invalid_request',
    'body.source.kind',
  ],
  ['the reserved kind cdp', { type: 'x', category: 'system', source: { kind: 'cdp' } }, 'invalid_request', 'body.source.kind'],
  ['an unknown kind', { type: 'x', category: 'system', source: { kind: 'sun' } }, 'invalid_request', 'body.source.kind'],
  [
    'data that a known type does not have',
    { type: 'service_crashed', data: { service_name: 5 } },
    'invalid_request',
    'body.data.service_name',
  ],
  ['data that lacks a required field', { type: 'console_error', data: {} }, 'invalid_request', 'body.data.text'],
]

test.each(badEvents)('an event with %s is a 400 that names it', async (_name, json, code, named) => {
  await using server = await startTestServer(all)
  const answer = await publish(server, json)
  expect([answer.status, answer.json]).toEqual([400, expect.objectContaining({ code, message: expect.stringContaining(named) })])
})

test('an event over 1 MiB is a 413', async () => {
  await using server = await startTestServer(all)
  const answer = await publish(server, { type: 'x', category: 'system', data: 'x'.repeat(limits.requestBodyBytes) })
  expect([answer.status, answer.json]).toMatchObject([413, { code: 'body_too_large' }])
})

test('an event just under 1 MiB is cut to the size of a record', async () => {
  await using server = await startTestServer(all)
  const answer = await publish(server, { type: 'x', category: 'system', data: 'x'.repeat(limits.requestBodyBytes - 1000) })
  expect([answer.status, answer.text.length <= limits.recordBytes, answer.json]).toMatchObject([200, true, { event: { truncated: true } }])
})

interface Page {
  readonly ids: readonly number[]
  readonly more: string | null
  readonly next: string | null
}

async function readPage(server: TestServer, query: string): Promise<Page> {
  const { json, headers } = await server.ask('GET', `/telemetry/events?${query}`)
  return { ids: (json as { seq: number }[]).map(({ seq }) => seq), more: headers.get('x-has-more'), next: headers.get('x-next-offset') }
}

/** All pages, as a client follows the headers. */
async function readPages(server: TestServer, query: string): Promise<readonly Page[]> {
  const pages = [await readPage(server, query)]
  for (let next = pages[0]?.next ?? null; next !== null; next = pages.at(-1)?.next ?? null) {
    pages.push(await readPage(server, `${query}&offset=${next}`))
  }
  return pages
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

test('history of a server without a disk is a 409', async () => {
  await using server = await startTestServer(all)
  const answer = await server.ask('GET', '/telemetry/events')
  expect([answer.status, answer.json]).toMatchObject([409, { code: 'storage_off' }])
})

test('a page has 100 events by default, X-Has-More always, X-Next-Offset while there is more', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...all, dataDirectory: folder.path })
  append(server, ...lines(150))
  const pages = await readPages(server, '')
  expect(pages.map(({ ids, more }) => [ids, more])).toEqual([
    [range(1, 100), 'true'],
    [range(101, 150), 'false'],
  ])
  expect(pages.map(({ next }) => next !== null)).toEqual([true, false])
})

test.each([
  ['order=asc', range(1, 25)],
  ['order=desc', range(1, 25).toReversed()],
])('pages of history with %s hold every event once, and never repeat an offset', async (query, ids) => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...all, dataDirectory: folder.path })
  append(server, ...lines(25))
  const pages = await readPages(server, `${query}&limit=7`)
  const offsets = pages.flatMap(({ next }) => (next === null ? [] : [next]))
  expect([pages.flatMap((page) => page.ids), new Set(offsets).size]).toEqual([ids, offsets.length])
})

test('filters apply before a page is cut: no page but the last is short', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...all, dataDirectory: folder.path })
  for (let count = 0; count < 10; count++) append(server, ...lines(30), targetDraft('page_load', 'page', 'tab'))
  const pages = await readPages(server, 'category=page&limit=4')
  expect(pages.map(({ ids, more }) => [ids.length, more])).toEqual([
    [4, 'true'],
    [4, 'true'],
    [2, 'false'],
  ])
})

test('a page holds the very bytes that were published, also right after', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...all, dataDirectory: folder.path })
  const { text } = await publish(server, { type: 'x', category: 'system', data: { ünï: '🎈\n' } })
  expect((await server.ask('GET', '/telemetry/events')).text).toBe(`[${text}]`)
})

test('since and until bound a page by time, until not included', async () => {
  await using folder = await temporaryFolder()
  const clock = createManualClock()
  await using server = await startTestServer({ ...all, dataDirectory: folder.path, clock })
  for (let count = 0; count < 3; count++) {
    append(server, consoleDraft(`at second ${count}`))
    clock.advance(1000)
  }
  const second = '2023-11-14T22:13:21Z'
  const third = '2023-11-14T22:13:22Z'
  const pages = [`since=${second}`, `until=${third}`, `since=${second}&until=${third}`, 'since=5m', 'until=5m']
  const ids = []
  for (const query of pages) ids.push((await readPage(server, query)).ids)
  expect(ids).toEqual([[2, 3], [1, 2], [2], [1, 2, 3], []])
})

test('events of an earlier run and of telemetry that is off by now are history too', async () => {
  await using folder = await temporaryFolder()
  {
    await using before = await startTestServer({ ...all, dataDirectory: folder.path })
    append(before, ...lines(2))
  }
  await using server = await startTestServer({ dataDirectory: folder.path })
  expect(await readPage(server, '')).toEqual({ ids: [1, 2], more: 'false', next: null })
})

test('offset=0 is the first page, as the clients of the contract may ask', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...all, dataDirectory: folder.path })
  append(server, ...lines(2))
  expect((await readPage(server, 'offset=0')).ids).toEqual([1, 2])
})

test.each([
  'limit=0',
  'limit=1001',
  'limit=ten',
  'limit=1.5',
  'offset=-1',
  'offset=x',
  'offset=9007199254740992',
  'order=up',
  'since=yesterday',
  'until=5 parsecs',
  'category=cosmos',
  'source_kind=sun',
  'detail_level=most',
  'limit=1&limit=2',
])('a page with %s is a 400', async (query) => {
  await using server = await startTestServer(all)
  expect((await server.ask('GET', `/telemetry/events?${query}`)).status).toBe(400)
})

test('a page of large events ends early and the next goes on', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ ...all, dataDirectory: folder.path })
  append(server, ...lines(120, 1, 'x'.repeat(400_000)))
  const pages = await readPages(server, 'limit=1000')
  expect([pages.length > 1, pages.flatMap((page) => page.ids)]).toEqual([true, range(1, 120)])
})
