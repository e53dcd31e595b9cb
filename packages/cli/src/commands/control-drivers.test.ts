// Playwright and Puppeteer on a browser that the published Node client made, and a browser with a window.
import Kernel from '@onkernel/sdk'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiKey, startTestControl, type TestControl } from '../testing/control.ts'
import { startSite } from '../testing/site.ts'

let control: TestControl

beforeAll(async () => {
  control = await startTestControl()
})

afterAll(async () => {
  await control[Symbol.asyncDispose]()
})

const clientOf = (): Kernel => new Kernel({ apiKey, baseURL: control.url, maxRetries: 0 })
const telemetry = { browser: { console: { enabled: true }, page: { enabled: true } } }

test.each([
  [
    'Playwright',
    async (endpoint: string, url: string): Promise<string> => {
      const browser = await chromium.connectOverCDP(endpoint)
      const page = await (browser.contexts()[0] ?? (await browser.newContext())).newPage()
      await page.goto(url)
      const title = await page.title()
      await browser.close()
      return title
    },
  ],
  [
    'Puppeteer',
    async (endpoint: string, url: string): Promise<string> => {
      const browser = await puppeteer.connect({ browserWSEndpoint: endpoint })
      const page = await browser.newPage()
      await page.goto(url)
      const title = await page.title()
      await browser.disconnect()
      return title
    },
  ],
])('%s drives a browser through its cdp_ws_url, with telemetry beside it', async (_name, drive) => {
  await using site = await startSite()
  const client = clientOf()
  const browser = await client.browsers.create({ headless: true, telemetry })
  const stream = await client.browsers.telemetry.stream(browser.session_id)
  expect(await drive(browser.cdp_ws_url, site.url)).toBe('the site')
  const seen = new Set<string>()
  for await (const { event } of stream) {
    seen.add(event.type)
    if (seen.has('cdp_disconnect')) break
  }
  expect([...seen]).toEqual(expect.arrayContaining(['cdp_connect', 'page_navigation', 'console_log', 'cdp_disconnect']))
  await client.browsers.deleteByID(browser.session_id)
})

test('a browser with a window, where there is a private display for one, in the size that was asked for', async () => {
  const client = clientOf()
  const browser = await client.browsers.create({ viewport: { width: 900, height: 700 }, start_url: 'data:text/html,window' })
  const connected = await chromium.connectOverCDP(browser.cdp_ws_url)
  const page = connected.contexts()[0]?.pages()[0]
  const inner = await page?.evaluate('[innerWidth, innerHeight]')
  await connected.close()
  expect([browser.headless, browser.viewport, inner]).toEqual([false, { width: 900, height: 700 }, [900, 700]])
  await client.browsers.deleteByID(browser.session_id)
})
