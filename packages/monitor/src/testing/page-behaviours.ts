// Behaviours of single pages that surprise: reuse within a document, preflights, icons, prerendering, layout shifts, documents written anew,
// requests that go ahead of their navigation.
import type { Behaviour, Stage } from './behaviour.ts'
import { html, json, script, settled, visit } from './behaviour-steps.ts'
import { handsOn } from './hands.ts'

const verbose = { detail_level: 'verbose' } as const
const dot = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'

const done = (stage: Stage, text = 'done'): Promise<unknown> => stage.captured.until('console_log', (data) => data.text === text)

export const pageBehaviours: readonly Behaviour[] = [
  {
    name: 'reuse-within-a-document',
    shows: 'The same picture twice in one document, and once more by script: one request; of the reuse Chromium tells nobody.',
    pages: {
      '/': html('<img src="/dot.svg"><img src="/dot.svg">'),
      '/dot.svg': { type: 'image/svg+xml', body: dot, headers: { 'cache-control': 'max-age=600' } },
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await tab.evaluate("new Promise((resolve) => { const i = new Image(); i.onload = () => resolve(0); i.src = '/dot.svg' })")
      await settled(stage)
    },
  },
  {
    name: 'preflight',
    shows: 'A request to another origin with a header of its own: its preflight is a request beside it, which idle does not wait for.',
    pages: (request, response) => {
      const allow = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'x-own' }
      if (request.method === 'OPTIONS') response.writeHead(204, allow).end()
      else if (request.url === '/') {
        const code =
          "fetch(location.origin.replace('127.0.0.1', 'localhost') + '/data.json', { headers: { 'x-own': '1' } }).then((r) => r.json()).then(() => console.log('done'))"
        response.writeHead(200, { 'content-type': 'text/html' }).end(script(code))
      } else response.writeHead(200, { ...allow, 'content-type': 'application/json' }).end('1')
    },
    drive: async (stage) => {
      await visit(stage, '/')
      await done(stage)
      await settled(stage)
    },
  },
  {
    name: 'favicon',
    shows: 'The icon of a page is a request like any other, of type Other, and idle does not wait for it.',
    pages: {
      '/': '<!doctype html><title>with an icon</title><link rel="icon" href="/icon.svg">',
      '/icon.svg': { type: 'image/svg+xml', body: dot },
    },
    drive: async (stage) => {
      await visit(stage, '/')
      await stage.captured.until('network_response', (data) => data.url.endsWith('/icon.svg'))
      await settled(stage)
    },
  },
  {
    name: 'layout-shift',
    shows: 'A paragraph that is pushed down after load: the shift, what moved, the score; a larger paint; the tree replaced; at verbose.',
    categories: { page: verbose },
    pages: { '/': html('<div id="top"></div><p style="width: 500px; height: 200px; background: teal">moved</p>') },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await stage.captured.until('page_lcp')
      for (const px of [120, 240]) {
        const before = stage.captured.of('page_layout_shift').length
        // Until it is told: what moves before the first frame is no shift.
        await tab.evaluate(`top.document.getElementById('top').style.height = '${px}px'`)
        await stage.captured.untilSo('a layout shift', () => stage.captured.of('page_layout_shift').length > before)
      }
      await settled(stage)
    },
  },
  {
    name: 'page-off-and-on',
    shows: 'The category page off and on again: paints and shifts from before are told again by Chromium, and not by us.',
    pages: { '/': html('<h1>painted before</h1>') },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await stage.captured.until('page_lcp')
      await settled(stage)
      await stage.change({ page: { enabled: false } })
      await stage.change({})
      await tab.evaluate("console.log('after')")
      await done(stage, 'after')
    },
  },
  {
    name: 'document-written-anew',
    shows: 'document.open() takes the listeners of the page script away; it listens again, and a click in the new document is told.',
    categories: { interaction: { enabled: true } },
    pages: { '/': html('<h1>first</h1>') },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await settled(stage)
      await tab.evaluate(
        'document.open(); document.write(\'<!doctype html><button style="position:absolute;left:0;top:0;width:200px;height:40px">Second</button>\'); document.close()',
      )
      const hands = handsOn(stage.driver, tab)
      await hands.click({ x: 30, y: 10 })
      await stage.captured.until('interaction_click', (data) => data.text === 'Second')
    },
  },
  {
    name: 'back-with-requests',
    shows: 'A page restored from the back/forward cache that asks for something in pageshow, which may go ahead of its navigation.',
    pages: {
      '/a': script(
        "onpageshow = (event) => { if (event.persisted) fetch('/shown.json').then((r) => r.json()).then(() => console.log('shown')) }",
      ),
      '/b': html('b'),
      '/shown.json': json(1),
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/a')
      await settled(stage, 1)
      await tab.navigate(`${stage.server.url}/b`)
      await settled(stage, 2)
      await tab.evaluate('history.back()').catch(() => undefined)
      await done(stage, 'shown')
      await settled(stage, 3)
    },
  },
  {
    name: 'prefetched-navigation',
    shows:
      'A page that is to be prerendered: with a DevTools client on it Chromium prefetches it, and the navigation there is an ordinary one out of that cache.',
    pages: {
      '/': html('<script type="speculationrules">{"prerender":[{"urls":["/next"],"eagerness":"immediate"}]}</script>'),
      '/next': script(
        "console.log(document.prerendering ? 'prerendering' : 'shown'); document.onprerenderingchange = () => console.log('activated')",
      ),
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await stage.server.seen('/next')
      await settled(stage)
      await tab.evaluate("setTimeout(() => { location.href = '/next' }, 300)")
      await stage.captured.until('page_navigation', (data) => data.url.endsWith('/next') && data.target_id === tab.targetId)
      await stage.captured.until('page_navigation_settled', (data) => data.url?.endsWith('/next') === true)
    },
  },
  {
    name: 'post-data-left-out',
    shows: 'A Blob as post data, which Chromium leaves out of the request: asked for at verbose, and the request told before its response.',
    categories: { network: verbose },
    pages: { '/': html('page'), '/upload': json(1) },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await tab.evaluate("fetch('/upload', { method: 'POST', body: new Blob(['in a blob']) }).then((r) => r.json()).then(() => 0)")
      await stage.captured.until('network_response', (data) => data.url.endsWith('/upload'))
      await settled(stage)
    },
  },
  {
    name: 'tab-closed',
    shows: 'A tab closed in the middle of a request: the request ends with an event, then the tab.',
    pages: (request, response) => {
      if (request.url === '/hang') return
      response.writeHead(200, { 'content-type': 'text/html' }).end(script("fetch('/hang')"))
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await stage.server.seen('/hang')
      await stage.captured.until('network_request', (data) => data.url.endsWith('/hang'))
      await stage.captured.until('network_response', (data) => data.url === `${stage.server.url}/`)
      await tab.close()
      await stage.captured.until('page_tab_closed', (data) => data.target_id === tab.targetId)
    },
  },
  {
    name: 'popup-without-opener-held',
    mode: 'complete',
    shows: 'A noopener popup in attach mode complete: held until its set-up is written, so its first request is told.',
    pages: { '/': html('opener'), '/popup': script("console.log('popup')") },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await settled(stage)
      await tab.evaluate("void window.open('/popup', '_blank', 'noopener')")
      await stage.captured.until('network_request', (data) => data.url.endsWith('/popup'))
      await stage.captured.until('page_navigation_settled', (data) => data.url?.endsWith('/popup') === true)
    },
  },
  {
    name: 'kinds-of-dialogs',
    shows: 'A prompt that is refused, and an alert while another client works on: each opened and closed, with its words.',
    pages: { '/': html('page') },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await settled(stage)
      await stage.driver.send('Page.enable', {}, tab.sessionId)
      for (const [index, [expression, accept]] of (
        [
          ["prompt('Name?', 'nobody')", false],
          ["alert('Look')", true],
        ] as const
      ).entries()) {
        const asked = tab.evaluate(expression)
        await stage.captured.untilCount('page_dialog_opened', index + 1)
        await stage.driver.send('Page.handleJavaScriptDialog', { accept }, tab.sessionId)
        await asked
        await stage.captured.untilCount('page_dialog_closed', index + 1)
      }
    },
  },
]
