// Playwright drives the browser, telemetry watches beside it: `npx tsx examples/playwright.ts https://example.com/`
import { Tabscope } from '@tabscope/sdk'
import { chromium } from 'playwright-core'

const url = process.argv[2] ?? 'https://example.com/'
const client = new Tabscope()
const browser = await client.browsers.create({
  headless: true,
  telemetry: { browser: { console: { enabled: true }, page: { enabled: true } } },
})
try {
  const errors = client.browsers.telemetry.stream(browser.session_id, { type: ['console_error'] })
  const watching = (async () => {
    for await (const { event } of errors) if (event.type === 'console_error') console.log(`the page complained: ${event.data.text}`)
  })()
  const settled = client.browsers.telemetry.waitFor(browser.session_id, 'page_navigation_settled')
  await Promise.all([errors, settled.listening])
  const playwright = await chromium.connectOverCDP(browser.cdp_ws_url)
  const page = playwright.contexts()[0]?.pages()[0] ?? (await playwright.newPage())
  await page.goto(url)
  await settled
  console.log(`Playwright sees: ${await page.title()}`)
  await playwright.close()
  await errors.close()
  await watching
} finally {
  await client.browsers.delete(browser.session_id)
}
