// What a detail level does not have is neither asked of Chromium nor parsed: commands and skipped messages counted on the wire.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import type { DetailLevel } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'
import { translators } from '../translators/index.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})
afterAll(() => chromium[Symbol.asyncDispose]())

const json = { 'content-type': 'application/json' }
const page = '<!doctype html><link rel="icon" href="data:,"><title>page</title>'

const script = `(async () => {
  await fetch('/data.json').then((r) => r.text())
  await fetch('/blob', { method: 'POST', body: new Blob(['in a blob']) }).then((r) => r.text())
  await new Promise((resolve) => { const s = new EventSource('/events'); s.onmessage = () => { s.close(); resolve() } })
  console.log('done', { a: { b: 1 } })
})()`

function sceneAt(level: DetailLevel, network: object = {}): Promise<Scene> {
  const detail = { detail_level: level }
  return openScene({
    chromium,
    pages: (request, response) => {
      request.resume()
      if (request.url === '/events') response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n')
      else if (request.url === '/') response.writeHead(200, { 'content-type': 'text/html' }).end(page)
      else request.on('end', () => response.writeHead(200, json).end('"x"'))
    },
    categories: { console: detail, network: { ...detail, ...network }, page: detail },
  })
}

interface Counted {
  readonly bodies: number
  readonly postData: number
  readonly postDataBytes: number | undefined
  /** Of the kinds that some level does not want, how many came and how many of all were dropped unparsed. */
  readonly extraInfoSkipped: boolean
  readonly messagesSkipped: boolean
}

async function countAt(level: DetailLevel): Promise<Counted> {
  await using scene = await sceneAt(level)
  const tab = await scene.visit('/')
  await tab.evaluate(script)
  await scene.captured.until('console_log', (data) => data.text.startsWith('done'))
  await scene.captured.untilCount('network_response', 4)
  const { sent, received } = scene.wire
  const enabled = sent.find(({ method }) => method === 'Network.enable')?.params as { maxPostDataSize?: number } | undefined
  const count = (method: string): number => received.get(method) ?? 0
  const extraInfo = count('Network.requestWillBeSentExtraInfo') + count('Network.responseReceivedExtraInfo')
  const messages = count('Network.eventSourceMessageReceived')
  expect([extraInfo > 0, messages]).toEqual([true, 1])
  const skipped = scene.monitor.state.messages.skipped - unknownToUs(received)
  return {
    bodies: sent.filter(({ method }) => method === 'Network.getResponseBody').length,
    postData: sent.filter(({ method }) => method === 'Network.getRequestPostData').length,
    postDataBytes: enabled?.maxPostDataSize,
    extraInfoSkipped: skipped >= extraInfo,
    messagesSkipped: skipped === extraInfo + messages || skipped === messages,
  }
}

// What no translator understands at any level.
function unknownToUs(received: ReadonlyMap<string, number>): number {
  const known = new Set(Object.values(translators).flatMap((table) => Object.keys(table)))
  return [...received].reduce((sum, [method, count]) => (known.has(method) || method.startsWith('Target.') ? sum : sum + count), 0)
}

test.each([
  ['minimal', { bodies: 0, postData: 0, postDataBytes: 0, extraInfoSkipped: true, messagesSkipped: true }],
  ['standard', { bodies: 3, postData: 0, postDataBytes: 8192, extraInfoSkipped: false, messagesSkipped: true }],
  ['verbose', { bodies: 3, postData: 1, postDataBytes: 900_000, extraInfoSkipped: false, messagesSkipped: false }],
  ['raw', { bodies: 3, postData: 1, postDataBytes: 900_000, extraInfoSkipped: false, messagesSkipped: false }],
] as const)('what is not wanted at %s is not asked for and not parsed', async (level, expected) => {
  expect(await countAt(level)).toEqual(expected)
})

test('a request that the filters leave out is asked nothing about and told nowhere', async () => {
  await using scene = await sceneAt('verbose', { url_exclude: ['*/data.json'], resource_types: ['Fetch', 'EventSource'] })
  const tab = await scene.visit('/')
  await tab.evaluate(script)
  await scene.captured.until('network_event_source_message')
  await scene.captured.until('network_response', (data) => data.url.endsWith('/blob'))
  const urls = new Set(
    scene.captured.drafts.filter(({ category }) => category === 'network').map(({ data }) => (data as { url?: string }).url),
  )
  urls.delete(undefined)
  expect({
    bodies: scene.wire.sent.filter(({ method }) => method === 'Network.getResponseBody').length,
    paths: [...urls]
      .map((url) => new URL(url ?? '').pathname)
      .filter((path) => path !== '/')
      .sort(),
    requests: scene.captured
      .of('network_request')
      .map(({ data }) => new URL(data.url).pathname)
      .sort(),
  }).toEqual({ bodies: 1, paths: ['/blob', '/events'], requests: ['/blob', '/events'] })
})
