// How sessions and targets end, and that nobody else notices the attachment, on a real Chromium.
import { type BrowserContext, chromium as playwright } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { launchTestChromium, type TestChromium } from './testing/chromium.ts'
import { openDriver } from './testing/driver.ts'
import { type Happening, type Observer, observe } from './testing/observer.ts'
import { type PageServer, servePages } from './testing/pages.ts'

const launch = (): Promise<TestChromium> => launchTestChromium({ args: ['--site-per-process'] })

async function serve(): Promise<PageServer> {
  const server = await servePages((request, response) => {
    const pages: Record<string, [string, string]> = {
      '/': [
        'text/html',
        `<iframe src="${server.urlOf('a.localhost')}/frame"></iframe><script>window.worker = new Worker("/worker.js")</script>`,
      ],
      '/frame': ['text/html', '<script>console.log("frame runs")</script>'],
      '/worker.js': ['text/javascript', 'console.log("worker runs")'],
      '/plain': ['text/html', '<script>console.log("plain runs")</script>'],
    }
    const [type, body] = pages[request.url ?? '/'] ?? ['text/plain', '']
    response.writeHead(200, { 'content-type': type }).end(body)
  })
  return server
}

async function loaded(observer: Observer): Promise<void> {
  await observer.happened('console', 'worker /worker.js', 'worker runs')
  await observer.happened('console', 'iframe /frame', 'frame runs')
}

const endings = (observer: Observer): Happening[] => observer.happenings().filter((each) => each.what === 'ended' || each.what === 'gone')

describe.each(['passive', 'complete'] as const)('in mode %s', (mode) => {
  test('a removed frame and a terminated worker end and are gone, in this order', async () => {
    await using pages = await serve()
    await using chromium = await launch()
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using driver = await openDriver(chromium.wsUrl)
    const page = await driver.openPage(`${pages.url}/`)
    await loaded(observer)
    await page.evaluate('document.querySelector("iframe").remove()')
    await observer.happened('gone', 'iframe /frame')
    await page.evaluate('window.worker.terminate()')
    await observer.happened('gone', 'worker /worker.js')
    expect(endings(observer)).toEqual([
      { what: 'ended', of: 'iframe /frame', detail: 'target_closed' },
      { what: 'gone', of: 'iframe /frame' },
      { what: 'ended', of: 'worker /worker.js', detail: 'target_closed' },
      { what: 'gone', of: 'worker /worker.js' },
    ])
  })

  test('with a tab everything in it ends, each once and before it is gone', async () => {
    await using pages = await serve()
    await using chromium = await launch()
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using driver = await openDriver(chromium.wsUrl)
    const page = await driver.openPage(`${pages.url}/`)
    await loaded(observer)
    await page.close()
    for (const of of ['page /', 'iframe /frame', 'worker /worker.js']) await observer.happened('gone', of)
    const ends = endings(observer)
    const byTarget = ['page /', 'iframe /frame', 'worker /worker.js'].map((of) =>
      ends.filter((each) => each.of === of).map((each) => each.what),
    )
    expect(byTarget).toEqual([
      ['ended', 'gone'],
      ['ended', 'gone'],
      ['ended', 'gone'],
    ])
    expect(ends).toHaveLength(6)
    expect([...observer.attachment.sessions()].map((session) => session.url)).toEqual(['about:blank'])
  })

  test('a crashed tab is told, keeps its session, and is captured again after a reload', async () => {
    await using pages = await serve()
    await using chromium = await launch()
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using driver = await openDriver(chromium.wsUrl)
    const page = await driver.openPage(`${pages.url}/plain`)
    await observer.happened('console', 'page /plain', 'plain runs')
    // Chromium answers this, with an error, only when the tab has a process again.
    const crash = driver.send('Page.crash', {}, page.sessionId).catch((error: Error) => error.message)
    await observer.happened('crashed', 'page /plain', 'crashed')
    const before = observer.happenings().length
    await driver.send('Page.reload', {}, page.sessionId)
    await observer.until(() =>
      observer
        .happenings()
        .slice(before)
        .some((each) => each.detail === 'plain runs'),
    )
    expect(await crash).toBe('Page.crash: Target crashed')
    expect(endings(observer)).toEqual([])
  })

  test('another CDP client keeps its own sessions, domains and windows while an attachment comes and goes', async () => {
    await using pages = await serve()
    await using chromium = await launch()
    await using driver = await openDriver(chromium.wsUrl)
    const page = await driver.openPage(`${pages.url}/plain`)
    await driver.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true }, page.sessionId)
    const observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await page.evaluate('console.log("during")')
    await observer.happened('console', 'page /plain', 'during')
    expect(await page.evaluate('fetch("/plain").then((answer) => answer.status)')).toBe(200)
    await observer[Symbol.asyncDispose]()
    await page.navigate(`${pages.url}/`)
    expect(await page.evaluate('document.querySelectorAll("iframe").length')).toBe(1)
  })

  test('Playwright works on the same browser meanwhile: tabs, popups, frames, workers, and after the attachment has ended', async () => {
    await using pages = await serve()
    await using chromium = await launch()
    const observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using browser = await connectPlaywright(chromium.endpoint)
    const page = await browser.context.newPage()
    const worker = page.waitForEvent('worker')
    await page.goto(`${pages.url}/`)
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate('void window.open("/plain")')])
    await popup.waitForLoadState()
    await observer.happened('console', 'page /plain', 'plain runs')
    await observer.attachment.release()
    await observer[Symbol.asyncDispose]()
    const second = await browser.context.newPage()
    await second.goto(`${pages.url}/plain`)
    expect({
      worker: new URL((await worker).url()).pathname,
      frames: page.frames().map((frame) => new URL(frame.url()).pathname),
      popup: new URL(popup.url()).pathname,
      second: await second.evaluate('1 + 1'),
      warnings: observer.warnings,
    }).toEqual({ worker: '/worker.js', frames: ['/', '/frame'], popup: '/plain', second: 2, warnings: [] })
  })
})

/** A second client that nobody here wrote. */
async function connectPlaywright(endpoint: string): Promise<AsyncDisposable & { context: BrowserContext }> {
  const browser = await playwright.connectOverCDP(endpoint)
  const context = browser.contexts()[0] ?? (await browser.newContext())
  return { context, [Symbol.asyncDispose]: () => browser.close() }
}

test('when Chromium is killed the connection says so, and every open command ends', async () => {
  await using chromium = await launch()
  await using observer = await observe({ wsUrl: chromium.wsUrl, mode: 'passive' })
  const answer = observer.connection.send(undefined, 'Browser.close')
  await chromium.kill()
  await observer.until(() => observer.happenings().some((each) => each.of === 'connection'))
  const late = await observer.connection.send(undefined, 'Browser.getVersion')
  expect(late).toMatchObject({ ok: false, code: 'closed' })
  await answer
})
