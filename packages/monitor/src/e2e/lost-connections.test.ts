// The connection to a Chromium that lives on: cut while pages log and navigate, and clogged. What happened meanwhile is told when capture is
// back, as far as Chromium still knows it; nothing is told twice.
import {
  type DrivenPage,
  type Driver,
  launchTestChromium,
  openDriver,
  type PageServer,
  servePages,
  type TestChromium,
} from '@tabscope/cdp/testing'
import { type Clock, systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Monitor } from '../supervisor.ts'
import { breakConnections } from '../testing/broken-connections.ts'
import { type Captured, createCaptured } from '../testing/captured.ts'
import { createHurriedClock } from '../testing/hurried-clock.ts'
import { behaviourConfig } from '../testing/recorded.ts'
import { startMonitor } from '../testing/scene.ts'
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts'
import { createWire, type Wire } from '../testing/wire.ts'
import { dataOf, toldOf } from '../testing/witness.ts'

let chromium: TestChromium
let server: PageServer

beforeAll(async () => {
  chromium = await launchTestChromium()
  server = await servePages((request, response) => {
    if (request.url?.startsWith('/hang') === true) return
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end(`<!doctype html><link rel="icon" href="data:,"><script>console.log('loaded ' + location.pathname)</script>`)
  })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

interface Stage extends AsyncDisposable {
  readonly proxy: TcpProxy
  readonly driver: Driver
  readonly captured: Captured
  readonly monitor: Monitor
  readonly wire: Wire
}

/** A monitor whose connection goes over a proxy, beside a driver whose connection does not. */
async function openStage(clock: Clock = systemClock): Promise<Stage> {
  const proxy = await startTcpProxy(chromium.wsUrl)
  const driver = await openDriver(chromium.wsUrl)
  const captured = createCaptured()
  const wire = createWire()
  const monitor = await startMonitor({
    endpoint: async () => proxy.through(chromium.wsUrl),
    captured,
    wire,
    config: behaviourConfig({}),
    clock,
  })
  const dispose = async (): Promise<void> => {
    await monitor.close()
    await driver[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
  }
  return { proxy, driver, captured, monitor, wire, [Symbol.asyncDispose]: dispose }
}

const isOf =
  (tab: DrivenPage) =>
  ({ target_id }: { target_id?: string | undefined }): boolean =>
    target_id === tab.targetId

const health = (captured: Captured): string[] => captured.drafts.filter(({ category }) => category === 'monitor').map(({ type }) => type)

test('a cut connection: console history is not doubled, what was logged meanwhile is told as replayed, nav_seq goes on', async () => {
  await using stage = await openStage()
  const { proxy, driver, captured, wire } = stage
  const tab = await driver.openPage('about:blank')
  await wire.setUp(tab.targetId)
  await tab.navigate(`${server.url}/one`)
  await tab.navigate(`${server.url}/two`)
  await tab.evaluate("console.log('before'); fetch('/hang'); undefined")
  await captured.until('console_log', ({ text }) => text === 'before')
  await captured.until('network_request', ({ url }) => url.endsWith('/hang'))
  proxy.cut()
  await captured.until('monitor_disconnected')
  await tab.evaluate("console.log('meanwhile')")
  proxy.mend()
  await captured.until('monitor_reconnected')
  await tab.evaluate("console.log('after')")
  await captured.until('console_log', ({ text }) => text === 'after')
  await tab.navigate(`${server.url}/three`)
  await captured.until('page_load', ({ nav_seq, target_id }) => nav_seq === 3 && target_id === tab.targetId)

  expect(health(captured)).toEqual(['monitor_disconnected', 'monitor_reconnected'])
  expect(dataOf(captured.drafts, 'monitor_disconnected')).toEqual([{ reason: 'chrome_restarted', cause: 'connection_lost' }])
  expect(dataOf(captured.drafts, 'console_log').map(({ text, nav_seq, replayed }) => ({ text, nav_seq, replayed }))).toEqual([
    { text: 'loaded /one', nav_seq: 1 },
    { text: 'loaded /two', nav_seq: 2 },
    { text: 'before', nav_seq: 2 },
    { text: 'meanwhile', nav_seq: 2, replayed: true },
    { text: 'after', nav_seq: 2 },
    { text: 'loaded /three', nav_seq: 3 },
  ])
  const opened = dataOf(captured.drafts, 'page_tab_opened').filter(({ target_id }) => target_id === tab.targetId)
  expect(opened.map(({ existing }) => existing)).toEqual([undefined, true])
  const failures = toldOf(captured.drafts, server.port).failures.map(({ url, error_text }) => [url, error_text])
  expect(failures).toEqual([[`${server.url}/hang`, 'connection_lost']])
  await tab.close()
})

test('a navigation during a cut is told late with the next nav_seq, and its console calls as replayed', async () => {
  await using stage = await openStage()
  const { proxy, driver, captured, wire } = stage
  const tab = await driver.openPage('about:blank')
  await wire.setUp(tab.targetId)
  await tab.navigate(`${server.url}/one`)
  await captured.until('page_load', ({ target_id }) => target_id === tab.targetId)
  proxy.cut()
  await captured.until('monitor_disconnected')
  await tab.navigate(`${server.url}/two`)
  proxy.mend()
  await captured.until('monitor_reconnected')
  await tab.navigate(`${server.url}/three`)
  await captured.until('page_load', ({ nav_seq, target_id }) => nav_seq === 3 && target_id === tab.targetId)

  const ofTab = isOf(tab)
  const navigations = dataOf(captured.drafts, 'page_navigation').filter(ofTab)
  expect(navigations.map(({ url, nav_seq, late_attach }) => ({ path: new URL(url).pathname, nav_seq, late_attach }))).toEqual([
    { path: '/one', nav_seq: 1 },
    { path: '/two', nav_seq: 2, late_attach: true },
    { path: '/three', nav_seq: 3 },
  ])
  expect(
    dataOf(captured.drafts, 'page_load')
      .filter(ofTab)
      .map(({ nav_seq, late_attach }) => ({ nav_seq, late_attach })),
  ).toEqual([{ nav_seq: 1 }, { nav_seq: 2, late_attach: true }, { nav_seq: 3 }])
  expect(
    dataOf(captured.drafts, 'console_log')
      .filter(ofTab)
      .map(({ text, nav_seq, replayed }) => ({ text, nav_seq, replayed })),
  ).toEqual([
    { text: 'loaded /one', nav_seq: 1 },
    { text: 'loaded /two', nav_seq: 2, replayed: true },
    { text: 'loaded /three', nav_seq: 3 },
  ])
  await tab.close()
})

test('a connection over which nothing comes any more is given up as stalled, and capture works again on a new one', async () => {
  // The rule says five seconds of silence and five more after the question.
  await using stage = await openStage(createHurriedClock(5))
  const { proxy, driver, captured, wire } = stage
  const tab = await driver.openPage('about:blank')
  await wire.setUp(tab.targetId)
  await tab.navigate(`${server.url}/zero`)
  await tab.evaluate("console.log('before'); fetch('/hang?stalled'); undefined")
  await captured.until('console_log', ({ text }) => text === 'before')
  await captured.until('network_request', ({ url }) => url.endsWith('/hang?stalled'))
  proxy.clog()
  await captured.until('monitor_reconnected')
  await tab.navigate(`${server.url}/one`)
  await captured.until('console_log', ({ text }) => text === 'loaded /one')
  expect(health(captured)).toEqual(['monitor_disconnected', 'monitor_reconnected'])
  expect(dataOf(captured.drafts, 'monitor_disconnected')).toEqual([{ reason: 'chrome_restarted', cause: 'protocol_stalled' }])
  expect(
    dataOf(captured.drafts, 'console_log')
      .filter(isOf(tab))
      .map(({ text }) => text),
  ).toEqual(['loaded /zero', 'before', 'loaded /one'])
  // What was open ends with the connection that it was told on, once.
  const { requests, responses, failures } = toldOf(captured.drafts, server.port)
  const isStalled = ({ url }: { url?: string | undefined }): boolean => url?.endsWith('/hang?stalled') === true
  expect(requests.filter(isStalled)).toHaveLength(1)
  expect(responses.filter(isStalled)).toEqual([])
  expect(failures.filter(isStalled).map(({ error_text }) => error_text)).toEqual(['connection_lost'])
  await tab.close()
})

test('over a slow connection everything comes, in order, and nobody is told of a loss', async () => {
  await using stage = await openStage()
  const { proxy, driver, captured, wire } = stage
  const tab = await driver.openPage('about:blank')
  await wire.setUp(tab.targetId)
  proxy.slow(true)
  await tab.navigate(`${server.url}/one`)
  await tab.evaluate("for (let n = 0; n < 300; n++) console.log('call ' + n, 'x'.repeat(500))")
  await captured.until('console_log', ({ text }) => text.startsWith('call 299 '))
  const calls = dataOf(captured.drafts, 'console_log').filter(isOf(tab))
  expect(calls.map(({ text }) => text.split(' x')[0])).toEqual(['loaded /one', ...Array.from({ length: 300 }, (_, n) => `call ${n}`)])
  expect(health(captured)).toEqual([])
  await tab.close()
})

test('connections cut, stalled and slowed at random while pages load: each loss is told once, nothing twice, nothing stays open', async () => {
  const result = await breakConnections({ chromium, rounds: 4, seed: 3, clock: createHurriedClock(5) })
  expect(result).toMatchObject({ told: result.broken, doubles: [], missing: [], odd: [] })
})
