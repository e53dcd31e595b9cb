// Popups on a real Chromium, in both attach modes: what they load and log is told once, on a tab of their own. Mode `complete` sees
// every request leave; `passive` sees a popup late when the machine is busy, and tells what it missed from what is still known.
import { type DrivenPage, launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf, lateResponses, seenUrls, type Told, toldUrls, toldWhole } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--disable-popup-blocking'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const head = '<!doctype html><link rel="icon" href="data:,">'

const open = (mode: 'passive' | 'complete'): Promise<Scene> =>
  openScene({
    chromium,
    mode,
    pages: {
      '/': `${head}<title>opener</title>`,
      '/popup': `${head}<script>console.log('popup ' + location.search); fetch('/data.json' + location.search).then((r) => r.json())</script>`,
      '/data.json': { type: 'application/json', body: '{"n":1}' },
    },
  })

const openers = { 'window.open': '', 'noopener window.open': ", '_blank', 'noopener'" } as const
type Opener = keyof typeof openers
const openerNames = Object.keys(openers) as Opener[]

/** Opens a popup for each number and resolves when all of them have told everything that they do. */
async function openPopups(scene: Scene, options: { from: DrivenPage; opener: Opener; numbers: readonly number[] }): Promise<void> {
  const { from, opener, numbers } = options
  await from.evaluate(`for (const n of ${JSON.stringify(numbers)}) window.open('/popup?' + n${openers[opener]}); undefined`)
  for (const n of numbers) {
    await scene.captured.until('console_log', ({ text }) => text === `popup ?${n}`)
    await scene.captured.until('network_response', ({ url }) => url.endsWith(`/popup?${n}`))
    await scene.captured.until('network_response', ({ url }) => url.endsWith(`/data.json?${n}`))
  }
}

/** What the stream tells of popup `n`: on which targets, and in which navigations. */
function popupTold(told: Told, n: number): { targets: number; document: (number | undefined)[]; fetch: (number | undefined)[] } {
  const ofPopup = told.responses.filter(({ url }) => url.endsWith(`?${n}`))
  const navs = (path: string): (number | undefined)[] => ofPopup.filter(({ url }) => url.includes(path)).map(({ nav_seq }) => nav_seq)
  return { targets: new Set(ofPopup.map(({ target_id }) => target_id)).size, document: navs('/popup'), fetch: navs('/data.json') }
}

describe.each(['passive', 'complete'] as const)('in mode %s', (mode) => {
  test.each(openerNames)('what a %s popup loads and logs first is told once, on its own tab', async (opener) => {
    await using scene = await open(mode)
    const { captured, server } = scene
    const from = await scene.visit('/')
    await openPopups(scene, { from, opener, numbers: [1] })
    const opened = await captured.until('page_tab_opened', ({ opener_id }) => opener_id === from.targetId)
    const told = await toldWhole(scene)
    expect(toldUrls(told)).toEqual(seenUrls(server))
    expect(popupTold(told, 1)).toEqual({ targets: 1, document: [0], fetch: [1] })
    expect(dataOf(captured.drafts, 'console_log').map(({ text, target_id, nav_seq }) => ({ text, target_id, nav_seq }))).toEqual([
      { text: 'popup ?1', target_id: opened.data.target_id, nav_seq: 1 },
    ])
    if (mode === 'complete') expect(lateResponses(told)).toEqual([])
  })

  test.each(openerNames)('ten %s popups at once are told each on its own tab, nothing missed and nothing twice', async (opener) => {
    await using scene = await open(mode)
    const { captured, server } = scene
    const from = await scene.visit('/')
    const numbers = Array.from({ length: 10 }, (_, index) => index)
    await openPopups(scene, { from, opener, numbers })
    const told = await toldWhole(scene)
    expect(toldUrls(told)).toEqual(seenUrls(server))
    expect(numbers.map((n) => popupTold(told, n))).toEqual(numbers.map(() => ({ targets: 1, document: [0], fetch: [1] })))
    const tabs = dataOf(captured.drafts, 'page_tab_opened').filter(({ opener_id }) => opener_id === from.targetId)
    const calls = dataOf(captured.drafts, 'console_log')
    expect(new Set(calls.map(({ target_id }) => target_id))).toEqual(new Set(tabs.map(({ target_id }) => target_id)))
    expect(calls.map(({ text }) => text).sort()).toEqual(numbers.map((n) => `popup ?${n}`))
    if (mode === 'complete') expect(lateResponses(told)).toEqual([])
  })
})
