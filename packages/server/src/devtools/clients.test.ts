// Real DevTools clients through the proxy, while the browser is captured.
import { servePages } from '@tabscope/cdp/testing'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { expect, test } from 'vitest'
import { issueToken } from '../access.ts'
import { watchEvents } from '../testing/event-watch.ts'
import { startTestServer } from '../testing/test-server.ts'

const access = { tokenSecrets: ['a secret of more than thirty-two bytes'], browserId: 'b-1' }
const pages = { '/': '<title>one</title><input id="name"><button onclick="console.log(document.title)">go</button>' }

test('Playwright drives the browser through the base path with a token, and its commands are told without what it typed', async () => {
  await using site = await servePages(pages)
  await using server = await startTestServer({ ...access, browser: { at: 'launch' }, telemetry: 'all' })
  const events = watchEvents(server.running)
  const browser = await chromium.connectOverCDP(`${server.running.baseUrl}?jwt=${await issueToken(access)}`)
  const page = await browser.newPage()
  await page.goto(`${site.url}/`)
  await page.fill('#name', 'hunter2')
  await page.press('#name', 'Enter')
  await page.click('button')
  const title = await page.title()
  const shot = await page.screenshot()
  await browser.close()
  const gone = await events.data('cdp_disconnect')
  const commands = (await events.seen('cdp_command')).map(({ event }) => event.data as Record<string, unknown>)
  const methods = new Set(commands.map(({ method }) => method))
  expect([title, shot.subarray(1, 4).toString()]).toEqual(['one', 'PNG'])
  expect([...methods].sort()).toEqual(
    expect.arrayContaining([
      'Input.dispatchKeyEvent',
      'Input.dispatchMouseEvent',
      'Page.captureScreenshot',
      'Page.navigate',
      'Target.createTarget',
    ]),
  )
  expect(commands.find(({ method }) => method === 'Page.navigate')).toEqual({
    method: 'Page.navigate',
    command_id: expect.any(Number),
    session_id: expect.any(String),
    connection_id: gone['connection_id'],
    url_scheme: 'http',
    referrer_policy: 'unsafeUrl',
    frame_id: expect.any(String),
  })
  expect(JSON.stringify(commands)).not.toMatch(/hunter2|127\.0\.0\.1/)
  expect(gone).toEqual({
    duration_ms: expect.any(Number),
    message_count: expect.any(Number),
    reason: 'client_close',
    connection_id: expect.any(String),
    telemetry_dropped: 0,
    telemetry_excluded: 0,
  })
  expect(await events.data('console_log', { text: 'one' })).toMatchObject({ level: 'log' })
})

test('Puppeteer drives it by /cdp, and reconnects to the Chromium that was started after a crash', async () => {
  await using site = await servePages(pages)
  await using server = await startTestServer({ browser: { at: 'launch' }, telemetry: 'all' })
  const events = watchEvents(server.running)
  const browserWSEndpoint = `${server.url.replace('http', 'ws')}/cdp`
  const first = await puppeteer.connect({ browserWSEndpoint })
  const version = await first.version()
  const disconnected = new Promise((resolve) => {
    first.once('disconnected', resolve)
  })
  const session = await first.target().createCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  process.kill(processInfo.find(({ type }) => type === 'browser')?.id ?? Number.NaN, 'SIGKILL')
  await disconnected
  const crash = await events.data('service_crashed')
  const gone = await events.data('cdp_disconnect')
  const second = await puppeteer.connect({ browserWSEndpoint })
  const page = await second.newPage()
  await page.goto(`${site.url}/`)
  expect([await page.title(), await second.version(), gone['reason'], crash]).toEqual([
    'one',
    version,
    'upstream_changed',
    { service_name: 'chromium', phase: 'running', pid: expect.any(Number) },
  ])
  await second.disconnect()
})
