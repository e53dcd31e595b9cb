// How requests end on a real Chromium: redirects, failures, streams. Each has one end, and the page server saw what is told.
import { type DrivenPage, launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ends, expectWitnessed, oddPages, pathOf, toldTo } from '../testing/odd-pages.ts'
import { openScene, type Scene } from '../testing/scene.ts'
import { toldWhole } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

async function openTab(): Promise<Scene & { tab: DrivenPage }> {
  const scene = await openScene({ chromium, pages: oddPages })
  return { ...scene, tab: await scene.visit('/') }
}

test('each hop of a redirect chain is a request and a response of one request id, and says where it came from', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate("fetch('/hop/3').then((r) => r.json()).then(() => 0)")
  const told = await toldTo(scene, '/hop/3', '/hop/2', '/hop/1', '/end')
  expect(ends(told)).toEqual(['/hop/3 302', '/hop/2 302', '/hop/1 302', '/end 200'])
  expect(
    told.requests.map((data) => [pathOf(data.url), data.is_redirect ?? false, pathOf(data.redirect_url), data.redirect_status]),
  ).toEqual([
    ['/hop/3', false, '/', undefined],
    ['/hop/2', true, '/hop/3', 302],
    ['/hop/1', true, '/hop/2', 302],
    ['/end', true, '/hop/1', 302],
  ])
  expect(new Set(told.requests.map(({ request_id }) => request_id)).size).toBe(1)
  expect(told.responses.map(({ body, body_absent_reason }) => body ?? body_absent_reason)).toEqual([
    'redirect',
    'redirect',
    'redirect',
    '"end"',
  ])
  await expectWitnessed(scene)
})

test('a redirect to another origin keeps its request id, and each hop has its own remote address and headers', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate("fetch('/away').then((r) => r.json()).then(() => 0)")
  const told = await toldTo(scene, '/away', '/abroad')
  expect(ends(told)).toEqual(['/away 307', '/abroad 200'])
  const hosts = told.responses.map(({ url, request_headers }) => [new URL(url).hostname, String(request_headers?.['Host']).split(':')[0]])
  expect(hosts).toEqual([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', 'localhost'],
  ])
  await expectWitnessed(scene)
})

test('a redirected document is two hops of the navigation before, and one navigation', async () => {
  await using scene = await openTab()
  await scene.tab.navigate(`${scene.server.url}/document-away`)
  const told = await toldTo(scene, '/document-away', '/document')
  await scene.captured.until('page_load', ({ nav_seq, target_id }) => nav_seq === 2 && target_id === scene.tab.targetId)
  expect(told.responses.map(({ url, status, nav_seq, resource_type }) => [pathOf(url), status, nav_seq, resource_type])).toEqual([
    ['/document-away', 301, 1, 'Document'],
    ['/document', 200, 1, 'Document'],
  ])
  const navigations = scene.captured.of('page_navigation').filter(({ data }) => data.url.startsWith(scene.server.url))
  expect(navigations.map(({ data }) => [pathOf(data.url), data.nav_seq])).toEqual([
    ['/', 1],
    ['/document', 2],
  ])
  await expectWitnessed(scene)
})

test('twenty hops arrive; one more and a loop fail after twenty, and the stream tells each hop that the server saw', async () => {
  await using scene = await openTab()
  for (const path of ['/hop/20', '/hop/21', '/loop'])
    await scene.tab.evaluate(`fetch('${path}').then((r) => r.text(), () => 0).then(() => 0)`)
  await toldTo(scene, '/hop/20', '/hop/21', '/loop')
  // A hop may wait for its headers on the wire, and a failure for the hop before it.
  await scene.captured.untilCount('network_response', 20 + 20 + 20, ({ status }) => status === 302)
  await scene.captured.untilCount('network_loading_failed', 2)
  const told = await toldWhole(scene)
  const tooMany = 'net::ERR_TOO_MANY_REDIRECTS'
  expect(told.failures.map(({ url, error_text }) => [pathOf(url), error_text])).toEqual([
    ['/hop/1', tooMany],
    ['/loop', tooMany],
  ])
  expect(told.responses.filter(({ status }) => status === 302)).toHaveLength(20 + 20 + 20)
})

test('a preflight is a request of its own, told before the request that it is for', async () => {
  await using scene = await openTab()
  const url = `${scene.server.urlOf('localhost')}/abroad`
  await scene.tab.evaluate(`fetch('${url}', { headers: { 'x-custom': '1' } }).then((r) => r.json()).then(() => 0)`)
  await scene.captured.untilCount('network_response', 2, (data) => data.url === url)
  const told = await toldTo(scene, '/abroad')
  expect(scene.server.log.filter(({ path }) => path === '/abroad').map(({ method }) => method)).toEqual(['OPTIONS', 'GET'])
  expect(told.requests.map(({ method, initiator_type }) => [method, initiator_type]).sort()).toEqual([
    ['GET', 'script'],
    ['OPTIONS', 'preflight'],
  ])
  expect(told.responses.map(({ method, status }) => `${method} ${status}`).sort()).toEqual(['GET 200', 'OPTIONS 204'])
  await expectWitnessed(scene)
})

test('aborted, cut off and missing: each ends once and says what happened; what was answered is told', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate(`(async () => {
    const stop = new AbortController()
    const hanging = fetch('/hang', { signal: stop.signal }).catch(() => 0)
    await fetch('/half').then((r) => r.text()).catch(() => 0)
    await fetch('/missing').then((r) => r.text())
    stop.abort()
    await hanging
    return 0
  })()`)
  const told = await toldTo(scene, '/hang', '/half', '/missing')
  const failures = told.failures.map(({ url, error_text, canceled }) => ({ path: pathOf(url), error_text, canceled }))
  expect(failures).toEqual([
    { path: '/hang', error_text: 'net::ERR_ABORTED', canceled: true },
    { path: '/half', error_text: 'net::ERR_CONTENT_LENGTH_MISMATCH', canceled: false },
  ])
  expect(told.responses.map(({ url, status, body_complete }) => [pathOf(url), status, body_complete])).toEqual([
    ['/half', 200, false],
    ['/missing', 404, undefined],
  ])
  await expectWitnessed(scene)
})

test('data: and blob: URLs are told with their ends, and no server is asked', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate(`(async () => {
    await fetch('data:application/json,1').then((r) => r.json())
    await fetch(URL.createObjectURL(new Blob(['2'], { type: 'application/json' }))).then((r) => r.json())
    return 0
  })()`)
  const isLocal = ({ url }: { url: string }): boolean => /^(?:data|blob):/.test(url) && !url.startsWith('data:,')
  await scene.captured.untilCount('network_response', 2, isLocal)
  const requests = scene.captured.of('network_request').filter(({ data }) => isLocal(data))
  const responses = scene.captured.of('network_response').filter(({ data }) => isLocal(data))
  expect(requests.map(({ data }) => data.url.split(':')[0])).toEqual(['data', 'blob'])
  expect(responses.map(({ data }) => [data.url.split(':')[0], data.status, data.body])).toEqual([
    ['data', 200, '1'],
    ['blob', 200, '2'],
  ])
  await expectWitnessed(scene)
})

test('an EventSource is answered once at its headers; that the page closed it is told as its cancelling', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate("new Promise((resolve) => { window.stream = new EventSource('/events'); stream.onmessage = () => resolve(0) })")
  const told = await toldTo(scene, '/events')
  await scene.tab.evaluate("stream.close(), fetch('/end').then((r) => r.json()).then(() => 0)")
  await toldTo(scene, '/end')
  expect(told.responses.map(({ status, body_complete, body_absent_reason }) => [status, body_complete, body_absent_reason])).toEqual([
    [200, false, 'not_captured'],
  ])
  const ended = (await toldTo(scene, '/events')).failures
  expect(ended.map(({ error_text, canceled }) => [error_text, canceled])).toEqual([['net::ERR_ABORTED', true]])
  await expectWitnessed(scene)
})

test('beacons and keepalive requests are told like others while their page lives', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate(
    "navigator.sendBeacon('/echo', 'beacon'), fetch('/nothing', { method: 'POST', keepalive: true, body: 'alive' }).then(() => 0)",
  )
  const told = await toldTo(scene, '/echo', '/nothing')
  expect(told.requests.map(({ url, method, resource_type, post_data }) => [pathOf(url), method, resource_type, post_data])).toEqual([
    ['/echo', 'POST', 'Ping', 'beacon'],
    ['/nothing', 'POST', 'Fetch', 'alive'],
  ])
  await expectWitnessed(scene)
})
