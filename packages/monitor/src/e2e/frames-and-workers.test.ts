// Out-of-process frames and workers of every kind on a real Chromium: each of their requests and console calls once, on their own
// target, with the tab that they belong to.
import { launchTestChromium, type Page, type PageHandler, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf, seenUrls, toldOf, toldUrls, toldWhole } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const html = (body: string): string =>
  `<!doctype html><html><head><title>fixture</title><link rel="icon" href="data:,"></head><body>${body}</body></html>`
const script = (code: string): string => html(`<script>${code}</script>`)
const javascript = (body: string): Page => ({ type: 'text/javascript', body })
const fetchJson = (path: string): string => `fetch('${path}').then((r) => r.json())`

// `%port%` stands for the server's own port: frames of other sites are named by their host.
function onHosts(pages: Readonly<Record<string, Page>>): PageHandler {
  return (request, response) => {
    const { port } = new URL(`http://${request.headers.host}`)
    const page = pages[(request.url ?? '/').split('?')[0] ?? '/']
    const { type = 'text/html', body = '' } = typeof page === 'string' ? { body: page } : (page ?? {})
    response
      .writeHead(page === undefined ? 404 : 200, { 'content-type': type, 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
      .end(body.replaceAll('%port%', port))
  }
}

const json: Page = { type: 'application/json', body: '{"n":1}' }

/** Console calls of this server's scripts, with the tab and navigation that they name; workers of an earlier scene may still run. */
function consoleCalls(scene: Scene): { on: string; text: string; page: string | undefined; nav: number | undefined }[] {
  return dataOf(scene.captured.drafts, 'console_log')
    .filter(({ url }) => url?.includes(`:${scene.server.port}/`) === true)
    .map(({ target_type, text, page_target_id, nav_seq }) => ({ on: target_type ?? '', text, page: page_target_id, nav: nav_seq }))
    .sort((one, other) => (one.text < other.text ? -1 : 1))
}

/** Which target tells each path's response, and the tab that it names. */
function answeredOn(scene: Scene): Record<string, string> {
  const { responses } = toldOf(scene.captured.drafts, scene.server.port)
  return Object.fromEntries(
    responses.map(({ url, target_type, page_target_id }) => [new URL(url).pathname, `${target_type} ${page_target_id ?? '-'}`]),
  )
}

async function allEnded(scene: Scene, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await scene.captured.until('network_response', ({ url }) => new URL(url).pathname === path)
  }
}

describe.each(['passive', 'complete'] as const)('in mode %s', (mode) => {
  test('three frames of other sites inside each other: every request and console call once, with the tab they belong to', async () => {
    const pages = onHosts({
      '/': html('<iframe src="http://localhost:%port%/one"></iframe>'),
      '/one': html(`<script>console.log('one'); ${fetchJson('/one.json')}</script><iframe src="http://two.localhost:%port%/two"></iframe>`),
      '/two': html(
        `<script>console.log('two'); ${fetchJson('/two.json')}</script><iframe src="http://three.localhost:%port%/three"></iframe>`,
      ),
      '/three': script(`console.log('three'); ${fetchJson('/three.json')}`),
      '/one.json': json,
      '/two.json': json,
      '/three.json': json,
    })
    await using scene = await openScene({ chromium, mode, pages })
    const { captured, server } = scene
    const tab = await scene.visit('/')
    await allEnded(scene, ['/', '/one', '/two', '/three', '/one.json', '/two.json', '/three.json'])
    await captured.until('page_navigation_settled', ({ target_id }) => target_id === tab.targetId)
    const told = await toldWhole(scene)
    const page = tab.targetId
    expect(toldUrls(told)).toEqual(seenUrls(server))
    expect(consoleCalls(scene)).toEqual(['one', 'three', 'two'].map((text) => ({ on: 'iframe', text, page, nav: 1 })))
    expect(new Set(told.responses.map(({ target_id, page_target_id }) => page_target_id ?? target_id))).toEqual(new Set([page]))
    expect(answeredOn(scene)).toMatchObject({
      '/': 'page -',
      '/one.json': `iframe ${page}`,
      '/two.json': `iframe ${page}`,
      '/three.json': `iframe ${page}`,
    })
  })

  test('dedicated, nested and shared workers: every request and console call once, on the worker that made it', async () => {
    const says = (name: string): string =>
      `self.go = new BroadcastChannel('go'); go.onmessage = () => ${fetchJson(`/later-${name}.json`)}; console.log('${name}'); ${fetchJson(`/first-${name}.json`)};`
    const names = ['dedicated', 'nested', 'shared']
    const pages = onHosts({
      '/': script("new Worker('/dedicated.js'); new SharedWorker('/shared.js')"),
      '/dedicated.js': javascript(`${says('dedicated')} new Worker('/nested.js')`),
      '/nested.js': javascript(says('nested')),
      '/shared.js': javascript(says('shared')),
      ...Object.fromEntries(names.flatMap((name) => [`/first-${name}.json`, `/later-${name}.json`].map((path) => [path, json]))),
    })
    await using scene = await openScene({ chromium, mode, pages })
    const { captured, server } = scene
    const tab = await scene.visit('/')
    for (const name of names) await captured.until('console_log', ({ text }) => text === name)
    for (const name of names) await server.seen(`/first-${name}.json`)
    await tab.evaluate("new BroadcastChannel('go').postMessage(0)")
    await allEnded(
      scene,
      names.map((name) => `/later-${name}.json`),
    )
    const first = names.flatMap((name) => [`/${name}.js`, `/first-${name}.json`])
    if (mode === 'complete') await allEnded(scene, first)
    // What ended before anybody looked is given up on after a moment, with an event.
    const told = await toldWhole(scene)
    const page = tab.targetId
    // On a busy machine `passive` sees a worker when its first requests are over; of a worker nobody knows them any more.
    const certain = (urls: string[]): string[] => urls.filter((url) => mode === 'complete' || !first.includes(new URL(url).pathname))
    expect(certain(toldUrls(told))).toEqual(certain(seenUrls(server)))
    expect(new Set(toldUrls(told)).size).toBe(toldUrls(told).length)
    expect(consoleCalls(scene)).toEqual([
      { on: 'worker', text: 'dedicated', page, nav: 1 },
      { on: 'worker', text: 'nested', page, nav: 1 },
      { on: 'shared_worker', text: 'shared', page: undefined, nav: undefined },
    ])
    expect(answeredOn(scene)).toMatchObject({
      '/later-dedicated.json': `worker ${page}`,
      '/later-nested.json': `worker ${page}`,
      '/later-shared.json': 'shared_worker -',
    })
  })

  test('a service worker that answers fetches: the page and the worker each tell their own side, each once', async () => {
    const pages = onHosts({
      '/': script(
        "navigator.serviceWorker.register('/service.js').then(() => navigator.serviceWorker.ready).then(() => console.log('ready'))",
      ),
      '/service.js': javascript(
        `console.log('service'); oninstall = () => skipWaiting(); onactivate = (e) => e.waitUntil(clients.claim());
         onfetch = (e) => { const path = new URL(e.request.url).pathname
           if (path === '/made-up.json') e.respondWith(new Response('{"made":"up"}', { headers: { 'content-type': 'application/json' } }))
           if (path === '/passed-on.json') e.respondWith(fetch('/origin.json'))
           if (path === '/read.json') e.respondWith(fetch('/other.json').then(async (r) => new Response(await r.text(), r))) }`,
      ),
      '/origin.json': json,
      '/other.json': json,
    })
    await using scene = await openScene({ chromium, mode, pages })
    const { captured, server } = scene
    const tab = await scene.visit('/')
    await captured.until('console_log', ({ text }) => text === 'ready')
    await tab.evaluate(
      'navigator.serviceWorker.controller ? 0 : new Promise((resolve) => { navigator.serviceWorker.oncontrollerchange = () => resolve(0) })',
    )
    for (const path of ['/made-up.json', '/passed-on.json', '/read.json'])
      await tab.evaluate(`fetch('${path}').then((r) => r.json()).then(() => 0)`)
    await allEnded(scene, ['/made-up.json', '/passed-on.json', '/origin.json', '/read.json', '/other.json'])
    const told = await toldWhole(scene)
    const answered = told.responses.filter(({ url }) => url.endsWith('.json'))
    const byPath = answered.map(({ url, target_type, from_service_worker, body, body_absent_reason: why }) => [
      new URL(url).pathname,
      { target_type, from_service_worker, body, why },
    ])
    expect(byPath).toHaveLength(5)
    expect(Object.fromEntries(byPath)).toEqual({
      '/made-up.json': { target_type: 'page', from_service_worker: true, body: '{"made":"up"}' },
      '/passed-on.json': { target_type: 'page', from_service_worker: true, body: '{"n":1}' },
      '/read.json': { target_type: 'page', from_service_worker: true, body: '{"n":1}' },
      // Chromium tells no data of a body that a service worker hands on unread; the page's own response has it.
      '/origin.json': { target_type: 'service_worker', why: 'not_captured' },
      '/other.json': { target_type: 'service_worker', body: '{"n":1}' },
    })
    // What the worker answers never reaches the server under that name; in `passive` its script is fetched before anybody can look.
    const hidden = mode === 'passive' ? ['/service.js'] : []
    const answeredByWorker = ['/made-up.json', '/passed-on.json', '/read.json']
    const others = (urls: string[], without: string[]): string[] => urls.filter((url) => !without.includes(new URL(url).pathname))
    expect(others(toldUrls(told), [...answeredByWorker, ...hidden])).toEqual(others(seenUrls(server), hidden))
    expect(consoleCalls(scene)).toEqual([
      { on: 'page', text: 'ready', page: undefined, nav: 1 },
      { on: 'service_worker', text: 'service', page: undefined, nav: undefined },
    ])
    await tab.evaluate(
      'navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((each) => each.unregister()))).then(() => 0)',
    )
  })
})
