// Playwright over CDP on the same Chromium: it works as if nobody else were there, and what its listeners count is what the stream tells.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { type Page as PlaywrightPage, chromium as playwright } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf, seenUrls, toldUrls, toldWhole } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process', '--disable-popup-blocking'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const head = '<!doctype html><link rel="icon" href="data:,">'
const page = `${head}<body><script>
  console.log('page', location.search)
  fetch('/hop').then((r) => r.json()).then(() => fetch('/missing')).then((r) => r.text()).then(() => console.error('done'))
</script><iframe src="/frame"></iframe>`

const openWith = (mode: 'passive' | 'complete'): Promise<Scene> =>
  openScene({
    chromium,
    mode,
    pages: {
      '/page': page,
      '/frame': `${head}<script>console.log('frame')</script>`,
      '/hop': { body: '', status: 302, headers: { location: '/data.json' } },
      '/data.json': { type: 'application/json', body: '1' },
      '/popup': `${head}<script>console.log('popup')</script>`,
    },
  })

/** What Playwright's own listeners saw, of a page and of its popups. */
interface Counted {
  readonly requests: string[]
  readonly responses: string[]
  readonly calls: string[]
}

function count(target: PlaywrightPage, into: Counted): void {
  target.on('request', (request) => into.requests.push(request.url()))
  target.on('response', (response) => into.responses.push(`${response.url()} ${response.status()}`))
  target.on('console', (message) => into.calls.push(message.text()))
}

test.each(['passive', 'complete'] as const)(
  'in mode %s Playwright drives the browser undisturbed and counts what we tell',
  async (mode) => {
    await using scene = await openWith(mode)
    const { captured, server, wire } = scene
    const browser = await playwright.connectOverCDP(chromium.endpoint)
    try {
      const context = browser.contexts()[0] ?? (await browser.newContext())
      const counted: Counted = { requests: [], responses: [], calls: [] }
      context.on('page', (opened) => count(opened, counted))
      const tab = await context.newPage()
      const ours = await captured.until('page_tab_opened', ({ existing }) => existing !== true)
      await wire.setUp(ours.data.target_id)
      for (const visit of [1, 2]) {
        const done = tab.waitForEvent('console', (message) => message.text() === 'done')
        const answer = await tab.goto(`${server.url}/page?${visit}`)
        await done
        expect([answer?.status(), await tab.evaluate('document.title + location.search')]).toEqual([200, `?${visit}`])
      }
      const popupOpened = tab.waitForEvent('popup')
      await tab.evaluate("void window.open('/popup')")
      const popup = await popupOpened
      await popup.waitForLoadState('load')
      await captured.until('console_log', ({ text }) => text === 'popup')
      await captured.until('network_response', ({ url }) => url.endsWith('/popup'))
      await captured.untilCount('console_error', 2)

      const told = await toldWhole({ captured, server })
      expect(toldUrls(told)).toEqual(seenUrls(server))
      // Playwright's listeners on a popup begin when it is announced, which is after its first request.
      const withoutPopup = (lines: readonly string[]): string[] =>
        lines.filter((line) => !line.includes('/popup') && line !== 'popup').sort()
      expect(withoutPopup(toldUrls(told))).toEqual(withoutPopup(counted.requests))
      expect(withoutPopup(told.responses.map(({ url, status }) => `${url} ${status}`))).toEqual(withoutPopup(counted.responses))
      const calls = [
        ...dataOf(captured.drafts, 'console_log').filter(({ log_source }) => log_source === undefined),
        ...dataOf(captured.drafts, 'console_error'),
      ]
      expect(withoutPopup(calls.map(({ text }) => text))).toEqual(
        withoutPopup(counted.calls.filter((text) => !text.startsWith('Failed to load'))),
      )
      await tab.close()
    } finally {
      await browser.close()
    }
  },
)
