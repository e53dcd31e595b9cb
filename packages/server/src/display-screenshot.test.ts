// Pictures of the display: a real Xvfb, a real ffmpeg, a Chromium with a window, and the colour of its page in the picture.
import { spawnSync } from 'node:child_process'
import { countPixels, readPng } from '@tabscope/browser/testing'
import { openDriver, servePages } from '@tabscope/cdp/testing'
import type { EventDraft } from '@tabscope/schema'
import { beforeAll, describe, expect, test } from 'vitest'
import { openRawStream } from './testing/raw-stream.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const runs = (program: string): boolean => spawnSync(program, ['-version']).error === undefined
const canGrab = runs('Xvfb') && runs('ffmpeg')
const crimson = [200, 30, 120] as const
const pages = { '/': '<body style="background: rgb(200, 30, 120)"></body>' }

// A display that is there is somebody's; these tests are about one of our own.
beforeAll(() => {
  delete process.env['DISPLAY']
})

interface Shot {
  readonly data: EventDraft<'monitor_screenshot'>['data']
  readonly source: { readonly kind: string; readonly event?: string }
}

async function eventsOf(server: TestServer, type: string, count: number): Promise<readonly unknown[]> {
  await using stream = await openRawStream(`${server.url}/telemetry/stream?replay=all&type=${type}`)
  const blocks = await stream.untilBlocks(count)
  return blocks.map((block) => JSON.parse(block.slice(block.indexOf('{'))).event)
}

async function firstShot(server: TestServer): Promise<Shot> {
  const [shot] = await eventsOf(server, 'monitor_screenshot', 1)
  return shot as Shot
}

const screenshotOf = (screenshot: object): object => ({
  browser: { screenshot: { enabled: true, triggers: ['page_load'], ...screenshot } },
})

async function visit(server: TestServer, url: string): Promise<void> {
  await using driver = await openDriver(await server.running.browserEndpoint(new AbortController().signal))
  await driver.openPage(url)
}

describe.skipIf(!canGrab)('with Xvfb and ffmpeg', () => {
  test('a browser with a window on our own display is pictured with all of that display', async () => {
    await using page = await servePages(pages)
    await using server = await startTestServer({ browser: { at: 'launch', headful: true }, telemetry: [] })
    await server.ask('PUT', '/telemetry', { json: screenshotOf({}) })
    await visit(server, `${page.url}/`)
    const { data, source } = await firstShot(server)
    const png = readPng(data.png)
    expect({ kind: source.kind, scope: data.scope, size: [data.width, data.height], decoded: [png.width, png.height] }).toEqual({
      kind: 'local_process',
      scope: 'display',
      size: [1920, 1080],
      decoded: [1920, 1080],
    })
    expect(countPixels(png, crimson)).toBeGreaterThan(100_000)
    expect(data.url).toBe(`${page.url}/`)
  })

  test('the page alone is pictured when the configuration says so', async () => {
    await using page = await servePages(pages)
    await using server = await startTestServer({ browser: { at: 'launch', headful: true }, telemetry: [] })
    await server.ask('PUT', '/telemetry', { json: screenshotOf({ scope: 'page' }) })
    await visit(server, `${page.url}/`)
    const { data, source } = await firstShot(server)
    const png = readPng(data.png)
    expect({ source: source.event, scope: data.scope, share: countPixels(png, crimson) / (png.width * png.height) }).toEqual({
      source: 'Page.captureScreenshot',
      scope: 'page',
      share: 1,
    })
  })

  test('a page with an open dialog, which draws nothing itself, is on the picture of the display', async () => {
    await using page = await servePages({
      '/': '<body><script>setTimeout(() => { setTimeout(alert); throw new Error("boom") }, 300)</script>',
    })
    await using server = await startTestServer({ browser: { at: 'launch', headful: true }, telemetry: [] })
    await server.ask('PUT', '/telemetry', { json: screenshotOf({ triggers: ['error'] }) })
    await visit(server, `${page.url}/`)
    const { data } = await firstShot(server)
    expect({ scope: data.scope, trigger: data.trigger_event }).toEqual({ scope: 'display', trigger: 'console_error' })
  })

  test('without ffmpeg the page is pictured instead, and the reason is told once', async () => {
    const path = process.env['PATH']
    await using page = await servePages(pages)
    await using server = await startTestServer({ browser: { at: 'launch', headful: true }, telemetry: [] })
    await server.ask('PUT', '/telemetry', { json: screenshotOf({ min_interval_ms: 0 }) })
    process.env['PATH'] = '/nowhere'
    try {
      await visit(server, `${page.url}/`)
      await firstShot(server)
      await visit(server, `${page.url}/`)
      // A second report would be before the second picture.
      const events = (await eventsOf(server, 'monitor_screenshot,monitor_degraded', 3)) as {
        type: string
        data: { scope?: string; what?: string; detail?: string }
      }[]
      expect(events.map(({ type, data }) => [type, data.scope ?? data.what])).toEqual([
        ['monitor_degraded', 'display_grab_failed'],
        ['monitor_screenshot', 'page'],
        ['monitor_screenshot', 'page'],
      ])
      expect(events[0]?.data.detail).toContain('ffmpeg cannot be started (spawn ffmpeg ENOENT). Install ffmpeg')
    } finally {
      process.env['PATH'] = path
    }
  })
})

test('a display beside a headless browser is never pictured, not even on request', async () => {
  await using page = await servePages(pages)
  process.env['DISPLAY'] = ':65000'
  try {
    await using server = await startTestServer({ browser: { at: 'launch' }, telemetry: [] })
    await server.ask('PUT', '/telemetry', { json: screenshotOf({ scope: 'display' }) })
    await visit(server, `${page.url}/`)
    const { data } = await firstShot(server)
    const [degraded] = await eventsOf(server, 'monitor_degraded', 1)
    expect({ scope: data.scope, degraded: (degraded as { data: unknown }).data }).toEqual({
      scope: 'page',
      degraded: { what: 'display_grab_failed', detail: 'the browser has no display here', count: 1 },
    })
  } finally {
    delete process.env['DISPLAY']
  }
})
