import { expect, test } from 'vitest'
import { append, consoleDraft, lines, targetDraft } from './testing/drafts.ts'
import { idsOf, openRawStream } from './testing/raw-stream.ts'
import { startTestServer } from './testing/test-server.ts'

const on = { telemetry: ['console'] } as const

// One of each kind; `end` ends every stream of these tests, whatever it filters by.
const drafts = [
  consoleDraft('1: console, local process'),
  consoleDraft('2: console, extension', { source: { kind: 'extension' } }),
  targetDraft('page_load', 'page', 'tab-a'),
  targetDraft('page_load', 'page', 'tab-b', { detailLevel: 'verbose' }),
  targetDraft('console_error', 'console', 'tab-a', { detailLevel: 'minimal' }),
  targetDraft('network_idle', 'network', 'tab-b', { detailLevel: 'raw' }),
  consoleDraft('7: control', { type: 'api_call', category: 'control', source: { kind: 'kernel_api' } }),
]

const queries: readonly (readonly [string, readonly number[]])[] = [
  ['category=console', [1, 2, 5]],
  ['category=console,page', [1, 2, 3, 4, 5]],
  ['category=console&category=page', [1, 2, 3, 4, 5]],
  ['category=console%2Cpage&category=network', [1, 2, 3, 4, 5, 6]],
  ['category=api', [7]],
  ['type=page_load', [3, 4]],
  ['type=page_load,console_error', [3, 4, 5]],
  ['type=page_load&type=nobody_knows', [3, 4]],
  ['source_kind=extension', [2]],
  ['source_kind=extension,kernel_api', [2, 7]],
  ['target_id=tab-a', [3, 5]],
  ['target_id=tab-a,tab-b', [3, 4, 5, 6]],
  ['detail_level=minimal', [5]],
  ['detail_level=standard', [1, 2, 3, 5, 7]],
  ['detail_level=verbose', [1, 2, 3, 4, 5, 7]],
  ['category=page&target_id=tab-b', [4]],
  ['type=page_load&detail_level=standard', [3]],
  ['category=page&type=console_error', []],
]

test.each(queries)('the filter %s chooses %j, live and replayed (promise 20)', async (query, ids) => {
  await using server = await startTestServer(on)
  await using live = await openRawStream(`${server.url}/telemetry/stream?${query}`)
  append(server, ...drafts)
  await using replayed = await openRawStream(`${server.url}/telemetry/stream?replay=all&${query}`)
  await server.running.close()
  await Promise.all([live.ended, replayed.ended])
  // The last frame may be one without an event: see promise 23.
  const seen = [live, replayed].map((stream) => idsOf(stream.blocks().filter((block) => block.includes('data:'))))
  expect(seen).toEqual([ids, ids])
})

test('a filter does not switch capture on (promise 20)', async () => {
  await using server = await startTestServer(on)
  await using _stream = await openRawStream(`${server.url}/telemetry/stream?category=network`)
  const { json } = await server.ask('GET', '/telemetry')
  expect(json).toMatchObject({ config: { browser: { network: { enabled: false }, console: { enabled: true } } } })
})

const untilQueries: readonly (readonly [string, readonly number[]])[] = [
  ['until_type=page_load', [1, 2, 3]],
  ['until_type=network_idle,console_error', [1, 2, 3, 4, 5]],
  ['until_type=page_load&target_id=tab-b', [4]],
  ['until_type=page_load&category=console', [1, 2, 3]],
  ['until_type=network_idle&type=console_error', [5, 6]],
]

test.each(untilQueries)('%s ends the stream after %j (promise 21)', async (query, ids) => {
  await using server = await startTestServer(on)
  await using live = await openRawStream(`${server.url}/telemetry/stream?${query}`)
  append(server, ...drafts)
  await using replayed = await openRawStream(`${server.url}/telemetry/stream?replay=all&${query}`)
  await Promise.all([live.ended, replayed.ended])
  const seen = [live, replayed].map((stream) => idsOf(stream.blocks().filter((block) => block.includes('data:'))))
  expect(seen).toEqual([ids, ids])
})

test('an event of an awaited type that is captured in more detail than wanted does not end the stream (promise 21)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream?until_type=network_idle&detail_level=standard`)
  append(server, ...drafts, targetDraft('network_idle', 'network', 'tab-c'))
  await stream.ended
  expect(idsOf(stream.blocks())).toEqual([1, 2, 3, 5, 7, 8])
})

test('a stream that ends tells the skipped events behind its last one by an id alone (promise 23)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream?type=page_load`)
  append(server, targetDraft('page_load', 'page', 'tab-a'), ...lines(4))
  await stream.untilBlocks(1)
  await server.running.close()
  await stream.ended
  expect(stream.blocks().slice(1)).toEqual(['id: 5'])
})

test('a stream without a filter ends without a further frame (promise 23)', async () => {
  await using server = await startTestServer(on)
  await using stream = await openRawStream(`${server.url}/telemetry/stream`)
  append(server, ...lines(2))
  await server.running.close()
  await stream.ended
  expect([idsOf(stream.blocks()), stream.text().endsWith('}}\n\n')]).toEqual([[1, 2], true])
})
