// Attaching to a real Chromium, in both modes: every kind of target, at any depth, each on exactly one session.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchTestChromium, type TestChromium } from './testing/chromium.ts'
import { openDriver } from './testing/driver.ts'
import { type Happening, type Observer, observe } from './testing/observer.ts'
import { type PageServer, servePages } from './testing/pages.ts'

const html = 'text/html'
const javascript = 'text/javascript'
const logThen = (name: string, then = ''): { type: string; body: string } => ({
  type: javascript,
  body: `console.log('${name} runs');${then}`,
})

const launch = (): Promise<TestChromium> => launchTestChromium({ args: ['--site-per-process'] })

let pages: PageServer

beforeAll(async () => {
  // `%a` and `%b` are the same server under host names that Chromium takes for other sites.
  const frames: Record<string, string> = {
    '/nested-frames': '<iframe src="%a/frame-one"></iframe>',
    '/frame-one': '<script>console.log("frame-one runs")</script><iframe src="%b/frame-two"></iframe>',
    '/frame-two': '<script>console.log("frame-two runs"); new Worker("/worker.js")</script>',
  }
  const others: Record<string, { type: string; body: string }> = {
    '/': { type: html, body: '<title>start</title>' },
    '/popup': { type: html, body: '<script>console.log("popup runs")</script>' },
    '/worker.js': logThen('worker', 'new Worker("/nested-worker.js")'),
    '/nested-worker.js': logThen('nested-worker'),
    '/shared-worker.js': logThen('shared-worker'),
    '/service-worker.js': logThen('service-worker'),
  }
  pages = await servePages((request, response) => {
    const path = request.url ?? '/'
    const frame = frames[path]?.replace('%a', pages.urlOf('a.localhost')).replace('%b', pages.urlOf('b.localhost'))
    const page = frame === undefined ? others[path] : { type: html, body: frame }
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': page?.type ?? html, 'cache-control': 'no-store' }).end(page?.body)
  })
})

afterAll(async () => {
  await pages[Symbol.asyncDispose]()
})

/** Which targets were started, in alphabetical order, the about:blank of the launch aside. */
function startedNames(happenings: readonly Happening[]): string[] {
  return namesOf(happenings, 'started')
}

function namesOf(happenings: readonly Happening[], what: Happening['what']): string[] {
  return happenings
    .filter((each) => each.what === what && each.of !== 'page about:blank')
    .map((each) => each.of)
    .sort()
}

/** Where each session belongs: its own name, the parent's and the tab's. */
function tree(observer: Observer): string[] {
  const name = (url: string | undefined): string => (url === undefined || url === '' ? '-' : new URL(url).pathname)
  return observer.started
    .filter((session) => session.url !== 'about:blank')
    .map(
      (session) => `${session.targetType} ${name(session.url)} parent=${session.parent?.targetType ?? '-'} page=${name(session.page?.url)}`,
    )
    .sort()
}

describe.each(['passive', 'complete'] as const)('in mode %s', (mode) => {
  test.each([
    ['a popup', '"/popup"'],
    ['a noopener popup', '"/popup", "_blank", "noopener"'],
  ])('%s is captured with its first console call, in complete with its first request too', async (_name, parameters) => {
    await using chromium = await launch()
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using driver = await openDriver(chromium.wsUrl)
    const page = await driver.openPage(`${pages.url}/`)
    await observer.happened('started', 'page /')
    await page.evaluate(`void window.open(${parameters})`)
    await observer.happened('console', 'page /popup', 'popup runs')
    expect(startedNames(observer.happenings())).toEqual(['page /', 'page /popup'])
    // In passive the request is on its way while we attach: seen nearly always for a popup, hardly ever with noopener.
    if (mode === 'complete') expect(observer.happenings()).toContainEqual({ what: 'request', of: 'page /popup', detail: '/popup' })
    expect(observer.warnings).toEqual([])
  })

  test('nested frames of other sites, the worker in the inner one and its nested worker are captured once each', async () => {
    await using chromium = await launch()
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using driver = await openDriver(chromium.wsUrl)
    await driver.openPage(`${pages.url}/nested-frames`)
    await observer.happened('console', 'worker /nested-worker.js', 'nested-worker runs')
    await observer.happened('console', 'iframe /frame-two', 'frame-two runs')
    expect(startedNames(observer.happenings())).toEqual([
      'iframe /frame-one',
      'iframe /frame-two',
      'page /nested-frames',
      'worker /nested-worker.js',
      'worker /worker.js',
    ])
    expect(observer.warnings).toEqual([])
  })

  test('shared and service workers are captured once each, however many tabs reach them, and live on when a tab closes', async () => {
    await using chromium = await launch()
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using driver = await openDriver(chromium.wsUrl)
    const first = await driver.openPage(`${pages.url}/`)
    const second = await driver.openPage(`${pages.url}/`)
    await observer.until(() => namesOf(observer.happenings(), 'started').length === 2)
    const start =
      'window.shared = new SharedWorker("/shared-worker.js"); navigator.serviceWorker.register("/service-worker.js").then(() => 0)'
    await first.evaluate(start)
    await second.evaluate(start)
    await observer.happened('console', 'shared_worker /shared-worker.js', 'shared-worker runs')
    await observer.happened('console', 'service_worker /service-worker.js', 'service-worker runs')
    await first.close()
    await observer.happened('gone', 'page /')
    expect(startedNames(observer.happenings())).toEqual([
      'page /',
      'page /',
      'service_worker /service-worker.js',
      'shared_worker /shared-worker.js',
    ])
    expect(namesOf(observer.happenings(), 'ended')).toEqual(['page /'])
    await second.evaluate(
      'navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((each) => each.unregister()))).then(() => 0)',
    )
  })

  test('everything that was there before is attached, is called existing, and is ready', async () => {
    await using chromium = await launch()
    await using driver = await openDriver(chromium.wsUrl)
    await using early = await observe({ wsUrl: chromium.wsUrl, mode: 'passive' })
    await driver.openPage(`${pages.url}/nested-frames`)
    await early.happened('console', 'worker /nested-worker.js', 'nested-worker runs')
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    expect(tree(observer)).toEqual([
      'iframe /frame-one parent=page page=/nested-frames',
      'iframe /frame-two parent=iframe page=/nested-frames',
      'page /nested-frames parent=- page=/nested-frames',
      'worker /nested-worker.js parent=worker page=/nested-frames',
      'worker /worker.js parent=iframe page=/nested-frames',
    ])
    expect(new Set(observer.started.map((session) => session.existing))).toEqual(new Set([true]))
  })
})
