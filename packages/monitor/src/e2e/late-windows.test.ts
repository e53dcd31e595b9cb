// Windows that `passive` sees too late, every time: what their documents have behind them is told once, and what their opener wrote into
// their empty document is no navigation.
import { type DrivenPage, launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHeldLine, type HeldLine } from '../testing/held-line.ts'
import { openScene, type Scene } from '../testing/scene.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--disable-popup-blocking'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const head = '<!doctype html><link rel="icon" href="data:,">'

const open = (line: HeldLine): Promise<Scene> =>
  openScene({
    chromium,
    mode: 'passive',
    transport: line.transport,
    pages: { '/': `${head}<title>opener</title>`, '/popup': `${head}<title>popup</title>`, '/data.json': '{}' },
  })

/** What the stream tells of a tab's documents, in its order. */
function documentsOf({ captured }: Scene, targetId: string): unknown[] {
  const types = ['page_navigation', 'page_dom_content_loaded', 'page_load'] as const
  return captured.drafts.flatMap((draft) => {
    const { target_id, nav_seq, late_attach, url } = (draft.data ?? {}) as Record<string, unknown>
    return types.some((type) => type === draft.type) && target_id === targetId ? [[draft.type, url, nav_seq, late_attach]] : []
  })
}

/** Opens a window and resolves with its target when `opens` (a script of the opener) has ended. */
async function openWindow({ captured }: Scene, from: DrivenPage, opens: string): Promise<string> {
  await from.evaluate(opens)
  return (await captured.until('page_tab_opened', ({ opener_id }) => opener_id === from.targetId)).data.target_id
}

const writes = `const w = window.open('about:blank'); w.document.write('<title>written</title>'); w.document.close(); w.fetch('/data.json').then((r) => r.text())`
const loads = `new Promise((resolve) => { window.open('/popup').onload = () => resolve(0) })`

test('a window that its opener wrote into before it was seen made no navigation', async () => {
  const line = createHeldLine()
  await using scene = await open(line)
  const { captured, wire, server, driver } = scene
  const from = await scene.visit('/')
  line.hold({ out: /"Target\.attachToTarget"/ })
  const targetId = await openWindow(scene, from, writes)
  line.letGo('out')
  await wire.setUp(targetId)
  // What it loaded meanwhile is told all the same, and the navigation that follows is its first.
  await captured.until('network_response', ({ url, target_id }) => url.endsWith('/data.json') && target_id === targetId)
  const popup = await driver.attachTo(targetId)
  await popup.navigate(`${server.url}/popup`)
  await captured.until('page_load', ({ target_id }) => target_id === targetId)
  expect(documentsOf(scene, targetId)).toEqual([
    ['page_navigation', `${server.url}/popup`, 1, undefined],
    ['page_dom_content_loaded', `${server.url}/popup`, 1, undefined],
    ['page_load', `${server.url}/popup`, 1, undefined],
  ])
})

const waits = 'globalThis.loaded = new Promise((resolve) => { opened.onload = () => resolve(0) }); 0'

const told = (url: string): unknown[] => [
  ['page_navigation', url, 1, true],
  ['page_dom_content_loaded', url, 1, true],
  ['page_load', url, 1, true],
]

test('a window that had loaded before it was seen is told once, late', async () => {
  const line = createHeldLine()
  await using scene = await open(line)
  const from = await scene.visit('/')
  line.hold({ out: /"Target\.attachToTarget"/ })
  const targetId = await openWindow(scene, from, loads)
  line.letGo('out')
  await scene.captured.until('page_load', ({ target_id }) => target_id === targetId)
  expect(documentsOf(scene, targetId)).toEqual(told(`${scene.server.url}/popup`))
})

test('so is one of which the browser says where it went only after its frame tree', async () => {
  const line = createHeldLine()
  let answer = (): void => undefined
  await using scene = await openScene({
    chromium,
    mode: 'passive',
    transport: line.transport,
    pages: ({ url }, response) => {
      answer = () => response.writeHead(200, { 'content-type': 'text/html' }).end(head)
      if (url !== '/popup') answer()
    },
  })
  const { captured, wire, server } = scene
  const from = await scene.visit('/')
  line.hold({ out: /"Page\./, in: /"Target\.targetInfoChanged"/ })
  const targetId = await openWindow(scene, from, "globalThis.opened = window.open('/popup'); 0")
  await Promise.all([line.untilHeld('out'), server.seen('/popup')])
  await from.evaluate(waits)
  answer()
  await from.evaluate('loaded')
  line.letGo('out')
  await captured.until('page_load', ({ target_id }) => target_id === targetId)
  line.letGo('in')
  expect(documentsOf(scene, targetId)).toEqual(told(`${server.url}/popup`))
  expect(wire.sentTo(targetId)).toContain('Page.getNavigationHistory')
})

test('one that loads while its life so far is being told is told once', async () => {
  const line = createHeldLine()
  let end = (): void => undefined
  await using scene = await openScene({
    chromium,
    mode: 'passive',
    transport: line.transport,
    pages: ({ url }, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      end = () => response.end('<p>the end')
      if (url === '/popup') response.write(`${head}<script>opener.arrived()</script><p>`)
      else response.end(head)
    },
  })
  const { captured, wire, server } = scene
  const from = await scene.visit('/')
  line.hold({ out: /"Target\.attachToTarget"/ })
  const arrives = "new Promise((resolve) => { globalThis.arrived = () => resolve(0); globalThis.opened = window.open('/popup') })"
  const targetId = await openWindow(scene, from, arrives)
  line.letGo('out')
  line.hold({ out: /"Page\.setLifecycleEventsEnabled"/ })
  await line.untilHeld('out')
  await captured.until('page_navigation', ({ target_id }) => target_id === targetId)
  await from.evaluate(waits)
  end()
  await from.evaluate('loaded')
  line.letGo('out')
  await wire.setUp(targetId)
  expect(documentsOf(scene, targetId)).toEqual(told(`${server.url}/popup`))
})

test('of the frames in a frame that was seen late, one that its page wrote made no navigation, and one of the same URL did', async () => {
  const line = createHeldLine()
  await using scene = await openScene({
    chromium,
    mode: 'passive',
    transport: line.transport,
    pages: {
      '/': `${head}<title>top</title>`,
      '/holder': `${head}<body><script>
        const add = (src) => document.body.appendChild(Object.assign(document.createElement('iframe'), { src }))
        if (top === parent) {
          const written = document.body.appendChild(document.createElement('iframe')).contentDocument
          written.write('<title>written</title>')
          written.close()
          add(location.href).onload = () => top.postMessage('loaded', '*')
        }</script>`,
    },
  })
  const { captured, server, wire } = scene
  const top = await scene.visit('/')
  const url = `${server.urlOf('other.localhost')}/holder`
  const add = `document.body.append(Object.assign(document.createElement('iframe'), { src: '${url}' }))`
  line.hold({ out: /"Page\./ })
  await top.evaluate(`new Promise((resolve) => { onmessage = () => resolve(0); ${add} })`)
  line.letGo('out')
  await captured.until('page_navigation', (data) => data.url === url && data.late_attach === true)
  const { target_id = '' } = (await captured.until('page_navigation', (data) => data.url === url && data.late_attach !== true)).data
  await wire.answered(target_id)
  const frames = captured.of('page_navigation').filter(({ data }) => data.parent_frame_id !== undefined)
  expect(frames.map(({ data }) => [data.url, data.late_attach])).toEqual([
    [url, undefined],
    [url, true],
  ])
})
