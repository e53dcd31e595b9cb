// Behaviours about what was there, or happened, when nobody could look: before a session, between two connections, while a category was off.
import type { Behaviour } from './behaviour.ts'
import { html, json, script, settled, visit } from './behaviour-steps.ts'

const says = (text: string): string => `console.log('${text}'); fetch('/data.json').then((r) => r.json())`

export const attachBehaviours: readonly Behaviour[] = [
  {
    name: 'popup-without-opener',
    shows: 'A noopener popup in mode passive: its document left before anybody could look, and is told late from what is still known.',
    pages: { '/': html('opener'), '/popup': script(says('popup')), '/data.json': json(1) },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await settled(stage)
      await tab.evaluate("void window.open('/popup', '_blank', 'noopener')")
      await stage.captured.until('network_response', (data) => data.url.endsWith('/popup'))
      await stage.captured.until('network_response', (data) => data.url.endsWith('/data.json'))
      await stage.captured.until('page_navigation_settled', (data) => data.url?.endsWith('/popup') === true)
    },
  },
  {
    name: 'tab-opened-with-its-url',
    shows: 'Target.createTarget with a URL by another client: the document is on its way before any attaching.',
    pages: { '/': script(says('opened')), '/data.json': json(1) },
    drive: async (stage) => {
      await stage.driver.send('Target.createTarget', { url: `${stage.server.url}/` })
      await stage.captured.until('network_response', (data) => data.url === `${stage.server.url}/`)
      await stage.captured.until('network_response', (data) => data.url.endsWith('/data.json'))
      await stage.captured.until('page_navigation_settled', (data) => data.url === `${stage.server.url}/`)
    },
  },
  {
    name: 'service-worker',
    mode: 'complete',
    shows: 'A service worker that answers by itself, passes on a body unread, and reads one.',
    pages: {
      '/': html('page'),
      '/service.js': {
        type: 'text/javascript',
        body: `console.log('service'); oninstall = () => skipWaiting(); onactivate = (e) => e.waitUntil(clients.claim())
          onfetch = (e) => { const path = new URL(e.request.url).pathname
            if (path === '/passed-on.json') e.respondWith(fetch('/origin.json'))
            if (path === '/read.json') e.respondWith(fetch('/other.json').then(async (r) => new Response(await r.text(), r))) }`,
      },
      '/origin.json': json({ passed: 'on' }),
      '/other.json': json({ read: true }),
      '/passed-on.json': json('never asked for'),
      '/read.json': json('never asked for'),
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await tab.evaluate("navigator.serviceWorker.register('/service.js').then(() => navigator.serviceWorker.ready).then(() => 0)")
      await tab.evaluate(
        'navigator.serviceWorker.controller ? 0 : new Promise((resolve) => { navigator.serviceWorker.oncontrollerchange = () => resolve(0) })',
      )
      for (const path of ['/passed-on.json', '/read.json']) {
        await tab.evaluate(`fetch('${path}').then((r) => r.json()).then(() => 0)`)
        await stage.captured.until('network_response', (data) => data.url.endsWith(path))
      }
      for (const path of ['/origin.json', '/other.json']) await stage.captured.until('network_response', (data) => data.url.endsWith(path))
    },
  },
  {
    name: 'console-off-and-on',
    shows: 'Console off and on again: what was said before is not told twice, what was said meanwhile is told as history.',
    pages: { '/': script("console.log('before')"), '/next': script("console.log('meanwhile')") },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await stage.captured.until('console_log', (data) => data.text === 'before')
      await settled(stage)
      await stage.change({ console: { enabled: false } })
      await tab.navigate(`${stage.server.url}/next`)
      await settled(stage, 2)
      await stage.change({})
      await stage.captured.until('console_log', (data) => data.text === 'meanwhile')
      await tab.evaluate("console.log('after')")
      await stage.captured.until('console_log', (data) => data.text === 'after')
    },
  },
  {
    name: 'console-off-and-on-at-once',
    shows: 'Console off and on before Chromium has heard of it: a call that is on its way is told once, and not as history.',
    pages: { '/': script("console.log('before')") },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      await stage.captured.until('console_log', (data) => data.text === 'before')
      await settled(stage)
      await stage.change({ console: { enabled: false } })
      await tab.evaluate("console.log('meanwhile')")
      await stage.change({})
      await stage.captured.until('console_log', (data) => data.text === 'meanwhile')
      await tab.evaluate("console.log('after')")
      await stage.captured.until('console_log', (data) => data.text === 'after')
    },
  },
  {
    name: 'connection-cut',
    shows: 'A cut connection: open requests end, and on its return history is told once, with the navigation made meanwhile.',
    pages: (request, response) => {
      if (request.url === '/hang') return
      const code = request.url === '/one' ? "console.log('one'); fetch('/hang')" : "console.log('two')"
      response.writeHead(200, { 'content-type': 'text/html' }).end(script(code))
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/one')
      const other = await visit(stage, '/two')
      await stage.captured.until('network_request', (data) => data.url.endsWith('/hang'))
      for (const { targetId } of [tab, other]) await stage.captured.until('page_load', (data) => data.target_id === targetId)
      await stage.server.seen('/hang')
      stage.proxy.cut()
      await stage.captured.until('monitor_disconnected')
      await tab.evaluate("console.log('meanwhile')")
      stage.proxy.mend()
      await stage.captured.until('monitor_reconnected')
      await stage.captured.until('console_log', (data) => data.text === 'meanwhile')
      await tab.evaluate("console.log('after')")
      await stage.captured.until('console_log', (data) => data.text === 'after')
    },
  },
  {
    name: 'page-that-leaves',
    shows: 'Beacon, keepalive request and console call in pagehide: Chromium tells them on no session.',
    pages: {
      '/one': script(
        "onpagehide = () => { console.log('leaving'); navigator.sendBeacon('/beacon', 'b'); fetch('/kept', { method: 'POST', keepalive: true, body: 'k' }) }",
      ),
      '/two': html('two'),
      '/beacon': json(1),
      '/kept': json(1),
    },
    unseen: ['/beacon', '/kept'],
    drive: async (stage) => {
      const tab = await visit(stage, '/one')
      await settled(stage)
      await tab.navigate(`${stage.server.url}/two`)
      for (const path of ['/beacon', '/kept']) await stage.server.seen(path)
      await settled(stage, 2)
    },
  },
  {
    name: 'cached-responses',
    shows: 'The same script from the server, out of the renderer’s memory and out of the disk cache.',
    pages: {
      '/one': html('<script src="/app.js"></script>'),
      '/two': script(
        "document.write('<script src=\\'/app.js\\'></' + 'script>'); fetch('/app.js', { cache: 'force-cache' }).then((r) => r.text())",
      ),
      '/app.js': { type: 'text/javascript', body: '0', headers: { 'cache-control': 'max-age=600' } },
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/one')
      await settled(stage)
      await tab.navigate(`${stage.server.url}/two`)
      await stage.captured.untilCount('network_response', 3, (data) => data.url.endsWith('/app.js'))
      await settled(stage, 2)
    },
  },
]
