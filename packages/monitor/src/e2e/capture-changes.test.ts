// Categories that go on and off while pages run: what was told is not told again, what came meanwhile is told as history or not at all,
// and nothing is asked of Chromium that no category needs.
import { type DrivenPage, launchTestChromium, type PageHandler, type TestChromium } from '@tabscope/cdp/testing'
import type { TelemetryConfig } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AnyDraft } from '../testing/captured.ts'
import { behaviourConfig } from '../testing/recorded.ts'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf, toldOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const page = '<!doctype html><link rel="icon" href="data:,"><title>page</title>'

/** The default of the tests with these categories off. */
function without(...names: readonly string[]): TelemetryConfig {
  return behaviourConfig({ categories: Object.fromEntries(names.map((name) => [name, { enabled: false }])) })
}

/** Asks Chromium something over the monitor's own connection, so that everything written before is done. */
async function settleCommands(scene: Scene, tab: DrivenPage): Promise<void> {
  await scene.wire.answered(tab.targetId)
}

const told = (drafts: readonly AnyDraft[]): { text: string; replayed: boolean | undefined }[] =>
  dataOf(drafts, 'console_log').map(({ text, replayed }) => ({ text, replayed }))

test('console off and on: what was logged meanwhile is told as replayed, and nothing is told twice, however often', async () => {
  await using scene = await openScene({ chromium, pages: { '/': page } })
  const { captured, monitor } = scene
  const tab = await scene.visit('/')
  await tab.evaluate("console.log('first')")
  await captured.until('console_log', ({ text }) => text === 'first')
  for (const round of [1, 2]) {
    await monitor.apply(without('console'), 'test')
    await settleCommands(scene, tab)
    await tab.evaluate(`console.log('off ${round}')`)
    await monitor.apply(without(), 'test')
    await captured.until('console_log', ({ text }) => text === `off ${round}`)
    await settleCommands(scene, tab)
    await tab.evaluate(`console.log('on ${round}')`)
    await captured.until('console_log', ({ text }) => text === `on ${round}`)
  }
  expect(told(captured.drafts)).toEqual([
    { text: 'first' },
    { text: 'off 1', replayed: true },
    { text: 'on 1' },
    { text: 'off 2', replayed: true },
    { text: 'on 2' },
  ])
})

test('calls that are on their way when console goes off are told when it is on again', async () => {
  await using scene = await openScene({ chromium, pages: { '/': page } })
  const { captured, monitor } = scene
  const tab = await scene.visit('/')
  // At the moment of the first call: the others have left Chromium then.
  const isOff = captured.untilSo('the first call', () => {
    const isThere = captured.of('console_log').some(({ data }) => data.text === 'one')
    if (isThere) void monitor.apply(without('console'), 'test')
    return isThere
  })
  await tab.evaluate("for (const text of ['one', 'two', 'three']) console.log(text)")
  await isOff
  await settleCommands(scene, tab)
  await monitor.apply(without(), 'test')
  await captured.until('console_log', ({ text }) => text === 'three')
  expect(told(captured.drafts)).toEqual([{ text: 'one' }, { text: 'two', replayed: true }, { text: 'three', replayed: true }])
})

test('everything off and on: the connection ends, nothing is told meanwhile, counts and history go on', async () => {
  await using scene = await openScene({ chromium, pages: { '/': page, '/next': page } })
  const { captured, monitor } = scene
  const tab = await scene.visit('/')
  await tab.evaluate("console.log('first')")
  await captured.until('console_log', ({ text }) => text === 'first')
  await captured.until('page_load', ({ target_id }) => target_id === tab.targetId)
  await monitor.apply(without('console', 'network', 'page'), 'test')
  const untilOff = captured.drafts.length
  expect(monitor.state.at).toBe('stopped')
  await tab.evaluate("console.log('meanwhile')")
  expect(captured.drafts.length).toBe(untilOff)
  await monitor.apply(without(), 'test')
  await captured.until('console_log', ({ text }) => text === 'meanwhile')
  await tab.navigate(`${scene.server.url}/next`)
  await captured.until('page_load', ({ nav_seq, target_id }) => nav_seq === 2 && target_id === tab.targetId)
  expect(told(captured.drafts)).toEqual([{ text: 'first' }, { text: 'meanwhile', replayed: true }])
  expect(captured.drafts.filter(({ category }) => category === 'monitor')).toEqual([])
})

test('network off and on while a page loads: nothing of network is told meanwhile, and no late result afterwards', async () => {
  const held: (() => void)[] = []
  const pages: PageHandler = (request, response) => {
    const isPage = request.url === '/'
    const answer = (): unknown =>
      response.writeHead(200, { 'content-type': isPage ? 'text/html' : 'application/json' }).end(isPage ? page : '1')
    if (request.url === '/held') held.push(answer)
    else answer()
  }
  await using scene = await openScene({ chromium, pages })
  const { captured, monitor, server } = scene
  const tab = await scene.visit('/')
  await tab.evaluate("void fetch('/held').then((r) => r.json()).then(() => console.log('held is there'))")
  await captured.until('network_request', ({ url }) => url.endsWith('/held'))
  await server.seen('/held')
  // Settling counts requests too, so the page category goes off with it: then Chromium's Network domain is off.
  await monitor.apply(without('network', 'page'), 'test')
  const untilOff = captured.drafts.length
  for (const answer of held) answer()
  await captured.until('console_log', ({ text }) => text === 'held is there')
  await tab.evaluate("fetch('/while-off').then((r) => r.json()).then(() => 0)")
  await tab.evaluate("console.log('off')")
  await captured.until('console_log', ({ text }) => text === 'off')
  expect(captured.drafts.slice(untilOff).map(({ category }) => category)).toEqual(['console', 'console'])
  await monitor.apply(without(), 'test')
  await settleCommands(scene, tab)
  await tab.evaluate("fetch('/after').then((r) => r.json()).then(() => 0)")
  await captured.until('network_response', ({ url }) => url.endsWith('/after'))
  const after = toldOf(captured.drafts.slice(untilOff), server.port)
  const paths = [...after.requests, ...after.responses, ...after.failures].map(({ url }) => new URL(url ?? '').pathname)
  expect(paths).toEqual(['/after', '/after'])
})

test('a request that is open while network goes off and on has no end afterwards, also when settling still counts it', async () => {
  let answer = (): void => undefined
  const pages: PageHandler = (request, response) => {
    const type = { 'content-type': request.url === '/' ? 'text/html' : 'application/json' }
    const reply = (): unknown => response.writeHead(200, type).end(request.url === '/' ? page : '1')
    if (request.url === '/held') answer = () => void reply()
    else reply()
  }
  await using scene = await openScene({ chromium, pages })
  const { captured, monitor, server } = scene
  const tab = await scene.visit('/')
  await tab.evaluate("void fetch('/held').then((r) => r.json()).then(() => console.log('held is there'))")
  await captured.until('network_request', ({ url }) => url.endsWith('/held'))
  await server.seen('/held')
  // The page category stays on: Chromium's Network domain does, too.
  await monitor.apply(without('network'), 'test')
  const untilOff = captured.drafts.length
  await monitor.apply(without(), 'test')
  answer()
  await captured.until('console_log', ({ text }) => text === 'held is there')
  await tab.evaluate("fetch('/after').then((r) => r.json()).then(() => 0)")
  await captured.until('network_response', ({ url }) => url.endsWith('/after'))
  const after = toldOf(captured.drafts.slice(untilOff), server.port)
  const paths = [...after.requests, ...after.responses, ...after.failures].map(({ url }) => new URL(url ?? '').pathname)
  expect(paths).toEqual(['/after', '/after'])
})

test('with only network on, neither Runtime nor Log nor layout shifts are asked for, and no console event is received', async () => {
  await using scene = await openScene({
    chromium,
    pages: { '/': `${page}<script>console.log('unseen')</script>` },
    categories: { console: { enabled: false }, page: { enabled: false } },
  })
  const { captured, wire } = scene
  const tab = await scene.visit('/')
  await captured.until('network_idle', ({ target_id }) => target_id === tab.targetId)
  const sent = wire.sentTo(tab.targetId).filter((method) => method !== 'Network.getResponseBody')
  expect(sent).toEqual([
    'Target.setAutoAttach',
    'Page.enable',
    'Page.getFrameTree',
    'Page.setLifecycleEventsEnabled',
    'Network.enable',
    'Inspector.enable',
    'Runtime.runIfWaitingForDebugger',
  ])
  const domains = new Set([...wire.received.keys()].map((method) => method.split('.')[0]))
  expect([...domains].sort()).toEqual(['Network', 'Page', 'Target'])
  expect(new Set(captured.drafts.map(({ category }) => category))).toEqual(new Set(['network']))
})
