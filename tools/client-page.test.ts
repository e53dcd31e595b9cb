// @tabscope/sdk in a page of a real Chromium: the published file, from another origin than the control plane, which allows that origin.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { findChromium } from '@tabscope/browser'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiKey, startTestControl, type TestControl } from '../packages/cli/src/testing/control.ts'
import { bundleClient } from './client-package.ts'

let control: TestControl
let site: Server
let chrome: Browser
let page: Page

beforeAll(async () => {
  const code = await bundleClient({ minify: true })
  site = createServer(({ url }, response) => {
    if (url === '/sdk.js') response.setHeader('content-type', 'text/javascript').end(code)
    else response.setHeader('content-type', 'text/html').end('<!doctype html><link rel="icon" href="data:,"><h1>A page</h1>')
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const address = site.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  control = await startTestControl(['--allow-origin', origin])
  chrome = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
  page = await chrome.newPage()
  await page.goto(origin)
})

afterAll(async () => {
  await chrome.close()
  await control[Symbol.asyncDispose]()
  site.closeAllConnections()
  site.close()
})

// Runs in the page, where only the published file is.
const program = `async ({ apiKey, baseURL, url }) => {
  const { NotFoundError, Tabscope } = await import('/sdk.js')
  const asked = []
  const client = new Tabscope({ apiKey, baseURL, fetch: (input, init) => {
    asked.push([new URL(input).pathname.split('/').filter((part) => !/^[a-z0-9]{20,}$/.test(part)).join('/'), new Headers(init.headers).has('authorization')])
    return fetch(input, init)
  } })
  const browser = await client.browsers.create({ headless: true, start_url: url, telemetry: { browser: { page: { enabled: true } } } })
  const id = browser.session_id
  const types = []
  const seqs = []
  for await (const { seq, event } of client.browsers.telemetry.stream(id, { replay: 'all' })) {
    seqs.push(seq)
    types.push(event.type)
    if (event.type === 'page_navigation_settled') break
  }
  const resumed = []
  for await (const { seq } of client.browsers.telemetry.stream(id, { lastEventId: seqs[0] })) {
    resumed.push(seq)
    if (resumed.length === seqs.length - 1) break
  }
  const pages = []
  for await (const { seq } of client.browsers.telemetry.events(id, { limit: 2, until: '0s' })) pages.push(seq)
  await client.browsers.delete(id)
  const gone = await client.browsers.retrieve(id).catch((error) => error instanceof NotFoundError)
  return { types, seqs, resumed, pages, gone, asked }
}`

test('a page creates a browser, streams from it directly, resumes, pages through history and ends it', async () => {
  const address = site.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
  const result = await page.evaluate(`(${program})(${JSON.stringify({ apiKey, baseURL: control.url, url })})`)
  const { types, seqs, resumed, pages, gone, asked } = result as Record<string, unknown[]>
  expect(types).toContain('page_navigation')
  expect([types?.at(-1), resumed, gone]).toEqual(['page_navigation_settled', seqs?.slice(1), true])
  // History is paged by two and holds what is durable by then.
  expect(pages?.length).toBeGreaterThan(2)
  expect(asked?.slice(0, 3)).toEqual([
    ['/browsers', true],
    ['/browser/telemetry/stream', false],
    ['/browser/telemetry/stream', false],
  ])
})
