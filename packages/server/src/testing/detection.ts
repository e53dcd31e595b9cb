// What a page can notice of the capture of its tab: runs fixtures/pages/hostile/detect.html under a configuration, with real input from a
// client that enables nothing, and gives what the page posted and the requests as their server saw them.
import { type Driver, openDriver, type PageServer, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { deadline, systemClock } from '@tabscope/schema'
import { forkCollector, startCollector } from './collector.ts'
import { openEventTail } from './event-tail.ts'
import { hostileSite } from './hostile-site.ts'
import { askUrl } from './test-server.ts'

export interface Detection {
  /** What must not differ. */
  readonly facts: Readonly<Record<string, unknown>>
  /** Milliseconds, by what was timed. */
  readonly times: Readonly<Record<string, number>>
  /** How many events the collector told meanwhile, by category: the control that it did watch. */
  readonly published: Readonly<Record<string, number>>
}

/** Detection opens a window long after its click. */
export const chromiumArgsOfDetection: readonly string[] = ['--disable-popup-blocking']

export interface DetectionOptions {
  readonly chromium: TestChromium
  /** Categories from the browser that are on; without any there is no collector at all. */
  readonly categories: readonly string[]
  readonly attachMode?: 'passive' | 'complete'
  /** Stops the collector's process when the page is about to look, and lets it go on only for a page that says that it is held. */
  readonly isStopped?: boolean
}

export async function detect(options: DetectionOptions): Promise<Detection> {
  const results: string[] = []
  await using site = await servePages((request, response) => {
    if (request.url !== '/detect-result') return hostileSite(request, response)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      results.push(Buffer.concat(chunks).toString())
      response.writeHead(200).end()
      told()
    })
  })
  let told = (): void => undefined
  const posted = new Promise<void>((resolve) => {
    told = resolve
  })
  await using driver = await openDriver(options.chromium.wsUrl)
  const targetId = String((await driver.send('Target.createTarget', { url: 'about:blank' }))['targetId'])
  const page = await driver.attachTo(targetId)
  await using capture = await captureOf(options, { site, driver, page })
  await driver.send('Page.navigate', { url: `${site.url}/detect.html` }, page.sessionId)
  await site.seen('/detect-ready')
  if (options.isStopped === true) capture.stop()
  await touch(driver, page.sessionId)
  const held = site.seen('/detect-held?worker').then(capture.goOn)
  await Promise.race([posted, held])
  await posted
  capture.goOn()
  const { facts, times } = JSON.parse(results[0] ?? '{}') as Detection
  const published = await capture.published()
  await page.close()
  return { facts: { ...facts, requests: requestsOf(site) }, times, published }
}

type Parts = {
  readonly site: PageServer
  readonly driver: Driver
  readonly page: { readonly targetId: string; readonly sessionId: string }
}

interface Capture extends AsyncDisposable {
  /** Stops the collector's process, and lets it go on; nothing for one that is not to be stopped. */
  stop(): void
  goOn(): void
  published(): Promise<Record<string, number>>
}

// A collector that has told the load of an ordinary page of this tab, and so has set it up.
async function captureOf(
  { chromium, categories, attachMode = 'passive', isStopped = false }: DetectionOptions,
  { site, driver, page }: Parts,
): Promise<Capture> {
  const start = isStopped ? forkCollector : startCollector
  const collector = categories.length === 0 ? undefined : await start({ endpoint: chromium.wsUrl })
  if (collector !== undefined) {
    const browser = Object.fromEntries(categories.map((category) => [category, { enabled: true, detail_level: 'verbose' }]))
    const screenshot = categories.includes('screenshot')
      ? { screenshot: { enabled: true, triggers: ['page_load', 'page_navigation_settled'], min_interval_ms: 0 } }
      : {}
    await askUrl(`${collector.url}/telemetry`, 'PUT', {
      json: { browser: { ...browser, page: { enabled: true }, ...screenshot }, attach_mode: attachMode },
    })
  }
  // Asked again and again, each time after an answer: there is no event for it.
  while (collector !== undefined && (await askUrl(`${collector.url}/readyz`, 'GET')).status !== 200);
  await driver.send('Page.navigate', { url: `${site.url}/bystander.html` }, page.sessionId)
  if (collector !== undefined) {
    await using tail = await openEventTail(collector)
    await tail.event('page_load', ({ target_id, url }) => target_id === page.targetId && String(url).endsWith('/bystander.html'))
  } else await site.seen('/bystander.html')
  const tell = (signal: NodeJS.Signals): void => {
    if (isStopped && collector !== undefined) process.kill(collector.pid, signal)
  }
  return {
    stop: () => tell('SIGSTOP'),
    goOn: () => tell('SIGCONT'),
    published: async () => (collector === undefined ? {} : publishedOf((await askUrl(`${collector.url}/metrics`, 'GET')).text)),
    [Symbol.asyncDispose]: async () => collector?.[Symbol.asyncDispose](),
  }
}

function publishedOf(metrics: string): Record<string, number> {
  const lines = metrics.matchAll(/^tabscope_events_published_total\{category="(\w+)"\} ([1-9]\d*)$/gm)
  return Object.fromEntries([...lines].map(([, category = '', count]) => [category, Number(count)]))
}

/** Whether a dialog of the page is closed by the browser itself within `withinMs`; with nobody to answer it. */
export async function closesDialogs(options: DetectionOptions, withinMs: number): Promise<boolean> {
  await using site = await servePages(hostileSite)
  await using driver = await openDriver(options.chromium.wsUrl)
  const targetId = String((await driver.send('Target.createTarget', { url: 'about:blank' }))['targetId'])
  const page = await driver.attachTo(targetId)
  await using _capture = await captureOf(options, { site, driver, page })
  const script = "fetch('/dialog-begun').then(() => { confirm('?'); fetch('/dialog-over') })"
  page.evaluate(`void ${script}`).catch(() => undefined)
  await site.seen('/dialog-begun')
  const limit = deadline(systemClock, withinMs)
  const late = new Promise<boolean>((resolve) => limit.signal.addEventListener('abort', () => resolve(false)))
  const isClosed = await Promise.race([site.seen('/dialog-over').then(() => true), late])
  limit.cancel()
  await driver.send('Target.closeTarget', { targetId })
  return isClosed
}

async function touch(driver: Driver, sessionId: string): Promise<void> {
  const point = { x: 30, y: 10 }
  for (const type of ['mousePressed', 'mouseReleased'])
    await driver.send('Input.dispatchMouseEvent', { type, ...point, button: 'left', clickCount: 1 }, sessionId)
  for (const type of ['rawKeyDown', 'keyUp'])
    await driver.send('Input.dispatchKeyEvent', { type, key: 'Escape', windowsVirtualKeyCode: 27 }, sessionId)
  await driver.send('Input.dispatchMouseEvent', { type: 'mouseWheel', ...point, deltaX: 0, deltaY: 100 }, sessionId)
}

// What the page's requests looked like; ports and ids of this run aside, and whether the click was less than five seconds ago.
function requestsOf(site: PageServer): string[] {
  return site.log
    .filter(({ path }) => path.startsWith('/detect'))
    .map(({ method, path, headers }) => {
      const { host: _host, referer: _referer, origin: _origin, 'content-length': _length, 'sec-fetch-user': _user, ...rest } = headers
      return `${method} ${path} ${JSON.stringify(rest)}`
    })
}
