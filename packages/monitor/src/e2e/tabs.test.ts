// Many tabs at once on a real Chromium: every event on the right tab and in the right navigation. The pages put the number of their tab
// and of their navigation into every URL and every console call, so the page server and the page itself are the witnesses.
import type { DrivenPage } from '@tabscope/cdp/testing'
import { expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf, seenUrls, toldUrls, toldWhole } from '../testing/witness.ts'

const tabCount = 20
const navigationCount = 3

const svg = { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>' }

// Each page loads a script, an image and a frame with a request of its own, all with its own query.
const page = `<!doctype html><link rel="icon" href="data:,"><body><script>
  const q = location.search
  document.write('<img src="/dot.svg' + q + '"><script src="/app.js' + q + '"></' + 'script><iframe src="/frame' + q + '"></iframe>')
  console.log('page ' + q)
</script>`
const pages = {
  '/page': page,
  '/dot.svg': svg,
  '/app.js': {
    type: 'text/javascript',
    body: "fetch('/data.json' + location.search).then((r) => r.json()).then(() => console.log('data ' + location.search))",
  },
  '/frame':
    "<!doctype html><script>console.log('frame ' + location.search); fetch('/frame.json' + location.search).then((r) => r.json())</script>",
  '/data.json': { type: 'application/json', body: '1' },
  '/frame.json': { type: 'application/json', body: '2' },
}
const calls = ['page', 'data', 'frame']
const requests = ['/page', '/dot.svg', '/app.js', '/data.json', '/frame', '/frame.json']

/** `tab 3 nav 2` as a URL or a console call names it. */
function claimOf(text: string | undefined): string {
  const [, tab, nav] = /[?&]tab=(\d+)&nav=(\d+)/.exec(text ?? '') ?? []
  return `tab ${tab} nav ${nav}`
}

async function navigateAll(scene: Scene, tabs: readonly DrivenPage[], nav: number): Promise<void> {
  await Promise.all(tabs.map((tab, index) => tab.navigate(`${scene.server.url}/page?tab=${index}&nav=${nav}`)))
  await Promise.all(
    tabs.map(async (_tab, index) => {
      const query = `?tab=${index}&nav=${nav}`
      for (const call of calls) await scene.captured.until('console_log', ({ text }) => text === `${call} ${query}`)
      for (const path of requests) await scene.captured.until('network_response', ({ url }) => url.endsWith(`${path}${query}`))
    }),
  )
}

test(`${tabCount} tabs load ${navigationCount} pages each at once: every event is on its tab and in its navigation, each once`, async () => {
  await using scene = await openScene({ pages })
  const { captured, server } = scene
  const tabs = await Promise.all(Array.from({ length: tabCount }, () => scene.emptyTab()))
  const numberOf = new Map(tabs.map(({ targetId }, index) => [targetId, index]))
  for (let nav = 1; nav <= navigationCount; nav++) await navigateAll(scene, tabs, nav)
  for (const { targetId } of tabs) {
    await captured.until('page_navigation_settled', ({ target_id, nav_seq }) => target_id === targetId && nav_seq === navigationCount)
  }

  const told = await toldWhole(scene)
  expect(toldUrls(told)).toEqual(seenUrls(server))

  const place = (data: { target_id?: string | undefined; page_target_id?: string | undefined; nav_seq?: number | undefined }): string =>
    `tab ${numberOf.get(data.page_target_id ?? data.target_id ?? '')} nav ${data.nav_seq}`
  // A tab's document is asked for in the navigation before its own, and answered in the same.
  const isTopDocument = ({ url }: { url?: string | undefined }): boolean => new URL(url ?? 'http://none/').pathname === '/page'
  const claimOfRequest = (data: { url?: string | undefined }): string => {
    const claim = claimOf(data.url)
    return isTopDocument(data) ? claim.replace(/\d+$/, (nav) => String(Number(nav) - 1)) : claim
  }
  const network = [...told.requests, ...told.responses]
  expect(network.map(place)).toEqual(network.map(claimOfRequest))
  expect(network).toHaveLength(2 * requests.length * tabCount * navigationCount)

  const consoleCalls = dataOf(captured.drafts, 'console_log')
  expect(consoleCalls.map(place)).toEqual(consoleCalls.map(({ text }) => claimOf(text)))
  expect(consoleCalls).toHaveLength(calls.length * tabCount * navigationCount)

  for (const type of ['page_navigation', 'page_dom_content_loaded', 'page_load', 'network_idle', 'page_navigation_settled'] as const) {
    const ofTabs = dataOf(captured.drafts, type).filter(({ url }) => url?.startsWith(server.url) === true)
    expect({ type, places: ofTabs.map(place) }).toEqual({ type, places: ofTabs.map(({ url }) => claimOf(url)) })
  }
  const loads = dataOf(captured.drafts, 'page_load').filter(({ url }) => url?.startsWith(server.url) === true)
  expect(loads).toHaveLength(tabCount * navigationCount)
})

test("targets of the browser's own windows are there, and never attached", async () => {
  await using scene = await openScene({ pages })
  await scene.visit('/page?tab=0&nav=1')
  // The empty filter lists every target, those excluded by default, too.
  const { targetInfos } = await scene.driver.send('Target.getTargets', { filter: [{}] })
  const own = (targetInfos as { type: string; targetId: string }[]).filter(({ type }) => type === 'browser_ui' || type === 'tab')
  expect(own.length).toBeGreaterThan(0)
  expect(own.flatMap(({ targetId }) => scene.wire.sentTo(targetId))).toEqual([])
})
