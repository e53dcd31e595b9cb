// Chromium killed and started again under a monitor that goes on capturing: what each round must have told. For a test and a soak.
import { launchTestChromium, openDriver, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { systemClock } from '@tabscope/schema'
import { createMonitor } from '../supervisor.ts'
import { type Captured, createCaptured } from './captured.ts'
import { behaviourConfig } from './recorded.ts'

/** What one round told: how often each thing was, which has to be once. */
export interface Round {
  readonly disconnected: number
  readonly reconnected: number
  readonly hungRequestClosed: number
  readonly existingTabs: number
  readonly pageAfterwards: number
}

/** Kills and restarts Chromium `rounds` times during capture. */
export async function restartRounds(rounds: number): Promise<Round[]> {
  await using server = await servePages((request, response) => {
    if (request.url?.startsWith('/hang') === true) return
    response.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,">a page')
  })
  let chromium: TestChromium = await launchTestChromium()
  let available: Promise<string> = Promise.resolve(chromium.wsUrl)
  const captured = createCaptured()
  await using monitor = createMonitor({ endpoint: () => available, publish: captured.publish, clock: systemClock })
  await monitor.apply(behaviourConfig({}), 'restarts')
  await captured.until('page_tab_opened')
  const told: Round[] = []
  for (let round = 1; round <= rounds; round++) {
    await openPageWithHungRequest(chromium, `${server.url}/`, `${server.url}/hang?${round}`, captured)
    let becomeAvailable: (url: string) => void = () => undefined
    available = new Promise((resolve) => {
      becomeAvailable = resolve
    })
    await chromium.kill()
    await captured.untilCount('monitor_disconnected', round)
    await chromium[Symbol.asyncDispose]()
    chromium = await launchTestChromium()
    becomeAvailable(chromium.wsUrl)
    await captured.untilCount('monitor_reconnected', round)
    await visit(chromium, `${server.url}/after?${round}`, captured)
    told.push({
      disconnected: captured.of('monitor_disconnected').length - round + 1,
      reconnected: captured.of('monitor_reconnected').length - round + 1,
      hungRequestClosed: captured.of('network_loading_failed').filter((draft) => draft.data.url?.endsWith(`/hang?${round}`) === true)
        .length,
      existingTabs: captured.of('page_tab_opened').filter((draft) => draft.data.existing === true).length - round,
      pageAfterwards: captured.of('page_load').filter((draft) => draft.data.url?.endsWith(`/after?${round}`) === true).length,
    })
  }
  await chromium[Symbol.asyncDispose]()
  return told
}

async function visit(chromium: TestChromium, url: string, captured: Captured): Promise<void> {
  await using driver = await openDriver(chromium.wsUrl)
  const tab = await driver.openPage('about:blank')
  await captured.until('page_tab_opened', (data) => data.target_id === tab.targetId)
  await tab.navigate(url)
  await captured.until('page_load', (data) => data.url === url)
}

async function openPageWithHungRequest(chromium: TestChromium, url: string, hangUrl: string, captured: Captured): Promise<void> {
  await using driver = await openDriver(chromium.wsUrl)
  const tab = await driver.openPage('about:blank')
  await captured.until('page_tab_opened', (data) => data.target_id === tab.targetId)
  await tab.navigate(url)
  await tab.evaluate(`void fetch(${JSON.stringify(hangUrl)})`)
  await captured.until('network_request', (data) => data.url === hangUrl)
}
