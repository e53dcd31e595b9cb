import { launchTestChromium, openDriver, servePages } from '@tabscope/cdp/testing'
import { configOff, type ScreenshotConfig, systemClock, type TelemetryConfig, withCategories } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMonitor, type Monitor } from '../supervisor.ts'
import { type Captured, createCaptured } from '../testing/captured.ts'
import { pngSize } from './png.ts'

let chromium: Awaited<ReturnType<typeof launchTestChromium>>
let server: Awaited<ReturnType<typeof servePages>>
let driver: Awaited<ReturnType<typeof openDriver>>

beforeAll(async () => {
  chromium = await launchTestChromium()
  server = await servePages({
    '/': '<body style="background: teal">a page</body>',
    '/throws': '<script>setTimeout(() => { throw new Error("boom") }, 50)</script>',
    // Noise does not compress: its PNG is several megabytes.
    '/noise': `<body style="margin: 0; overflow: hidden"><canvas width="1600" height="1200"></canvas><script>
      const context = document.querySelector('canvas').getContext('2d')
      const picture = context.createImageData(1600, 1200)
      for (let i = 0; i < picture.data.length; i += 65536) crypto.getRandomValues(picture.data.subarray(i, i + 65536))
      for (let i = 3; i < picture.data.length; i += 4) picture.data[i] = 255
      context.putImageData(picture, 0, 0)</script>`,
    '/dialog': '<script>setTimeout(() => { setTimeout(() => alert("wait"), 0); throw new Error("before") }, 50)</script>',
  })
  driver = await openDriver(chromium.wsUrl)
})

afterAll(async () => {
  await driver[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await chromium[Symbol.asyncDispose]()
})

function configOf(screenshot: Partial<ScreenshotConfig>, ...others: ('page' | 'console')[]): TelemetryConfig {
  const base = withCategories(configOff, new Set(['screenshot', ...others]))
  return { ...base, browser: { ...base.browser, screenshot: { ...base.browser.screenshot, ...screenshot } } }
}

async function capture(config: TelemetryConfig): Promise<{ monitor: Monitor; captured: Captured; warnings: string[] }> {
  const captured = createCaptured()
  const warnings: string[] = []
  let becomeLive = (): void => undefined
  const live = new Promise<void>((resolve) => {
    becomeLive = resolve
  })
  const monitor = createMonitor({
    endpoint: async () => chromium.wsUrl,
    publish: captured.publish,
    clock: systemClock,
    onState: (at) => at === 'live' && becomeLive(),
    log: (_level, _text, fields) => warnings.push(String(fields?.['what'])),
  })
  await monitor.apply(config, 'test')
  await live
  return { monitor, captured, warnings }
}

test('a page that loads is pictured, with the context and the number of the event that asked for it', async () => {
  const { monitor, captured } = await capture(configOf({ triggers: ['page_load'] }, 'page'))
  await using _monitor = monitor
  const tab = await driver.openPage('about:blank')
  await tab.navigate(`${server.url}/`)
  const { data, source } = await captured.until('monitor_screenshot')
  const load = await captured.until('page_load', (loaded) => loaded.target_id === tab.targetId)
  expect({ ...data, png: pngSize(data.png) }).toEqual({
    session_id: load.data.session_id,
    target_id: tab.targetId,
    target_type: 'page',
    frame_id: load.data.frame_id,
    loader_id: load.data.loader_id,
    url: `${server.url}/`,
    nav_seq: 1,
    png: { width: data.width, height: data.height },
    width: data.width,
    height: data.height,
    scope: 'page',
    trigger_event: 'page_load',
    trigger_seq: captured.drafts.indexOf(load) + 1,
  })
  expect(source).toEqual({ kind: 'cdp', event: 'Page.captureScreenshot', metadata: load.source.metadata })
  await tab.close()
})

test('an uncaught error is pictured while console and page are off, and tells no number', async () => {
  const { monitor, captured } = await capture(configOf({ triggers: ['error'] }))
  await using _monitor = monitor
  const tab = await driver.openPage('about:blank')
  await tab.navigate(`${server.url}/throws`)
  const { data } = await captured.until('monitor_screenshot')
  expect({ trigger: data.trigger_event, seq: data.trigger_seq, types: new Set(captured.drafts.map((draft) => draft.type)) }).toEqual({
    trigger: 'console_error',
    seq: undefined,
    types: new Set(['monitor_screenshot']),
  })
  await tab.close()
})

test('a picture that is too large is taken again smaller, until it fits a record', async () => {
  const { monitor, captured } = await capture(configOf({ triggers: ['page_load'] }))
  await using _monitor = monitor
  const tab = await driver.openPage('about:blank')
  const { sessionId } = tab
  await driver.send('Emulation.setDeviceMetricsOverride', { width: 1600, height: 1200, deviceScaleFactor: 1, mobile: false }, sessionId)
  await tab.navigate(`${server.url}/noise`)
  const { data } = await captured.until('monitor_screenshot')
  expect(data.png.length).toBeLessThanOrEqual(950_000)
  expect({ width: data.width, height: data.height }).toEqual({ width: 400, height: 300 })
  await tab.close()
})

test('pictures keep their distance: a second trigger within the interval takes none', async () => {
  const { monitor, captured } = await capture(
    configOf({ triggers: ['page_load', 'page_navigation_settled'], min_interval_ms: 60_000 }, 'page'),
  )
  await using _monitor = monitor
  const tab = await driver.openPage('about:blank')
  await tab.navigate(`${server.url}/`)
  await captured.until('page_navigation_settled', (data) => data.target_id === tab.targetId)
  await tab.navigate(`${server.url}/throws`)
  await captured.until('page_load', (data) => data.nav_seq === 2)
  expect(captured.of('monitor_screenshot').map((draft) => draft.data.trigger_event)).toEqual(['page_load'])
  await tab.close()
})

test('a tab that waits in a dialog stalls nothing: the next tab is captured', async () => {
  const { monitor, captured } = await capture(configOf({ triggers: ['page_load', 'error'], min_interval_ms: 0 }, 'page'))
  await using _monitor = monitor
  const stuck = await driver.openPage('about:blank')
  await driver.send('Page.enable', {}, stuck.sessionId)
  await stuck.navigate(`${server.url}/dialog`)
  await captured.until('page_dialog_opened')
  const tab = await driver.openPage('about:blank')
  await tab.navigate(`${server.url}/`)
  await captured.until('page_load', (data) => data.target_id === tab.targetId)
  await driver.send('Page.handleJavaScriptDialog', { accept: true }, stuck.sessionId)
  await stuck.close()
  await tab.close()
})

test('a picture that waits for a page is given up when a dialog opens there, and told; it does not use up the interval', async () => {
  const { monitor, captured, warnings } = await capture(configOf({ triggers: ['error'], min_interval_ms: 60_000 }))
  await using _monitor = monitor
  const stuck = await driver.openPage('about:blank')
  await driver.send('Page.enable', {}, stuck.sessionId)
  await stuck.navigate(`${server.url}/dialog`)
  await captured.until('monitor_degraded', (data) => data.what === 'screenshot_failed' && data.detail === 'a dialog is open')
  const tab = await driver.openPage('about:blank')
  await tab.navigate(`${server.url}/throws`)
  const { data } = await captured.until('monitor_screenshot')
  expect(data.target_id).toBe(tab.targetId)
  expect(warnings).toEqual(['screenshot_failed'])
  await driver.send('Page.handleJavaScriptDialog', { accept: true }, stuck.sessionId)
  await stuck.close()
  await tab.close()
})

test('a tab in the background is pictured like any other, and the tab in front after it', async () => {
  const { monitor, captured } = await capture(configOf({ triggers: ['page_load'], min_interval_ms: 0 }))
  await using _monitor = monitor
  const hidden = await driver.openPage('about:blank')
  const front = await driver.openPage('about:blank')
  await driver.send('Target.activateTarget', { targetId: front.targetId })
  expect(await hidden.evaluate('document.visibilityState')).toBe('hidden')
  await hidden.navigate(`${server.url}/`)
  const { data } = await captured.until('monitor_screenshot')
  expect({ tab: data.target_id, size: pngSize(data.png) }).toEqual({
    tab: hidden.targetId,
    size: { width: data.width, height: data.height },
  })
  await front.navigate(`${server.url}/`)
  await captured.until('monitor_screenshot', ({ target_id }) => target_id === front.targetId)
  expect(captured.of('monitor_degraded')).toEqual([])
  await hidden.close()
  await front.close()
})

test('a window that is minimised, which draws nothing, keeps nobody waiting: other tabs are told meanwhile, and pictured when it is given up', async () => {
  const { monitor, captured } = await capture(configOf({ triggers: ['page_load'], min_interval_ms: 0 }, 'page'))
  await using _monitor = monitor
  // Before the window is there: a new tab would open in it, and bring it back.
  const tab = await driver.openPage('about:blank')
  const { targetId } = await driver.send('Target.createTarget', { url: 'about:blank', newWindow: true })
  const { windowId } = await driver.send('Browser.getWindowForTarget', { targetId })
  await driver.send('Browser.setWindowBounds', { windowId, bounds: { windowState: 'minimized' } })
  const minimised = await driver.attachTo(String(targetId))
  await minimised.navigate(`${server.url}/`)
  await captured.until('page_load', (data) => data.target_id === minimised.targetId)
  await tab.navigate(`${server.url}/`)
  await captured.until('page_load', (data) => data.target_id === tab.targetId)
  await minimised.close()
  // To ask for a picture shows the page to its renderer, and now and then Chromium draws it after all.
  const ofMinimised = (): readonly unknown[] =>
    captured.drafts.flatMap((draft) => {
      const { what, detail, target_id } = (draft.data ?? {}) as Readonly<Record<string, unknown>>
      if (draft.type === 'monitor_degraded' && what === 'screenshot_failed') return [detail]
      return draft.type === 'monitor_screenshot' && target_id === minimised.targetId ? ['drawn'] : []
    })
  await captured.untilSo('an end of the picture of the minimised window', () => ofMinimised().length > 0)
  await tab.navigate(`${server.url}/throws`)
  await captured.until('monitor_screenshot', ({ target_id, url }) => target_id === tab.targetId && url?.endsWith('/throws') === true)
  // The deadline, when ten seconds went by on a busy machine before it was closed.
  expect(['the session is over', 'timeout', 'drawn']).toContain(ofMinimised()[0])
  await tab.close()
})
