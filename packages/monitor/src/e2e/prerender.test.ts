// Pages that Chromium would prerender: it does so for nobody who is on the tab by DevTools, and prefetches instead (its own word for it is
// `PrerenderingDisabledByDevTools`, measured on 156). That is told as what it is. https://wicg.github.io/nav-speculation/prerendering.html
import { launchTestChromium, openDriver, type PageHandler, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene } from '../testing/scene.ts'
import { dataOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const first = `<!doctype html><link rel="icon" href="data:,"><script>
  fetch('/begin').then(() => {
    const rules = JSON.stringify({ prerender: [{ urls: ['/next'], eagerness: 'immediate' }] })
    document.head.append(Object.assign(document.createElement('script'), { type: 'speculationrules', textContent: rules }))
  })
  fetch('/leave').then(() => { location.href = '/next' })</script>`
const next = `<!doctype html><link rel="icon" href="data:,"><script>fetch('/shown?' + document.prerendering)</script>`

interface Held {
  readonly pages: PageHandler
  /** Answers what waits under this path, now or when it comes. */
  answer(path: string): void
}

function createGate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

/** `/begin` and `/leave` wait until they are answered. */
function holdSteps(): Held {
  const gates = new Map(['/begin', '/leave'].map((path) => [path, createGate()]))
  return {
    pages: ({ url = '' }, response) => {
      const end = (): unknown =>
        response.writeHead(200, { 'content-type': 'text/html' }).end(url === '/' ? first : url === '/next' ? next : '')
      void (gates.get(url)?.promise ?? Promise.resolve()).then(end)
    },
    answer: (path) => gates.get(path)?.resolve(),
  }
}

test('without anybody on the tab headless Chromium prerenders', async () => {
  const steps = holdSteps()
  await using server = await servePages(steps.pages)
  await using driver = await openDriver(chromium.wsUrl)
  const { targetId } = await driver.send('Target.createTarget', { url: `${server.url}/` })
  steps.answer('/begin')
  await server.seen('/shown?true')
  await driver.send('Target.closeTarget', { targetId })
})

test('with us on the tab it prefetches, and the navigation out of that cache is told as an ordinary one', async () => {
  const steps = holdSteps()
  await using scene = await openScene({ chromium, pages: steps.pages })
  const { captured, driver, server } = scene
  await driver.send('Target.createTarget', { url: `${server.url}/` })
  await captured.until('page_load', ({ url }) => url === `${server.url}/`)
  steps.answer('/begin')
  await captured.until('network_response', ({ url }) => url === `${server.url}/next`)
  steps.answer('/leave')
  await captured.until('page_load', ({ url }) => url === `${server.url}/next`)
  await server.seen('/shown?false')
  const responses = await captured.untilCount('network_response', 2, ({ url }) => url === `${server.url}/next`)
  expect(responses.map(({ data }) => [data.resource_type, data.from_cache, data.body, data.body_absent_reason])).toEqual([
    ['Prefetch', undefined, undefined, 'not_captured'],
    ['Document', 'prefetch', next, undefined],
  ])
  expect(dataOf(captured.drafts, 'page_navigation').map(({ url, nav_seq }) => [url, nav_seq])).toEqual([
    [`${server.url}/`, 1],
    [`${server.url}/next`, 2],
  ])
  expect(server.log.filter(({ path }) => path === '/next')).toHaveLength(1)
})
