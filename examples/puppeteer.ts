// Puppeteer drives the browser, telemetry watches beside it: `npx tsx examples/puppeteer.ts https://example.com/`
import { Tabscope } from '@tabscope/sdk'
import puppeteer from 'puppeteer-core'

const url = process.argv[2] ?? 'https://example.com/'
const client = new Tabscope()
const browser = await client.browsers.create({
  headless: true,
  telemetry: { browser: { network: { enabled: true }, page: { enabled: true } } },
})
try {
  const settled = client.browsers.telemetry.waitFor(browser.session_id, 'page_navigation_settled')
  await settled.listening
  const driver = await puppeteer.connect({ browserWSEndpoint: browser.cdp_ws_url, defaultViewport: null })
  const page = (await driver.pages())[0] ?? (await driver.newPage())
  await page.goto(url)
  const { seq } = await settled
  console.log(`Puppeteer sees: ${await page.title()}`)
  const answers = await client.browsers.telemetry.events(browser.session_id, { type: ['network_response'] })
  console.log(`${answers.items.length} answers up to event ${seq}`)
  await driver.disconnect()
} finally {
  await client.browsers.delete(browser.session_id)
}
