// Mode `complete` holds new targets until they are set up. Here its collector is blocked, killed or stopped while it does.
import { expect, test } from 'vitest'
import { launchTestChromium, type TestChromium } from './testing/chromium.ts'
import { type DrivenPage, type Driver, openDriver } from './testing/driver.ts'
import { observe } from './testing/observer.ts'
import { type PageServer, servePages } from './testing/pages.ts'

const popups = { 'window.open': '""', 'noopener window.open': '"_blank", "noopener"' }

async function serve(): Promise<PageServer> {
  const script = { type: 'text/javascript', body: '' }
  const server = await servePages((request, response) => {
    const path = request.url?.split('?')[0] ?? '/'
    const pages: Record<string, { type: string; body: string }> = {
      '/': { type: 'text/html', body: '<title>start</title>' },
      '/popup': { type: 'text/html', body: '<script>console.log("popup runs"); fetch("/popup-ran" + location.search)</script>' },
      '/busy': {
        type: 'text/html',
        body: `<iframe src="${server.urlOf('a.localhost')}/frame"></iframe><script>new Worker("/worker.js")</script>`,
      },
      '/frame': { type: 'text/html', body: '<script>console.log("frame runs")</script>' },
      '/worker.js': { ...script, body: 'console.log("worker runs"); onmessage = () => console.log("worker still runs")' },
    }
    const page = pages[path]
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': page?.type ?? 'text/plain' }).end(page?.body)
  })
  return server
}

const launch = (): Promise<TestChromium> => launchTestChromium({ args: ['--site-per-process', '--disable-popup-blocking'] })

/** Blocks this process, the collector in it included, as a long garbage collection or SIGSTOP would. */
function blockFor(blockMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs)
}

/** The page opens a window by itself, a little later. */
async function openLater(page: DrivenPage, kind: keyof typeof popups, tag: string): Promise<void> {
  await page.evaluate(`void setTimeout(() => { window.opened = window.open("/popup?${tag}", ${popups[kind]}) }, 100)`)
}

/** A client that holds every new window and never lets go, as a collector that is stopped does. */
async function holdEverything(wsUrl: string): Promise<Driver> {
  const holder = await openDriver(wsUrl)
  await holder.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true })
  return holder
}

test.each(Object.keys(popups) as (keyof typeof popups)[])(
  'after a blocked event loop it falls back to passive: the held %s runs, every session is replaced, nothing is captured twice',
  async (kind) => {
    await using pages = await serve()
    await using chromium = await launch()
    await using driver = await openDriver(chromium.wsUrl)
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode: 'complete' })
    const page = await driver.openPage(`${pages.url}/busy`)
    await observer.happened('console', 'worker /worker.js', 'worker runs')
    await observer.happened('console', 'iframe /frame', 'frame runs')
    await openLater(page, kind, 'held')
    const before = observer.started.length
    blockFor(1500)
    await observer.happened('console', 'page /popup?held', 'popup runs')
    await observer.until(() =>
      ['page', 'iframe', 'worker'].every((type) => observer.started.slice(before).some((one) => one.targetType === type && one.replaces)),
    )
    await page.evaluate('console.log("after")')
    await observer.happened('console', 'page /busy', 'after')
    const replaced = observer.started.slice(before).filter((session) => session.replaces !== undefined)
    expect(replaced.map((session) => [session.targetId, session.sessionId === session.replaces?.sessionId])).toEqual(
      replaced.map((session) => [session.replaces?.targetId, false]),
    )
    expect(observer.happenings().filter((each) => each.what === 'fell_back')).toHaveLength(1)
    expect(observer.happenings().filter((each) => each.detail === 'after')).toHaveLength(1)
    const live = [...observer.attachment.sessions()].map((session) => session.targetId)
    expect(new Set(live).size).toBe(live.length)
    expect(observer.warnings).toEqual([])
  },
)

test('after the fall-back a stopped collector holds nothing any more', async () => {
  await using pages = await serve()
  await using chromium = await launch()
  await using driver = await openDriver(chromium.wsUrl)
  await using observer = await observe({ wsUrl: chromium.wsUrl, mode: 'complete' })
  const page = await driver.openPage(`${pages.url}/`)
  blockFor(1500)
  await observer.happened('fell_back', 'attachment')
  // The fall-back ends with the answers to its own commands; a command after them is answered after them.
  await observer.until(() => [...observer.attachment.sessions()].every((session) => session.replaces !== undefined))
  await observer.connection.send(undefined, 'Target.getTargets')
  const opened = page.evaluate('const from = performance.now(); window.open("/popup?free"); performance.now() - from')
  await openLater(page, 'noopener window.open', 'free-too')
  blockFor(700)
  // The page server is in this process too: it answers now, but the windows opened while all of it was blocked.
  expect(await opened).toBeLessThan(500)
  await observer.happened('console', 'page /popup?free', 'popup runs')
  await observer.happened('console', 'page /popup?free-too', 'popup runs')
})

test.each(['passive', 'complete'] as const)(
  'a window.open that a killed collector left held runs when a new one attaches in %s',
  async (mode) => {
    await using pages = await serve()
    await using chromium = await launch()
    await using driver = await openDriver(chromium.wsUrl)
    const page = await driver.openPage(`${pages.url}/`)
    const holder = await holdEverything(chromium.wsUrl)
    // The opener waits inside window.open, so this is not answered before somebody lets the new window go.
    const opened = page.evaluate('window.open("/popup?left") !== null')
    await windowsOf(driver, 3)
    await holder[Symbol.asyncDispose]()
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await observer.happened('console', 'page /popup?left', 'popup runs')
    expect({ opened: await opened, warnings: observer.warnings }).toEqual({ opened: true, warnings: [] })
  },
)

test.each(Object.keys(popups) as (keyof typeof popups)[])('release lets go of a held %s before the connection ends', async (kind) => {
  await using pages = await serve()
  await using chromium = await launch()
  await using driver = await openDriver(chromium.wsUrl)
  const page = await driver.openPage(`${pages.url}/`)
  await using observer = await observe({ wsUrl: chromium.wsUrl, mode: 'complete' })
  await openLater(page, kind, 'released')
  blockFor(700)
  await observer.attachment.release()
  observer.connection.close()
  const seen = await pages.seen('/popup-ran?released')
  expect(seen.method).toBe('GET')
})

/** Waits until the browser has that many windows. */
async function windowsOf(driver: Driver, count: number): Promise<void> {
  for (;;) {
    const { targetInfos } = await driver.send('Target.getTargets')
    const windows = Array.isArray(targetInfos) ? targetInfos.filter((info) => info.type === 'page') : []
    if (windows.length >= count) return
  }
}
