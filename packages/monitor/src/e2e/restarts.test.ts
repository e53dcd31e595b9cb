// Chromium killed and started again while capture goes on, and capture that begins before there is a Chromium.
import { launchTestChromium, openDriver, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMonitor } from '../supervisor.ts'
import { type AnyDraft, createCaptured } from '../testing/captured.ts'
import { behaviourConfig } from '../testing/recorded.ts'
import { type RestartsResult, restartAtRandom, restartChromium } from '../testing/restarts.ts'
import { dataOf, oddEndings, seenUrls, toldOf, toldUrls } from '../testing/witness.ts'

describe('Chromium killed with SIGKILL and started again three times', () => {
  const runs = 3
  let result: RestartsResult

  beforeAll(async () => {
    result = await restartChromium(runs)
  })

  afterAll(async () => {
    await result.server[Symbol.asyncDispose]()
  })

  test('each end and each return is told once, in turn, with its cause', () => {
    const { drafts } = result.captured
    const health = drafts.filter(({ category }) => category === 'monitor').map(({ type }) => type)
    expect(health).toEqual(['monitor_disconnected', ...Array(runs - 1).fill(['monitor_reconnected', 'monitor_disconnected'])].flat())
    expect(dataOf(drafts, 'monitor_disconnected')).toEqual(Array(runs).fill({ reason: 'chrome_restarted', cause: 'chrome_restarted' }))
    expect(dataOf(drafts, 'monitor_reconnected').map(({ targets }) => targets)).toEqual(Array(runs - 1).fill(1))
  })

  test('every request of every run is told once, and what was open at a kill ends with it', () => {
    const told = toldOf(result.captured.drafts, result.server.port)
    expect(toldUrls(told)).toEqual(seenUrls(result.server))
    expect(oddEndings(told)).toEqual([])
    const failures = told.failures.map(({ url, error_text }) => [url, error_text])
    expect(failures).toEqual(Array.from({ length: runs }, (_, run) => [`${result.server.url}/hang?${run}`, 'connection_lost']))
  })

  test('console calls are told once a run, and a new Chromium starts its own count of navigations', () => {
    const calls = dataOf(result.captured.drafts, 'console_log').map(({ text, nav_seq, replayed }) => ({ text, nav_seq, replayed }))
    expect(calls).toEqual(Array.from({ length: runs }, (_, run) => ({ text: `run ?${run}`, nav_seq: 1 })))
  })

  test('between a loss and the return nothing is told but the tabs that are there', () => {
    expect(betweenLossAndReturn(result.captured.drafts)).toEqual(Array(runs - 1).fill(['page_tab_opened existing']))
  })
})

test('killed at random in the middle of a load: each end and return is told once, nothing twice, and every request that was told has one end', async () => {
  const { captured, server } = await restartAtRandom(3, 5)
  await server[Symbol.asyncDispose]()
  const { drafts } = captured
  const told = toldOf(drafts, server.port)
  const health = drafts.filter(({ category }) => category === 'monitor').map(({ type }) => type)
  expect(health).toEqual(['disconnected', 'reconnected', 'disconnected', 'reconnected', 'disconnected'].map((what) => `monitor_${what}`))
  expect(toldUrls(told)).toEqual([...new Set(toldUrls(told))])
  expect(told.requests.length).toBeGreaterThan(0)
  expect(oddEndings(told)).toEqual([])
})

/** What was told in each time without a connection. */
function betweenLossAndReturn(drafts: readonly AnyDraft[]): string[][] {
  const gaps: string[][] = []
  let gap: string[] | undefined
  for (const draft of drafts) {
    if (draft.type === 'monitor_disconnected') gap = []
    else if (draft.type === 'monitor_reconnected' && gap !== undefined) {
      gaps.push(gap)
      gap = undefined
    } else gap?.push(`${draft.type}${JSON.stringify(draft.data).includes('"existing":true') ? ' existing' : ''}`)
  }
  return gaps
}

test('capture that begins before Chromium tells nothing until there is one, and then everything', async () => {
  const page = '<!doctype html><link rel="icon" href="data:,"><script>console.log("here " + location.pathname)</script>'
  await using server = await servePages({ '/': page, '/next': page })
  const captured = createCaptured()
  let chromium: TestChromium | undefined
  let attempts = 0
  let triedTwice = (): void => undefined
  const twoAttempts = new Promise<void>((resolve) => {
    triedTwice = resolve
  })
  await using monitor = createMonitor({
    endpoint: async () => {
      if (++attempts === 2) triedTwice()
      if (chromium === undefined) throw new Error('not yet')
      return chromium.wsUrl
    },
    publish: captured.publish,
    clock: systemClock,
  })
  await monitor.apply(behaviourConfig({}), 'early')
  await twoAttempts
  expect(captured.drafts).toEqual([])
  await using started = await launchTestChromium()
  await using driver = await openDriver(started.wsUrl)
  const tab = await driver.openPage(`${server.url}/`)
  chromium = started
  await captured.until('page_navigation_settled', ({ target_id }) => target_id === tab.targetId)
  await tab.navigate(`${server.url}/next`)
  await captured.until('page_navigation_settled', ({ target_id, nav_seq }) => target_id === tab.targetId && nav_seq === 2)
  expect(captured.drafts.filter(({ category }) => category === 'monitor')).toEqual([])
  expect(dataOf(captured.drafts, 'page_tab_opened').map(({ existing }) => existing)).toEqual([true, true])
  expect(dataOf(captured.drafts, 'console_log').map(({ text, nav_seq, replayed }) => ({ text, nav_seq, replayed }))).toEqual([
    { text: 'here /', nav_seq: 1, replayed: true },
    { text: 'here /next', nav_seq: 2, replayed: undefined },
  ])
  // The first page was loaded before anybody could look, and no request of it is made up.
  expect(toldUrls(toldOf(captured.drafts, server.port))).toEqual([`${server.url}/next`])
})
