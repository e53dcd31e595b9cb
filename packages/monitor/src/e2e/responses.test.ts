// What is told of responses on a real Chromium: bodies, sizes, caches.
import { gzipSync } from 'node:zlib'
import { type DrivenPage, launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compressible, expectWitnessed, large, oddPages, pathOf, toldTo } from '../testing/odd-pages.ts'
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

test('a posted body is told as it was sent, and what the server echoed as the body of the response', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate(
    "fetch('/echo', { method: 'POST', body: new URLSearchParams({ name: 'ä', n: '1' }) }).then((r) => r.json()).then(() => 0)",
  )
  const told = await toldTo(scene, '/echo')
  const sent = new URLSearchParams({ name: 'ä', n: '1' }).toString()
  expect(told.requests.map(({ method, post_data }) => ({ method, post_data }))).toEqual([{ method: 'POST', post_data: sent }])
  expect(told.responses.map(({ method, body }) => ({ method, body }))).toEqual([{ method: 'POST', body: JSON.stringify(sent) }])
  await expectWitnessed(scene)
})

test('a response without a body says so: 204, HEAD and an empty 200', async () => {
  await using scene = await openTab()
  const ask = (path: string, method: string): Promise<unknown> =>
    scene.tab.evaluate(`fetch('${path}', { method: '${method}' }).then((r) => r.text()).then(() => 0)`)
  await ask('/nothing', 'GET')
  await ask('/end', 'HEAD')
  await ask('/empty', 'GET')
  const told = await toldTo(scene, '/nothing', '/end', '/empty')
  expect(told.responses.map(({ url, method, status, body, body_absent_reason: why }) => [pathOf(url), method, status, body, why])).toEqual([
    ['/nothing', 'GET', 204, undefined, 'no_content'],
    ['/end', 'HEAD', 200, undefined, 'no_content'],
    ['/empty', 'GET', 200, undefined, 'no_content'],
  ])
  await expectWitnessed(scene)
})

test('what comes out of a cache says which, is told as often as it was asked for, and asks the server once', async () => {
  await using scene = await openTab()
  const fetchKept = "fetch('/kept').then((r) => r.json()).then(() => 0)"
  await scene.tab.evaluate(fetchKept)
  await scene.tab.evaluate(fetchKept)
  const addScript =
    "new Promise((resolve) => document.body.append(Object.assign(document.createElement('script'), { src: '/kept.js', onload: () => resolve(0) })))"
  await scene.tab.evaluate(addScript)
  // A second use in the same document is no request at all to Chromium; the next document takes it out of the renderer's memory.
  await scene.tab.evaluate(addScript)
  await scene.tab.navigate(`${scene.server.url}/document`)
  await scene.tab.evaluate(addScript)
  await scene.captured.untilCount('network_response', 2, ({ url }) => url.endsWith('/kept.js'))
  const told = await toldTo(scene, '/kept', '/kept.js')
  const found = told.responses.map(({ url, status, from_cache, body }) => ({ path: pathOf(url), status, from_cache, body }))
  expect(found).toEqual([
    { path: '/kept', status: 200, from_cache: undefined, body: '"kept"' },
    { path: '/kept', status: 200, from_cache: 'disk', body: '"kept"' },
    { path: '/kept.js', status: 200, from_cache: undefined, body: undefined },
    { path: '/kept.js', status: 200, from_cache: 'memory', body: undefined },
  ])
  expect(scene.server.log.filter(({ path }) => path.startsWith('/kept')).map(({ path }) => path)).toEqual(['/kept', '/kept.js'])
  await toldWhole(scene)
})

test('a revalidated response has the status and body that the page gets', async () => {
  await using scene = await openTab()
  const ask = "fetch('/tagged').then((r) => r.json()).then(() => 0)"
  await scene.tab.evaluate(ask)
  await scene.tab.evaluate(ask)
  const told = await toldTo(scene, '/tagged')
  expect(scene.server.log.filter(({ path }) => path === '/tagged').map(({ headers }) => headers['if-none-match'])).toEqual([
    undefined,
    '"1"',
  ])
  expect(told.responses.map(({ status, body, from_cache }) => ({ status, body, from_cache }))).toEqual([
    { status: 200, body: '"tagged"', from_cache: undefined },
    { status: 200, body: '"tagged"', from_cache: undefined },
  ])
  await expectWitnessed(scene)
})

test('sizes: compressed bytes on the wire, decoded bytes of the body, and a body over the limit is not asked for', async () => {
  await using scene = await openTab()
  for (const path of ['/zipped', '/large']) await scene.tab.evaluate(`fetch('${path}').then((r) => r.json()).then(() => 0)`)
  const told = await toldTo(scene, '/zipped', '/large')
  const [zipped, huge] = told.responses
  const wireBytes = gzipSync(compressible).length
  expect(zipped?.decoded_bytes).toBe(compressible.length)
  // Chromium counts the headers among the bytes on the wire.
  expect(zipped?.encoded_bytes).toBeGreaterThan(wireBytes)
  expect(zipped?.encoded_bytes).toBeLessThan(wireBytes + 1000)
  expect(zipped?.body?.endsWith('...[truncated]')).toBe(true)
  expect([huge?.decoded_bytes, huge?.body, huge?.body_absent_reason]).toEqual([large.length, undefined, 'too_large'])
  expect(scene.wire.sent.filter(({ method }) => method === 'Network.getResponseBody')).toHaveLength(2)
  await expectWitnessed(scene)
})

test('a binary body is not captured and says so', async () => {
  await using scene = await openTab()
  await scene.tab.evaluate("fetch('/bytes').then((r) => r.arrayBuffer()).then(() => 0)")
  const told = await toldTo(scene, '/bytes')
  expect(told.responses.map(({ decoded_bytes, body, body_absent_reason }) => [decoded_bytes, body, body_absent_reason])).toEqual([
    [4, undefined, 'binary'],
  ])
})
