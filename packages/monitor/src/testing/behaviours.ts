// The behaviours of which there are recordings: what is served, what the browser is made to do, and when it is over.
// One recording each: fixtures/cdp/<name>.ndjson, made by record.ts.
import { attachBehaviours } from './attach-behaviours.ts'
import type { Behaviour } from './behaviour.ts'
import { html, json, script, settled, visit } from './behaviour-steps.ts'
import { interactionBehaviours } from './interaction-behaviours.ts'
import { pageBehaviours } from './page-behaviours.ts'
import { settlingBehaviours } from './settling-behaviours.ts'
import { socketBehaviours } from './socket-behaviours.ts'

const popupBehaviour: Behaviour = {
  name: 'popup',
  shows: 'A popup by window.open, attached passively: its first request and its first console call.',
  pages: {
    '/': html('opener'),
    '/popup': script("console.log('popup says hello')"),
  },
  drive: async (stage) => {
    const tab = await visit(stage, '/')
    await settled(stage)
    await tab.evaluate("void window.open('/popup')")
    await stage.captured.until('page_navigation_settled', (data) => data.url?.endsWith('/popup') === true)
  },
}

const framesBehaviour: Behaviour = {
  name: 'nested-frames',
  shows: 'Out-of-process iframes inside each other: their documents start in the session above and end in their own.',
  chromiumArgs: ['--site-per-process'],
  pages: (request, response) => {
    const { port } = new URL(`http://${request.headers.host}`)
    const bodies: Record<string, string> = {
      '/': html(`<iframe src="http://one.localhost:${port}/one"></iframe>`),
      '/one': html(`<script>console.log('in one')</script><iframe src="http://two.localhost:${port}/two"></iframe>`),
      '/two': script("console.log('in two'); fetch('/leaf.json').then((r) => r.json())"),
      '/leaf.json': '{"leaf":true}',
    }
    const body = bodies[request.url ?? '/']
    response
      .writeHead(body === undefined ? 404 : 200, { 'content-type': request.url?.endsWith('.json') ? 'application/json' : 'text/html' })
      .end(body)
  },
  drive: async (stage) => {
    await visit(stage, '/')
    await settled(stage)
  },
}

const workersBehaviour: Behaviour = {
  name: 'workers',
  shows: 'Dedicated, nested and shared workers: their scripts, requests and console calls.',
  pages: {
    '/': script("new Worker('/worker.js'); new SharedWorker('/shared.js')"),
    '/worker.js': {
      type: 'text/javascript',
      body: "console.log('worker'); fetch('/from-worker.json').then((r) => r.json()); new Worker('/nested.js')",
    },
    '/nested.js': { type: 'text/javascript', body: "console.log('nested'); fetch('/from-nested.json').then((r) => r.json())" },
    '/shared.js': { type: 'text/javascript', body: "console.log('shared'); fetch('/from-shared.json').then((r) => r.json())" },
    '/from-worker.json': json(1),
    '/from-nested.json': json(2),
    '/from-shared.json': json(3),
  },
  drive: async (stage) => {
    await visit(stage, '/')
    for (const text of ['worker', 'nested', 'shared']) await stage.captured.until('console_log', (data) => data.text === text)
    for (const name of ['worker', 'nested', 'shared']) {
      await stage.captured.until('network_response', (data) => data.url.endsWith(`/from-${name}.json`))
    }
    await settled(stage)
  },
}

export const behaviours: readonly Behaviour[] = [
  {
    name: 'page-load',
    shows: 'A page with a style sheet, a script, an image and a fetch: requests, responses with bodies, milestones, settling.',
    pages: {
      '/': html('<h1>Hello</h1><img src="/dot.svg"><script src="/app.js"></script>', '<link rel="stylesheet" href="/style.css">'),
      '/style.css': { type: 'text/css', body: 'h1 { color: teal }' },
      '/app.js': { type: 'text/javascript', body: "fetch('/data.json').then((r) => r.json())" },
      '/data.json': json({ answer: 42 }),
      '/dot.svg': { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>' },
    },
    drive: async (stage) => {
      await visit(stage, '/')
      await settled(stage)
    },
  },
  {
    name: 'console-calls',
    shows: 'Console calls of many kinds, an uncaught exception and an unhandled rejection.',
    pages: {
      '/': script(`
        console.log('plain', 1, true, null, undefined, { a: 1, b: { c: 2 } }, [1, 'two'])
        console.warn('%s has %d items', 'cart', 3)
        console.error(new Error('told'))
        console.debug(10n, Symbol('s'), -0)
        Promise.reject(new TypeError('nobody caught this'))
        setTimeout(() => console.info('last'), 0)
        throw new RangeError('boom')`),
    },
    drive: async (stage) => {
      await visit(stage, '/')
      await settled(stage)
    },
  },
  {
    name: 'redirect-chain',
    shows: 'Two redirects and their end share one request id, each hop with its own request and response.',
    pages: {
      '/': script("fetch('/first').then((r) => r.text())"),
      '/first': { body: '', status: 302, headers: { location: '/second', 'set-cookie': 'hop=1' } },
      '/second': { body: '', status: 307, headers: { location: '/end' } },
      '/end': json({ arrived: true }),
    },
    drive: async (stage) => {
      await visit(stage, '/')
      await settled(stage)
    },
  },
  popupBehaviour,
  framesBehaviour,
  {
    ...framesBehaviour,
    name: 'nested-frames-held',
    mode: 'complete',
    shows: 'The same frames in attach mode complete: their documents have bodies.',
  },
  workersBehaviour,
  {
    ...popupBehaviour,
    name: 'popup-held',
    mode: 'complete',
    shows: 'The same popup in attach mode complete, held until its set-up is written.',
  },
  {
    ...workersBehaviour,
    name: 'workers-held',
    mode: 'complete',
    shows: 'The same workers in attach mode complete: nothing of them is missed.',
  },
  {
    name: 'failed-requests',
    shows: 'A refused connection, a CORS failure, an aborted fetch and a 404.',
    pages: (request, response) => {
      if (request.url === '/hang') return
      const bodies: Record<string, string> = {
        '/no-cors': '"secret"',
        '/': script(`
          const go = async () => {
            await fetch('http://127.0.0.1:65535/').catch(() => {})
            await fetch(location.origin.replace('127.0.0.1', 'localhost') + '/no-cors').catch(() => {})
            const stop = new AbortController()
            setTimeout(() => stop.abort(), 50)
            await fetch('/hang', { signal: stop.signal }).catch(() => {})
            await fetch('/missing').then((r) => r.text())
            console.log('done')
          }
          go()`),
      }
      const body = bodies[request.url ?? '/']
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(body ?? 'nothing here')
    },
    drive: async (stage) => {
      await visit(stage, '/')
      await stage.captured.until('console_log', (data) => data.text === 'done')
      await settled(stage)
    },
  },
  {
    name: 'routes-of-an-app',
    shows: 'pushState, replaceState and a fragment: same-document navigations that leave nav_seq alone.',
    pages: { '/': html('<a id="there"></a>') },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await settled(stage)
      await tab.evaluate("history.pushState({}, '', '/a'); history.replaceState({}, '', '/b'); location.hash = 'there'")
      await stage.captured.until('page_navigated_within_document', (data) => data.route_seq === 3)
    },
  },
  {
    name: 'back-to-a-cached-page',
    shows: 'A page restored from the back/forward cache: a navigation of its own that settles without a load event.',
    pages: { '/a': html('a'), '/b': html('b') },
    drive: async (stage) => {
      const tab = await visit(stage, '/a')
      await settled(stage, 1)
      await tab.navigate(`${stage.server.url}/b`)
      await settled(stage, 2)
      await tab.evaluate('history.back()').catch(() => undefined)
      await stage.captured.until('page_navigation', (data) => data.nav_seq === 3)
      await settled(stage, 3)
    },
  },
  {
    name: 'tab-that-was-there',
    shows:
      'A tab loaded before capture: context from the frame tree, no invented navigation, settling from its ready state, console history as replay.',
    pages: { '/': script("console.log('before capture')") },
    before: async ({ server, driver }) => {
      const tab = await driver.openPage('about:blank')
      await tab.navigate(`${server.url}/`)
      while ((await tab.evaluate('document.readyState')) !== 'complete');
    },
    drive: async (stage) => {
      await stage.captured.until(
        'page_navigation_settled',
        (data) => data.late_attach === true && data.url?.startsWith(stage.server.url) === true,
      )
    },
  },
  {
    name: 'streams',
    shows: 'An EventSource is answered at its headers; its end gives no second response.',
    pages: (request, response) => {
      if (request.url === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write('data: one\n\n')
        return
      }
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(script("const s = new EventSource('/events'); s.onmessage = (m) => { console.log(m.data); s.close() }"))
    },
    drive: async (stage) => {
      await visit(stage, '/')
      await stage.captured.until('console_log', (data) => data.text === 'one')
      await settled(stage)
    },
  },
  {
    name: 'crash',
    shows: 'A renderer that dies: its open requests are closed, then page_crashed.',
    pages: (request, response) => {
      if (request.url === '/hang') return
      response.writeHead(200, { 'content-type': 'text/html' }).end(script("fetch('/hang')"))
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await stage.captured.until('network_request', (data) => data.url.endsWith('/hang'))
      await stage.driver.send('Page.crash', {}, tab.sessionId).catch(() => undefined)
      await stage.captured.until('page_crashed')
    },
  },
  ...settlingBehaviours,
  ...attachBehaviours,
  ...socketBehaviours,
  ...interactionBehaviours,
  ...pageBehaviours,
]
