// Attaching to a real Chromium, in both modes: every kind of target, each on exactly one session.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchTestChromium, type TestChromium } from './testing/chromium.ts'
import { openDriver } from './testing/driver.ts'
import { observe } from './testing/observer.ts'
import { type PageServer, servePages } from './testing/pages.ts'

let chromium: TestChromium
let pages: PageServer

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process'] })
  pages = await servePages({ '/': '<title>start</title>', '/popup': '<script>console.log("popup runs")</script>' })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
  await pages[Symbol.asyncDispose]()
})

describe.each(['passive', 'complete'] as const)('in mode %s', (mode) => {
  test('a new tab and the popup that it opens are captured, with the first request and console call of the popup', async () => {
    await using observer = await observe({ wsUrl: chromium.wsUrl, mode })
    await using driver = await openDriver(chromium.wsUrl)
    const page = await driver.openPage(`${pages.url}/`)
    await observer.happened('started', 'page /')
    await page.evaluate('void window.open("/popup")')
    await observer.happened('console', 'page ', 'popup runs')
    expect(observer.happenings).toContainEqual({ what: 'request', of: 'page ', detail: '/popup' })
    expect(observer.warnings).toEqual([])
  })
})
