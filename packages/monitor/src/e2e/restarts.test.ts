import { launchTestChromium, openDriver, servePages } from '@tabscope/cdp/testing'
import { systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createMonitor } from '../supervisor.ts'
import { createCaptured } from '../testing/captured.ts'
import { behaviourConfig } from '../testing/recorded.ts'
import { restartRounds } from '../testing/restarts.ts'
import { openTcpProxy } from '../testing/tcp-proxy.ts'

test('when Chromium is killed and started again, each loss and each return is told once, and capture goes on', async () => {
  const once = { disconnected: 1, reconnected: 1, hungRequestClosed: 1, existingTabs: 1, pageAfterwards: 1 }
  expect(await restartRounds(2)).toEqual([once, once])
})

test('a capture that starts before Chromium waits, tells nothing false, and begins when it appears', async () => {
  let appear: (url: string) => void = () => undefined
  const appeared = new Promise<string>((resolve) => {
    appear = resolve
  })
  const captured = createCaptured()
  await using monitor = createMonitor({ endpoint: () => appeared, publish: captured.publish, clock: systemClock })
  await monitor.apply(behaviourConfig({}), 'early')
  expect({ at: monitor.state.at, told: captured.drafts }).toEqual({ at: 'connecting', told: [] })
  await using chromium = await launchTestChromium()
  appear(chromium.wsUrl)
  const opened = await captured.until('page_tab_opened')
  const monitorEvents = captured.drafts.filter((draft) => draft.category === 'monitor')
  expect({ existing: opened.data.existing, monitorEvents }).toEqual({ existing: true, monitorEvents: [] })
})

test('after a cut connection the count of navigations goes on, and what was said before and meanwhile is told once', async () => {
  await using chromium = await launchTestChromium()
  await using proxy = await openTcpProxy(Number(new URL(chromium.wsUrl).port))
  await using server = await servePages({
    '/first': '<link rel="icon" href="data:,"><script>console.log("before the cut")</script>',
    '/second': '<link rel="icon" href="data:,"><script>console.log("after the cut")</script>',
  })
  await using driver = await openDriver(chromium.wsUrl)
  const captured = createCaptured()
  let mayConnect = Promise.resolve()
  await using monitor = createMonitor({
    endpoint: async () => {
      await mayConnect
      return proxy.through(chromium.wsUrl)
    },
    publish: captured.publish,
    clock: systemClock,
  })
  await monitor.apply(behaviourConfig({}), 'cut')
  await captured.until('page_tab_opened')
  const tab = await driver.openPage('about:blank')
  await captured.until('page_tab_opened', (data) => data.target_id === tab.targetId)
  await tab.navigate(`${server.url}/first`)
  await captured.until('page_load', (data) => data.nav_seq === 1 && data.target_id === tab.targetId)
  let reconnect = (): void => undefined
  mayConnect = new Promise((resolve) => {
    reconnect = resolve
  })
  proxy.cut()
  await captured.until('monitor_disconnected')
  await tab.evaluate('console.log("meanwhile")')
  reconnect()
  await captured.until('monitor_reconnected')
  await captured.until('console_log', (data) => data.text === 'meanwhile')
  await tab.navigate(`${server.url}/second`)
  await captured.until('page_load', (data) => data.url === `${server.url}/second`)
  const said = captured.of('console_log').map(({ data }) => ({ text: data.text, nav_seq: data.nav_seq, replayed: data.replayed }))
  const opened = captured.of('page_tab_opened').filter(({ data }) => data.target_id === tab.targetId)
  expect({ said, opened: opened.map(({ data }) => data.existing) }).toEqual({
    said: [
      { text: 'before the cut', nav_seq: 1, replayed: undefined },
      { text: 'meanwhile', nav_seq: 1, replayed: true },
      { text: 'after the cut', nav_seq: 2, replayed: undefined },
    ],
    opened: [undefined, true],
  })
  await tab.close()
})
