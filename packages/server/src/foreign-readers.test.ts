// The stream read by programs that nobody here wrote, unmodified.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import Kernel from '@onkernel/sdk'
import { launchBrowser, type RunningBrowser } from '@tabscope/browser'
import { createManualClock, limits, systemClock } from '@tabscope/schema'
import { EventSource } from 'eventsource'
import { expect, test } from 'vitest'
import { cuttableProxy } from './testing/cuttable-proxy.ts'
import { append, consoleDraft, lines, targetDraft } from './testing/drafts.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const on = { telemetry: ['console'] } as const

/** Collects values and tells when there are enough. */
function collector<Value>() {
  const values: Value[] = []
  let look = (): void => undefined
  return {
    values,
    add: (value: Value): void => {
      values.push(value)
      look()
    },
    untilCount: (count: number): Promise<readonly Value[]> =>
      new Promise((resolve) => {
        look = () => {
          if (values.length >= count) resolve(values)
        }
        look()
      }),
  }
}

test('the npm package eventsource resumes exactly after its connection was cut (promise 33)', async () => {
  await using server = await startTestServer(on)
  await using proxy = await cuttableProxy(server.url)
  append(server, ...lines(3))
  const events = collector<{ id: string; text: string }>()
  const source = new EventSource(`${proxy.url}/telemetry/stream?replay=all`)
  try {
    source.onmessage = (message) => events.add({ id: message.lastEventId, text: JSON.parse(message.data).event.data.text })
    await events.untilCount(3)
    proxy.cut()
    append(server, ...lines(4, 4))
    await events.untilCount(7)
    append(server, consoleDraft('line 8'))
    const expected = Array.from({ length: 8 }, (_, index) => ({ id: String(index + 1), text: `line ${index + 1}` }))
    expect(await events.untilCount(8)).toEqual(expected)
  } finally {
    source.close()
  }
})

test('the npm package eventsource overlooks an id alone, and gets what was skipped filtered again (promises 22 and 33)', async () => {
  const clock = createManualClock()
  await using server = await startTestServer({ ...on, clock })
  await using proxy = await cuttableProxy(server.url)
  const events = collector<string>()
  const source = new EventSource(`${proxy.url}/telemetry/stream?type=page_load`)
  try {
    const opened = new Promise((resolve) => source.addEventListener('open', resolve, { once: true }))
    source.onmessage = (message) => events.add(message.lastEventId)
    await opened
    append(server, targetDraft('page_load', 'page', 'tab'), ...lines(5))
    await events.untilCount(1)
    clock.advance(limits.streamHeartbeatMs)
    await proxy.untilRelayed('id: 6\n\n')
    proxy.end()
    append(server, ...lines(1), targetDraft('page_load', 'page', 'tab'))
    expect([await events.untilCount(2), proxy.asked('last-event-id')]).toEqual([['1', '8'], ['1']])
  } finally {
    source.close()
  }
})

/** The published SDK with a route to the server in its cache, so that it streams from there directly. */
function sdkFor(server: TestServer): Kernel {
  const client = new Kernel({ apiKey: 'unused', baseURL: 'http://127.0.0.1:1', maxRetries: 0 })
  client.browserRouteCache.set({ sessionId: 'browser-1', baseURL: server.url, jwt: 'a-token' })
  return client
}

test('the published SDK reads typed events until the server ends the stream (promise 34)', async () => {
  const server = await startTestServer(on)
  const stream = await sdkFor(server).browsers.telemetry.stream('browser-1')
  append(server, consoleDraft('typed'), targetDraft('page_load', 'page', 'tab-a'))
  const seen: unknown[] = []
  const reading = (async () => {
    for await (const { seq, event } of stream) {
      if (event.type === 'console_log') seen.push([seq, event.category, event.data?.text])
      if (event.type === 'page_load') seen.push([seq, event.category, event.data?.target_id])
    }
  })()
  await server.running.close()
  await reading
  expect(seen).toEqual([
    [1, 'console', 'typed'],
    [2, 'page', 'tab-a'],
  ])
})

async function firstSeqs(stream: AsyncIterable<{ seq: number }>, count: number): Promise<readonly number[]> {
  const seqs: number[] = []
  for await (const { seq } of stream) {
    seqs.push(seq)
    if (seqs.length === count) break
  }
  return seqs
}

test('the published SDK resumes after the last seq that it saw, and replays (promise 34)', async () => {
  await using server = await startTestServer(on)
  append(server, ...lines(5))
  const client = sdkFor(server)
  const resumed = await client.browsers.telemetry.stream('browser-1', { 'Last-Event-ID': '3' })
  const replayed = await client.browsers.telemetry.stream('browser-1', { replay: 'all' })
  append(server, ...lines(1, 6))
  expect([await firstSeqs(resumed, 3), await firstSeqs(replayed, 6)]).toEqual([
    [4, 5, 6],
    [1, 2, 3, 4, 5, 6],
  ])
})

test('the published SDK lives through idle times with keepalives, gaps and id-only frames (promise 34)', async () => {
  const clock = createManualClock()
  await using server = await startTestServer({ ...on, clock, logLimits: { ringRecords: 10 } })
  append(server, ...lines(30))
  const stream = await sdkFor(server).browsers.telemetry.stream('browser-1', { 'Last-Event-ID': '5' })
  const reading = firstSeqs(stream, 12)
  for (let count = 0; count < 5; count++) clock.advance(limits.streamHeartbeatMs)
  append(server, ...lines(1, 31))
  for (let count = 0; count < 5; count++) clock.advance(limits.streamHeartbeatMs)
  append(server, ...lines(1, 32))
  expect(await reading).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32])
})

test('curl shows events as they happen (promise 35)', async () => {
  await using server = await startTestServer(on)
  const curl = spawn('curl', ['-sN', `${server.url}/telemetry/stream?replay=all`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(curl, 'exit')
  try {
    const received = collector<string>()
    curl.stdout.setEncoding('utf8')
    let rest = ''
    curl.stdout.on('data', (chunk: string) => {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) received.add(block.split('\n')[0] ?? '')
    })
    append(server, consoleDraft('one'))
    await received.untilCount(1)
    append(server, consoleDraft('two'))
    expect(await received.untilCount(2)).toEqual(['id: 1', 'id: 2'])
  } finally {
    curl.kill()
    await exited
  }
})

/** A page that reads the stream named in its query, and posts what it saw, one message after the other. */
const readingPage = `<title>reader</title><script>
  let posted = Promise.resolve()
  new EventSource(location.search.slice(1)).onmessage = (message) => {
    const body = message.lastEventId + ' ' + JSON.parse(message.data).event.data.text
    posted = posted.then(() => fetch('/seen', { method: 'POST', body }))
  }
</script>`

interface Reader extends AsyncDisposable {
  readonly origin: string
  /** Opens the page in a Chromium. */
  read(streamUrl: string): Promise<void>
  untilSeen(count: number): Promise<readonly string[]>
}

async function chromiumReader(): Promise<Reader> {
  const seen = collector<string>()
  const pages = createServer((incoming, outgoing) => {
    outgoing.setHeader('content-type', 'text/html')
    if (incoming.method === 'POST') void text(incoming).then((body) => seen.add(body))
    outgoing.end(readingPage)
  })
  pages.listen(0, '127.0.0.1')
  await once(pages, 'listening')
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
  let browser: RunningBrowser | undefined
  return {
    origin,
    read: async (streamUrl) => {
      browser = await launchBrowser({ clock: systemClock, args: [`${origin}/?${streamUrl}`] })
    },
    untilSeen: seen.untilCount,
    [Symbol.asyncDispose]: async () => {
      await browser?.close()
      pages.close()
      pages.closeAllConnections()
    },
  }
}

test('the EventSource of Chromium resumes exactly after the server was restarted (promise 36)', async () => {
  await using folder = await temporaryFolder()
  await using reader = await chromiumReader()
  const options = { ...on, dataDirectory: folder.path, corsOrigins: [reader.origin] }
  const first = await startTestServer(options)
  append(first, ...lines(2))
  await reader.read(`${first.url}/telemetry/stream?replay=all`)
  await reader.untilSeen(2)
  await first.running.close()
  await using second = await startTestServer({ ...options, port: Number(new URL(first.url).port) })
  append(second, ...lines(2, 3))
  await reader.untilSeen(4)
  append(second, ...lines(1, 5))
  expect(await reader.untilSeen(5)).toEqual(['1 line 1', '2 line 2', '3 line 3', '4 line 4', '5 line 5'])
})

test('the EventSource of Chromium resumes behind events that its filter skipped (promises 22 and 36)', async () => {
  const clock = createManualClock()
  await using reader = await chromiumReader()
  await using server = await startTestServer({ ...on, clock, corsOrigins: [reader.origin] })
  await using proxy = await cuttableProxy(server.url)
  append(server, consoleDraft('wanted', { type: 'console_error' }))
  await reader.read(`${proxy.url}/telemetry/stream?type=console_error&replay=all`)
  await reader.untilSeen(1)
  append(server, ...lines(5))
  clock.advance(limits.streamHeartbeatMs)
  await proxy.untilRelayed('id: 6\n\n')
  proxy.end()
  append(server, consoleDraft('wanted too', { type: 'console_error' }))
  const seen = await reader.untilSeen(2)
  expect({ seen, asked: proxy.asked('last-event-id') }).toEqual({ seen: ['1 wanted', '7 wanted too'], asked: ['6'] })
})
