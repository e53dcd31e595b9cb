// A document that is left in the moment it has loaded: its process is given up while its main thread is still at the load, and what
// it had not handed over by then is lost. Its milestones are told all the same.
import type { PageHandler } from '@tabscope/cdp/testing'
import { expect, test } from 'vitest'
import { openScene } from '../testing/scene.ts'

const head = '<!doctype html><link rel="icon" href="data:,">'
// `pageshow` follows `load` in the same task, which goes on until the document is long left. (A synchronous request would hold it, too, but
// Chromium hands over everything before one.)
// https://html.spec.whatwg.org/multipage/parsing.html#the-end
const holds = `<script>onpageshow = () => { fetch('/held'); const end = performance.now() + 3000; while (performance.now() < end); }</script>`

const pages: PageHandler = (request, response) => {
  if (request.url === '/held') return
  response.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'no-store' }).end(request.url === '/' ? head + holds : head)
}

test('a document whose process is given up while it tells that it has loaded has its milestones', async () => {
  await using scene = await openScene({ pages, chromiumArgs: ['--site-per-process'] })
  const { captured, driver, server } = scene
  const tab = await scene.emptyTab()
  const first = `${server.urlOf('first.localhost')}/`
  const second = `${server.urlOf('second.localhost')}/next`
  await driver.send('Page.navigate', { url: first }, tab.sessionId)
  await server.seen('/held')
  await driver.send('Page.navigate', { url: second }, tab.sessionId)
  await captured.until('page_load', ({ url }) => url === second)
  const types = ['page_navigation', 'page_dom_content_loaded', 'page_load']
  const told = captured.drafts.filter(({ type }) => types.includes(type)).map(({ type, data }) => [type, (data as { url?: string }).url])
  expect(told).toEqual([first, second].flatMap((url) => types.map((type) => [type, url])))
})
