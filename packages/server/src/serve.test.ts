import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { launchBrowser } from '@tabscope/browser'
import { openConnection, openWebSocket } from '@tabscope/cdp'
import { type SettableCategory, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import type { ServeOptions } from './config.ts'
import { createLogger } from './log-line.ts'
import { serve } from './serve.ts'
import { append, lines } from './testing/drafts.ts'
import { openRawStream } from './testing/raw-stream.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const quiet = { port: 0, browser: { at: 'none' }, logger: createLogger('silent') } satisfies ServeOptions
const never = new AbortController().signal

test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('listening on %s is refused for want of tokens', async (host) => {
  await expect(serve({ ...quiet, host })).rejects.toMatchObject({ code: 'insecure_host', message: expect.stringContaining(host) })
})

test('a taken port is an error, and what was started before it is given back', async () => {
  await using folder = await temporaryFolder()
  await using first = await startTestServer()
  const options = { ...quiet, dataDirectory: folder.path }
  await expect(serve({ ...options, port: Number(new URL(first.url).port) })).rejects.toMatchObject({ code: 'port_in_use' })
  await using second = await serve(options)
  expect(second.log.seq).toBe(0)
})

test('a second server on the same data folder is an error that names it', async () => {
  await using folder = await temporaryFolder()
  await using _first = await startTestServer({ dataDirectory: folder.path })
  await expect(serve({ ...quiet, dataDirectory: folder.path })).rejects.toMatchObject({
    code: 'data_folder_locked',
    message: expect.stringContaining(folder.path),
  })
})

test('a page that is not a URL, an endpoint that is none and a Chromium that is not there are errors that name them', async () => {
  const failures: readonly (readonly [Partial<ServeOptions>, string, string])[] = [
    [{ openUrls: ['example.com/'] }, 'page_not_opened', 'example.com/'],
    [{ browser: { at: 'connect', endpoint: 'chromium:9222' } }, 'devtools_bad_url', 'chromium:9222'],
    [{ browser: { at: 'launch', chromium: '/nowhere/chromium' } }, 'chromium_not_found', '/nowhere/chromium'],
  ]
  for (const [options, code, named] of failures) {
    await expect(serve({ ...quiet, ...options })).rejects.toMatchObject({ code, message: expect.stringContaining(named) })
  }
})

test('a start that is given up leaves nothing running', async () => {
  const stop = new AbortController()
  const starting = serve({ ...quiet, browser: { at: 'launch' }, signal: stop.signal })
  stop.abort(new Error('changed my mind'))
  await expect(starting).rejects.toThrow('changed my mind')
})

test('closing twice is closing once, and everything published is on disk then', async () => {
  await using folder = await temporaryFolder()
  const server = await startTestServer({ dataDirectory: folder.path, telemetry: ['console'] })
  append(server, ...lines(100))
  await Promise.all([server.running.close(), server.running.close()])
  await using again = await startTestServer({ dataDirectory: folder.path })
  expect([server.running.log.durableSeq, again.running.log.seq]).toEqual([100, 100])
})

test('a browser that cannot be reached makes the server alive but not ready', async () => {
  // Nobody listens on port 9 of loopback.
  await using server = await startTestServer({ browser: { at: 'connect', endpoint: 'http://127.0.0.1:9' }, telemetry: ['console'] })
  const [health, ready] = [await server.ask('GET', '/healthz'), await server.ask('GET', '/readyz')]
  expect([health.status, ready.status, ready.json]).toEqual([200, 503, { status: 'not_ready', reason: expect.any(String) }])
})

interface PageServer extends AsyncDisposable {
  readonly url: string
}

async function pageServer(): Promise<PageServer> {
  const server = createServer((_incoming, outgoing) => {
    outgoing
      .setHeader('content-type', 'text/html')
      .end('<title>page</title><link rel=icon href=data:,><script>console.log("from the page")</script>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const captured: readonly SettableCategory[] = ['console', 'network', 'page', 'system']

/** The types and URLs of what came until the first event of `untilType`. */
async function eventsUntil(server: TestServer, untilType: string): Promise<readonly string[]> {
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all&until_type=${untilType}`)
  await stream.ended
  return [...stream.text().matchAll(/"type":"([a-z_]+)"/g)].map(([, type]) => type ?? '')
}

test('a launched Chromium is captured from the first request of its first page, and gone when the server is', async () => {
  await using page = await pageServer()
  const server = await startTestServer({ browser: { at: 'launch' }, telemetry: captured, openUrls: [page.url] })
  const endpoint = await server.running.browserEndpoint(never)
  const types = await eventsUntil(server, 'page_load')
  const ready = await server.ask('GET', '/readyz')
  await server.running.close()
  expect(types).toEqual(expect.arrayContaining(['page_tab_opened', 'network_request', 'page_navigation', 'console_log', 'page_load']))
  expect(ready.json).toEqual({ status: 'ready' })
  await expect(fetch(`http://${new URL(endpoint).host}/json/version`)).rejects.toThrow('fetch failed')
})

test('several pages are opened one after the other, each captured from its first request', async () => {
  await using page = await pageServer()
  const openUrls = [`${page.url}one`, `${page.url}two`, `${page.url}three`]
  await using server = await startTestServer({ browser: { at: 'launch' }, telemetry: captured, openUrls })
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all&type=network_request`)
  const blocks = await stream.untilBlocks(3)
  expect(blocks.map((block) => JSON.parse(block.slice(block.indexOf('{'))).event.data.url)).toEqual(openUrls)
})

test('a page that does not open does not keep the server from serving', async () => {
  await using server = await startTestServer({ browser: { at: 'launch' }, telemetry: captured, openUrls: ['http://127.0.0.1:9/'] })
  expect((await server.ask('GET', '/readyz')).status).toBe(200)
})

test("somebody else's Chromium is captured, and lives on when the server ends", async () => {
  await using page = await pageServer()
  await using browser = await launchBrowser({ clock: systemClock })
  const endpoint = `http://${new URL(browser.endpoint).host}`
  const server = await startTestServer({ browser: { at: 'connect', endpoint }, telemetry: captured, openUrls: [page.url] })
  const types = await eventsUntil(server, 'console_log')
  await server.running.close()
  const version = await fetch(`${endpoint}/json/version`)
  expect([types.includes('console_log'), version.status]).toEqual([true, 200])
})

test('a Chromium that crashes is told, started again and captured again', async () => {
  await using server = await startTestServer({ browser: { at: 'launch' }, telemetry: captured })
  await using stream = await openRawStream(`${server.url}/telemetry/stream?until_type=monitor_reconnected&replay=all`)
  await untilReady(server)
  process.kill(await browserPid(await server.running.browserEndpoint(never)), 'SIGKILL')
  await stream.ended
  const types = [...stream.text().matchAll(/"type":"((?:monitor|service)_[a-z_]+)"/g)].map(([, type]) => type)
  expect(types.toSorted()).toEqual(['monitor_disconnected', 'monitor_reconnected', 'service_crashed'])
})

/** Resolves when capture is live: the first tab is told then. */
async function untilReady(server: TestServer): Promise<void> {
  await eventsUntil(server, 'page_tab_opened')
}

async function browserPid(endpoint: string): Promise<number> {
  const connection = await openConnection({
    open: openWebSocket(endpoint),
    clock: systemClock,
    wanted: new Set(),
    onMessage: () => undefined,
    onClosed: () => undefined,
    signal: never,
  })
  const answer = await connection.send(undefined, 'SystemInfo.getProcessInfo')
  connection.close()
  const { processInfo } = (answer as { result: { processInfo: { type: string; id: number }[] } }).result
  const browser = processInfo.find(({ type }) => type === 'browser')
  if (browser === undefined) throw new Error(`no browser process in ${JSON.stringify(processInfo)}`)
  return browser.id
}
