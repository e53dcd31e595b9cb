// Popups on a real Chromium: their first request and first console call, in both attach modes.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf, lateResponses, oddEndings, seenUrls, toldOf, toldUrls } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--disable-popup-blocking'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const popup = `<!doctype html><link rel="icon" href="data:,"><title>popup</title>
  <script>console.log('popup ' + location.search); fetch('/data.json' + location.search).then((r) => r.json())</script>`

const open = (mode: 'passive' | 'complete'): Promise<Scene> =>
  openScene({
    chromium,
    mode,
    pages: {
      '/': '<!doctype html><link rel="icon" href="data:,"><title>opener</title>',
      '/popup': popup,
      '/data.json': { type: 'application/json', body: '{"n":1}' },
    },
  })

/** Resolves when the popup of this query has told everything that it does. */
async function popupTold(scene: Scene, query: string): Promise<void> {
  await scene.captured.until('console_log', ({ text }) => text === `popup ${query}`)
  await scene.captured.until('network_response', ({ url }) => url.endsWith(`/popup${query}`))
  await scene.captured.until('network_response', ({ url }) => url.endsWith(`/data.json${query}`))
}

describe.each(['passive', 'complete'] as const)('in mode %s', (mode) => {
  test('a window.open popup is told from its first request and its first console call on, on a tab of its own', async () => {
    await using scene = await open(mode)
    const { captured, server } = scene
    const opener = await scene.visit('/')
    await opener.evaluate('void window.open("/popup?open")')
    await popupTold(scene, '?open')
    const opened = await captured.until('page_tab_opened', ({ opener_id }) => opener_id === opener.targetId)
    const told = toldOf(captured.drafts, server.port)
    const ofPopup = told.requests.filter(({ url }) => url.endsWith('?open'))
    expect(toldUrls(told)).toEqual(seenUrls(server))
    expect(oddEndings(told)).toEqual([])
    expect(lateResponses(told)).toEqual([])
    expect(ofPopup.map(({ target_id, nav_seq, resource_type }) => ({ target_id, nav_seq, resource_type }))).toEqual([
      { target_id: opened.data.target_id, nav_seq: 0, resource_type: 'Document' },
      { target_id: opened.data.target_id, nav_seq: 1, resource_type: 'Fetch' },
    ])
    expect(dataOf(captured.drafts, 'console_log').map(({ text, target_id, nav_seq }) => ({ text, target_id, nav_seq }))).toEqual([
      { text: 'popup ?open', target_id: opened.data.target_id, nav_seq: 1 },
    ])
  })
})
