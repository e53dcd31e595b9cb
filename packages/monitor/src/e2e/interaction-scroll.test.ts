// Scrolling on a real Chromium: told once it came to rest, for each element by itself, from where it was to where it is.
import { launchTestChromium, type PageHandler, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Hands, handsOn, type Point } from '../testing/hands.ts'
import { openScene, type Scene, type SceneOptions } from '../testing/scene.ts'
import { dataOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const off = { enabled: false }
const alone = { console: off, network: off, page: off, interaction: { enabled: true } }
const tall = '<p style="height:5000px;width:5000px;margin:0"></p>'
const box = (id: string, top: number): string =>
  `<div id=${id} style="position:absolute;left:0;top:${top}px;width:200px;height:100px;overflow:scroll">${tall}</div>`
const page = (body: string): string => `<!doctype html><title>x</title><link rel=icon href="data:,"><style>body{margin:0}</style>${body}`

const open = (pages: SceneOptions['pages'], more: Partial<SceneOptions> = {}): Promise<Scene> =>
  openScene({ chromium, categories: alone, pages, ...more })
const scrollsOf = (scene: Scene): unknown[] =>
  dataOf(scene.captured.drafts, 'interaction_scroll_settled').map((data) => [
    data.target_selector,
    [data.from_x, data.from_y],
    [data.to_x, data.to_y],
  ])

/** Clicks until a click in the document of that path is told: then its frame is shown, takes input, and has its listeners. */
async function untilHeard(scene: Scene, hands: Hands, { at, path }: { at: Point; path: string }): Promise<void> {
  const isHeard = (): boolean => scene.captured.of('interaction_click').some(({ data }) => new URL(data.url ?? '').pathname === path)
  while (!isHeard()) await hands.click(at)
}

test('the page and an element in it are told with where they were and where they are', async () => {
  await using scene = await open({ '/': page(`${box('list', 0)}${tall}`) })
  const hands = handsOn(scene.driver, await scene.visit('/'))
  await hands.wheel('list', { y: 200 })
  await scene.captured.untilCount('interaction_scroll_settled', 1)
  await hands.wheel('list', { x: 50, y: 100 })
  await scene.captured.untilCount('interaction_scroll_settled', 2)
  await hands.wheel({ x: 400, y: 300 }, { y: 120 })
  await scene.captured.untilCount('interaction_scroll_settled', 3)
  expect(scrollsOf(scene)).toEqual([
    ['#list', [0, 0], [0, 200]],
    ['#list', [0, 200], [50, 300]],
    ['document', [0, 0], [0, 120]],
  ])
})

test('many turns of the wheel are one scroll, and two elements at once are two', async () => {
  await using scene = await open({ '/': page(`${box('left', 0)}${box('right', 200)}`) })
  const tab = await scene.visit('/')
  const hands = handsOn(scene.driver, tab)
  // On their way at once: on a busy machine a pause between two turns would be long enough to settle. The wheel stays with the element that
  // it began over, so the other one is scrolled by the page.
  const turns = Array.from({ length: 5 }, () => hands.wheel({ x: 100, y: 50 }, { y: 40 }))
  await Promise.all([...turns, tab.evaluate('for (let at = 20; at <= 100; at += 20) right.scrollTo(0, at)')])
  await scene.captured.untilCount('interaction_scroll_settled', 2)
  expect([...scrollsOf(scene)].sort()).toEqual([
    ['#left', [0, 0], [0, 200]],
    ['#right', [0, 0], [0, 100]],
  ])
})

test('scrolling by 5 px or less, and there and back, is not told', async () => {
  await using scene = await open({ '/': page(`${box('list', 0)}${box('other', 200)}`) })
  const tab = await scene.visit('/')
  const hands = handsOn(scene.driver, tab)
  await hands.wheel('list', { y: 5 })
  await tab.evaluate(
    'new Promise((done) => { other.onscroll = () => { other.onscroll = done; other.scrollTo(0, 0) }; other.scrollTo(0, 300) })',
  )
  // Later than both, it settles after both.
  await hands.wheel('list', { x: 6 })
  await scene.captured.until('interaction_scroll_settled')
  expect(scrollsOf(scene)).toEqual([['#list', [0, 0], [6, 5]]])
})

test('elements in frames and in shadow trees are told with their own context', async () => {
  const pages: PageHandler = (request, response) => {
    const { port } = new URL(`http://${request.headers.host}`)
    const frame = (url: string, top: number): string =>
      `<iframe src="${url}" style="position:absolute;left:0;top:${top}px;width:200px;height:100px;border:0"></iframe>`
    const bodies: Record<string, string> = {
      '/': page(
        `${frame('/same', 0)}${frame(`http://other.localhost:${port}/other`, 100)}<x-box id=host></x-box><script>
          host.attachShadow({ mode: 'open' }).innerHTML = ${JSON.stringify(box('inner', 200))}</script>`,
      ),
      '/same': page(tall),
      '/other': page(tall),
    }
    response.writeHead(200, { 'content-type': 'text/html' }).end(bodies[request.url ?? '/'] ?? '')
  }
  await using scene = await open(pages)
  const hands = handsOn(scene.driver, await scene.visit('/'))
  // In `passive` an out-of-process frame can be scrolled before anybody listens in it.
  await untilHeard(scene, hands, { at: { x: 50, y: 150 }, path: '/other' })
  for (const y of [50, 150, 250]) await hands.wheel({ x: 50, y }, { y: 60 })
  await hands.wheel({ x: 50, y: 250 }, { y: 60 })
  await scene.captured.untilCount('interaction_scroll_settled', 3)
  const told = dataOf(scene.captured.drafts, 'interaction_scroll_settled')
  expect(
    told.map((data) => [data.target_selector, new URL(data.url ?? '').pathname, data.target_type, data.from_y, data.to_y]).sort(),
  ).toEqual([
    ['#host >>> #inner', '/', 'page', 0, 120],
    ['document', '/other', 'iframe', 0, 60],
    ['document', '/same', 'page', 0, 60],
  ])
})

test('in a tab from before capture it begins where it was, not at the top', async () => {
  let early = ''
  await using scene = await open(
    { '/': page(`${box('list', 0)}${tall}`) },
    {
      before: async ({ server, driver }) => {
        const tab = await driver.openPage(`${server.url}/`)
        await tab.evaluate('list.scrollTo(0, 300); scrollTo(0, 40)')
        early = tab.targetId
      },
    },
  )
  const hands = handsOn(scene.driver, await scene.driver.attachTo(early))
  await hands.wheel('list', { y: 70 })
  await scene.captured.untilCount('interaction_scroll_settled', 1)
  await hands.wheel({ x: 400, y: 300 }, { y: 80 })
  await scene.captured.untilCount('interaction_scroll_settled', 2)
  expect(scrollsOf(scene)).toEqual([
    ['#list', [0, 300], [0, 370]],
    ['document', [0, 40], [0, 120]],
  ])
})

test('a scroll that a navigation overtakes is not told, also not when its page is restored', async () => {
  await using scene = await open({ '/a': page(tall), '/b': page(tall) })
  const tab = await scene.visit('/a')
  const hands = handsOn(scene.driver, tab)
  await tab.evaluate('new Promise((done) => { onscroll = done; scrollTo(0, 900) })')
  await tab.navigate(`${scene.server.url}/b`)
  await tab.evaluate('history.back()').catch(() => undefined)
  while ((await tab.evaluate('location.pathname').catch(() => '')) !== '/a');
  await hands.wheel({ x: 50, y: 50 }, { y: 100 })
  await scene.captured.until('interaction_scroll_settled')
  expect(scrollsOf(scene)).toEqual([['document', [0, 900], [0, 1000]]])
  expect(dataOf(scene.captured.drafts, 'interaction_scroll_settled').map(({ nav_seq }) => nav_seq)).toEqual([3])
})
