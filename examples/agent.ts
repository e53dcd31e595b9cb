// An agent that visits pages and goes on when each is done, instead of sleeping: `npx tsx examples/agent.ts URL URL …`
import { StreamError, Tabscope } from '@tabscope/sdk'
import { chromium } from 'playwright-core'

const urls = process.argv.slice(2)
const client = new Tabscope()
const browser = await client.browsers.create({
  headless: true,
  telemetry: { browser: { console: { enabled: true }, network: { enabled: true }, page: { enabled: true } } },
})
try {
  const playwright = await chromium.connectOverCDP(browser.cdp_ws_url)
  const page = playwright.contexts()[0]?.pages()[0] ?? (await playwright.newPage())
  for (const url of urls) {
    const settled = client.browsers.telemetry.waitFor(browser.session_id, 'page_navigation_settled', { timeoutMs: 20_000 })
    // From here on nothing can be missed, however fast the page is.
    await settled.listening
    await page.goto(url, { waitUntil: 'commit' })
    const { seq, event } = await settled.catch(explain)
    console.log(`${event.data.url} is done (event ${seq}, ${Math.round(event.data.duration_ms ?? 0)} ms)`)
  }
  await playwright.close()
} finally {
  await client.browsers.delete(browser.session_id)
}

function explain(error: unknown): never {
  if (error instanceof StreamError && error.code === 'wait_timeout')
    console.error('The page never came to rest; an agent would look at it now.')
  throw error
}
