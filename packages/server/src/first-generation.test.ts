import { configOff, type StartRequest } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { configFromStart } from './first-generation.ts'
import { append, consoleDraft } from './testing/drafts.ts'
import { idsOf, openRawStream } from './testing/raw-stream.ts'
import { startTestServer } from './testing/test-server.ts'

/** What a request captures: the categories that are on, with their types when these are chosen. */
function captured(request: StartRequest): Readonly<Record<string, readonly string[] | 'all'>> {
  const { browser } = configFromStart(request, configOff).config
  const on = Object.entries(browser).filter(([, category]) => category.enabled)
  return Object.fromEntries(on.map(([name, category]) => [name, category.types ?? 'all']))
}

const requests = [
  'network_request',
  'network_response',
  'network_loading_failed',
  'network_websocket_opened',
  'network_websocket_frame',
  'network_websocket_closed',
  'network_event_source_message',
  'proxy_error',
]
const navigations = ['page_navigation', 'page_navigated_within_document', 'page_navigation_failed', 'page_dom_content_loaded', 'page_load']

const options: readonly (readonly [StartRequest, object])[] = [
  [{}, {}],
  [{ console: false, network: null }, {}],
  [{ console: true }, { console: 'all' }],
  [{ network: true }, { network: expect.arrayContaining(requests) }],
  [{ navigation: true }, { page: navigations }],
  [{ dom: true }, { page: ['page_dom_updated'] }],
  [{ layout_shifts: true }, { page: ['page_layout_shift'] }],
  [{ targets: true }, { page: ['page_tab_opened', 'page_tab_closed', 'page_crashed', 'page_worker_ended'] }],
  [{ interactions: true }, { interaction: 'all' }],
  [{ screenshots: true }, { screenshot: 'all' }],
  [{ navigation: true, layout_shifts: true }, { page: [...navigations, 'page_layout_shift'] }],
]

test.each(options)('the options %j capture what they named', (request, expected) => {
  expect(captured(request)).toEqual(expected)
})

test('bodies come with network_response_body only, and that brings its requests along', () => {
  const limitOf = (request: StartRequest) => {
    const { config, warnings } = configFromStart(request, configOff)
    return [config.browser.network.enabled, config.browser.network.body_limit_bytes, warnings]
  }
  expect([
    limitOf({ network: true }),
    limitOf({ network: true, network_response_body: true }),
    limitOf({ network_response_body: true }),
  ]).toEqual([
    [true, 0, []],
    [true, undefined, []],
    [true, undefined, ['network_response_body needs network, which was switched on with it.']],
  ])
})

test('network_idle belongs to the computed events', () => {
  const idle = (request: StartRequest) => configFromStart(request, configOff).config.browser.network.types?.includes('network_idle')
  expect([idle({ network: true }), idle({ computed_events: true })]).toEqual([false, true])
})

test('computed events switch on what they are computed from, and say so', () => {
  const { config, warnings } = configFromStart({ computed_events: true, network: true }, configOff)
  const { network, page, interaction, console } = config.browser
  expect([network.enabled, interaction.enabled, console.enabled, page.settled_events]).toEqual([true, true, false, true])
  expect(page.types).toEqual([...navigations, 'page_layout_shift', 'page_layout_settled', 'page_navigation_settled'])
  expect(warnings).toEqual(
    ['navigation', 'layout_shifts', 'interactions'].map((name) => `computed_events needs ${name}, which was switched on with it.`),
  )
})

test('triggers of screenshots have their old names and their new ones; by default errors and settled navigations', () => {
  const triggersOf = (request: StartRequest) => configFromStart(request, configOff).config.browser.screenshot.triggers
  const old = ['error', 'page_load', 'navigation_settled', 'scroll_settled', 'network_idle', 'layout_settled']
  expect([
    triggersOf({ screenshots: true }),
    triggersOf({ screenshots: true, screenshot_triggers: old }),
    triggersOf({ screenshots: true, screenshot_triggers: ['page_layout_settled'] }),
  ]).toEqual([
    ['error', 'page_navigation_settled'],
    ['error', 'page_load', 'page_navigation_settled', 'interaction_scroll_settled', 'network_idle', 'page_layout_settled'],
    ['page_layout_settled'],
  ])
})

test('the first API works from start to stop: start, reconfigure, publish, stream', async () => {
  await using server = await startTestServer()
  const started = await server.ask('POST', '/events/start', { json: { console: true } })
  await using stream = await openRawStream(`${server.url}/events/stream`)
  const event = { type: 'console_log', data: { level: 'log', text: 'published' } }
  const published = await server.ask('POST', '/events/publish', { json: event })
  const restarted = await server.ask('POST', '/events/start', { json: { navigation: true, computed_events: true } })
  const refused = await server.ask('POST', '/events/publish', { json: event })
  const stopped = await server.ask('POST', '/events/stop')
  const after = await server.ask('GET', '/telemetry')
  append(server, consoleDraft('second'))
  const statuses = [started, published, restarted, refused, stopped, after].map(({ status }) => status)
  expect([statuses, idsOf(await stream.untilBlocks(2))]).toEqual([
    [200, 200, 200, 204, 200, 404],
    [1, 2],
  ])
  const sessions = [started, restarted].map(({ json }) => (json as { capture_session_id: string }).capture_session_id)
  expect([sessions[0] === sessions[1], (restarted.json as { warnings: string[] }).warnings[0]]).toEqual([
    true,
    'computed_events needs network, which was switched on with it.',
  ])
})

test('the stream of the first API resumes like the one of today', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  append(server, consoleDraft('one'), consoleDraft('two'))
  await using stream = await openRawStream(`${server.url}/events/stream`, { headers: { 'Last-Event-ID': '1' } })
  expect(idsOf(await stream.untilBlocks(1))).toEqual([2])
})

test.each([
  [{ json: { console: 'yes' } }, 'body.console'],
  [{ json: { screenshot_triggers: ['sunrise'] } }, 'body.screenshot_triggers[0]'],
  [{ json: [] }, 'body'],
  [{ body: '{' }, 'JSON'],
])('bad options %j are a 400 that names them', async (request, named) => {
  await using server = await startTestServer()
  const { status, json } = await server.ask('POST', '/events/start', request)
  expect([status, json]).toEqual([400, expect.objectContaining({ message: expect.stringContaining(named) })])
})

test('start without a body captures nothing', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  const { status } = await server.ask('POST', '/events/start')
  expect([status, (await server.ask('GET', '/telemetry')).status]).toEqual([200, 404])
})
