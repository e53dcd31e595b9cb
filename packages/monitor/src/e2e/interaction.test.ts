// Clicks and keys on a real Chromium, made by a second client: what is told, where, and with which context.
import { launchTestChromium, type PageHandler, type TestChromium } from '@tabscope/cdp/testing'
import { type EventDraft, withCategories } from '@tabscope/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { handsOn } from '../testing/hands.ts'
import { openScene, type Scene, type SceneOptions } from '../testing/scene.ts'
import { dataOf } from '../testing/witness.ts'
import { listenersOf } from '../testing/worlds.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const off = { enabled: false }
const alone = { console: off, network: off, page: off, interaction: { enabled: true } }
const beside = { network: off, page: off, interaction: { enabled: true } }
/** Absolute places, so that a click needs no look at the page. */
const at = (left: number, top: number): string =>
  `style="position:absolute;left:${left}px;top:${top}px;width:100px;height:40px;border:0;margin:0"`

const open = (pages: SceneOptions['pages'], more: Partial<SceneOptions> = {}): Promise<Scene> =>
  openScene({ chromium, categories: alone, pages, ...more })

type Click = EventDraft<'interaction_click'>['data']
const clicksOf = (scene: Scene): Click[] => dataOf(scene.captured.drafts, 'interaction_click')
const keysOf = (scene: Scene): string[] => dataOf(scene.captured.drafts, 'interaction_key').map(({ key }) => key)
const clicked = (scene: Scene, selector: string): Promise<EventDraft<'interaction_click'>> =>
  scene.captured.until('interaction_click', (data) => data.selector === selector)

const frames: PageHandler = (request, response) => {
  const { port } = new URL(`http://${request.headers.host}`)
  const bodies: Record<string, string> = {
    '/': `<!doctype html><title>top</title><button id=top ${at(0, 0)}>Top</button>
      <x-box id=host ${at(0, 50)}></x-box><script>
        host.attachShadow({ mode: 'open' }).innerHTML = '<button ${at(0, 0).replaceAll('"', '&quot;').replaceAll('&quot;', '"')}>In shadow</button>'</script>
      <iframe src="/same" ${at(0, 100)}></iframe><iframe src="http://other.localhost:${port}/other" ${at(0, 150)}></iframe>`,
    '/same': `<!doctype html><title>same</title><button id=same ${at(0, 0)}>Same process</button>`,
    '/other': `<!doctype html><title>other</title><button id=other ${at(0, 0)}>Other process</button>
      <script>onmousemove = () => parent.postMessage('moved', '*')</script>`,
  }
  response.writeHead(200, { 'content-type': 'text/html' }).end(bodies[request.url ?? '/'] ?? '')
}

// With Runtime on for the console, Chromium itself tells of worlds and puts the binding there; without, the collector asks.
describe.each([
  ['without Runtime', alone],
  ['beside console', beside],
])('%s', (_name, categories) => {
  test('a click is told with its element, its place in its frame, and the context of that frame', async () => {
    await using scene = await open(frames, { categories })
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    // Until its frame of another process is drawn, a click there lands on the frame element.
    await tab.evaluate('moved = false; onmessage = () => { moved = true }; undefined')
    while ((await tab.evaluate('moved')) !== true) await hands.move({ x: 30, y: 160 })
    for (const y of [10, 60, 110, 160]) await hands.click({ x: 30, y })
    await scene.captured.untilCount('interaction_click', 4)
    const { port } = scene.server
    expect(
      clicksOf(scene).map(({ session_id: _, loader_id, frame_id, target_id, ...rest }) => ({
        ...rest,
        hasLoader: loader_id !== undefined,
      })),
    ).toEqual([
      { ...shared, url: `http://127.0.0.1:${port}/`, selector: '#top', text: 'Top', name: 'Top', y: 10 },
      { ...shared, url: `http://127.0.0.1:${port}/`, selector: '#host >>> button', text: 'In shadow', name: 'In shadow', y: 60 },
      { ...shared, url: `http://127.0.0.1:${port}/same`, selector: '#same', text: 'Same process', name: 'Same process', y: 10 },
      {
        ...shared,
        url: `http://other.localhost:${port}/other`,
        selector: '#other',
        text: 'Other process',
        name: 'Other process',
        y: 10,
        target_type: 'iframe',
        page_target_id: tab.targetId,
      },
    ])
    const [top, shadow, same, other] = clicksOf(scene)
    expect([top?.frame_id, shadow?.frame_id]).toEqual([tab.targetId, tab.targetId])
    expect(new Set([top?.frame_id, same?.frame_id, other?.frame_id]).size).toBe(3)
    expect(other?.target_id).toBe(other?.frame_id)
  })

  test('keys are told with their field, written ones and others, and with what was held', async () => {
    await using scene = await open(
      { '/': `<!doctype html><input id=q ${at(0, 0)}><textarea id=t ${at(0, 50)}></textarea>` },
      { categories },
    )
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    await hands.click('q')
    await hands.type('aB é')
    await hands.press('Enter')
    await hands.click('t')
    await hands.press('k', 2)
    await hands.press('ArrowDown', 9)
    await scene.captured.until('interaction_key', ({ key }) => key === 'ArrowDown')
    expect(
      dataOf(scene.captured.drafts, 'interaction_key').map(({ key, selector, tag, modifiers, url, nav_seq }) => [
        key,
        selector,
        tag,
        modifiers,
        url,
        nav_seq,
      ]),
    ).toEqual([
      ...['a', 'B', ' ', 'é', 'Enter'].map((key) => [key, '#q', 'INPUT', undefined, `${scene.server.url}/`, 1]),
      ['k', '#t', 'TEXTAREA', ['ctrl'], `${scene.server.url}/`, 1],
      ['ArrowDown', '#t', 'TEXTAREA', ['alt', 'shift'], `${scene.server.url}/`, 1],
    ])
  })

  test('tabs from before capture, frames made by script, restored pages and other sites are listened to', async () => {
    let early = ''
    await using scene = await open(
      {
        '/early': `<!doctype html><button id=early ${at(0, 0)}>Early</button>`,
        '/made': `<!doctype html><script>
          const frame = document.createElement('iframe'); frame.style = 'position:absolute;left:0;top:0;border:0'
          document.documentElement.append(frame); frame.contentDocument.body.innerHTML = '<button id=made ${at(0, 0)}>Made</button>'</script>`,
        '/opened': `<!doctype html><script>onload = () => { for (const name of ['first', 'second']) {
          document.open(); document.write('<button id=' + name + ' ${at(0, 0)}>Opened</button>'); document.close() } }</script>`,
        '/next': `<!doctype html><button id=next ${at(0, 0)}>Next</button>`,
      },
      {
        categories,
        before: async ({ server, driver }) => {
          early = (await driver.openPage(`${server.url}/early`)).targetId
        },
      },
    )
    const tab = await scene.driver.attachTo(early)
    const hands = handsOn(scene.driver, tab)
    await hands.click({ x: 30, y: 10 })
    await clicked(scene, '#early')
    for (const [path, selector, host] of [
      ['/made', '#made', '127.0.0.1'],
      ['/opened', '#second', '127.0.0.1'],
      ['/next', '#next', 'third.localhost'],
    ] as const) {
      await tab.navigate(`http://${host}:${scene.server.port}${path}`)
      await hands.click({ x: 30, y: 10 })
      await clicked(scene, selector)
    }
    await tab.evaluate('history.back()').catch(() => undefined)
    while ((await tab.evaluate('document.querySelector("#second") !== null').catch(() => false)) !== true);
    await hands.click({ x: 30, y: 10 })
    await scene.captured.untilCount('interaction_click', 5)
    expect(clicksOf(scene).map(({ selector, url, nav_seq }) => [selector, url, nav_seq])).toEqual([
      ['#early', `${scene.server.url}/early`, 1],
      ['#made', 'about:blank', 2],
      ['#second', `${scene.server.url}/opened`, 3],
      ['#next', `http://third.localhost:${scene.server.port}/next`, 4],
      ['#second', `${scene.server.url}/opened`, 5],
    ])
  })
})

const shared = { target_type: 'page', nav_seq: 1, x: 30, tag: 'BUTTON', button: 'left', role: 'button', hasLoader: true }

describe('the page script', () => {
  const pages = { '/': `<!doctype html><button id=go ${at(0, 0)}>Go</button><input id=q ${at(0, 50)}>` }

  test('does not make Chromium enable Runtime, which pages can notice', async () => {
    await using scene = await open(pages)
    const tab = await scene.visit('/')
    await handsOn(scene.driver, tab).click('go')
    await clicked(scene, '#go')
    expect(scene.wire.sent.filter(({ method }) => method === 'Runtime.enable')).toEqual([])
  })

  test('goes when its category goes, with every listener, and is there once when it comes back', async () => {
    await using scene = await open(pages)
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    const others = withCategories(scene.config, new Set(['page']))
    await hands.click('go')
    await clicked(scene, '#go')
    const listening = await listenersOf(chromium.wsUrl, tab.targetId)
    await scene.monitor.apply(others, 'test')
    await scene.wire.setUp(tab.targetId)
    const afterOff = await listenersOf(chromium.wsUrl, tab.targetId)
    await hands.click('go')
    await tab.navigate(`${scene.server.url}/`)
    const afterNavigation = await listenersOf(chromium.wsUrl, tab.targetId)
    await hands.click('go')
    for (let turn = 0; turn < 3; turn++) {
      await scene.monitor.apply(others, 'test')
      await scene.monitor.apply(scene.config, 'test')
    }
    await scene.wire.setUp(tab.targetId)
    await hands.click('q')
    await clicked(scene, '#q')
    expect(listening).toHaveLength(1)
    expect(listening[0]).toContain('click')
    expect(afterOff).toEqual([])
    expect(afterNavigation).toEqual([])
    expect(await listenersOf(chromium.wsUrl, tab.targetId)).toEqual(listening)
    expect(clicksOf(scene).map(({ selector }) => selector)).toEqual(['#go', '#q'])
  })

  test('follows the configuration: keys off, then at minimal, then in full', async () => {
    await using scene = await open(pages)
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    const withInteraction = (more: object): Scene['config'] => ({
      ...scene.config,
      browser: { ...scene.config.browser, interaction: { ...scene.config.browser.interaction, ...more } },
    })
    const press = async (more: object, fence: string): Promise<void> => {
      await scene.monitor.apply(withInteraction(more), 'test')
      await scene.wire.setUp(tab.targetId)
      await hands.click('q')
      for (const key of ['x', 'Enter']) await hands.press(key)
      await hands.click('q')
      await scene.captured.untilCount('interaction_click', Number(fence))
    }
    await press({ keys: false }, '2')
    await press({ detail_level: 'minimal' }, '4')
    await press({ detail_level: 'standard' }, '6')
    expect(keysOf(scene)).toEqual(['printable', 'Enter', 'x', 'Enter'])
    expect(await listenersOf(chromium.wsUrl, tab.targetId)).toHaveLength(1)
  })

  test('stays when the console goes on and off beside it', async () => {
    await using scene = await open(pages)
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    let count = 0
    for (const names of [['interaction', 'console'], ['interaction'], ['interaction', 'console'], ['interaction']] as const) {
      await scene.monitor.apply(withCategories(scene.config, new Set(names)), 'test')
      await scene.wire.setUp(tab.targetId)
      await hands.click('go')
      await scene.captured.untilCount('interaction_click', ++count)
      await tab.navigate(`${scene.server.url}/?${count}`)
      await hands.click('go')
      await scene.captured.untilCount('interaction_click', ++count)
    }
    expect(clicksOf(scene).map(({ url, nav_seq }) => [url?.slice(scene.server.url.length), nav_seq])).toEqual([
      ['/', 1],
      ['/?1', 2],
      ['/?1', 2],
      ['/?3', 3],
      ['/?3', 3],
      ['/?5', 4],
      ['/?5', 4],
      ['/?7', 5],
    ])
  })

  test('is there again after a reconnect, once, and ends with the monitor', async () => {
    await using scene = await open(pages)
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    await hands.click('go')
    await clicked(scene, '#go')
    for (let turn = 1; turn <= 2; turn++) {
      scene.wire.cut()
      await scene.captured.untilCount('monitor_reconnected', turn)
    }
    await hands.click('q')
    await clicked(scene, '#q')
    const listening = await listenersOf(chromium.wsUrl, tab.targetId)
    await scene.monitor.close()
    while ((await listenersOf(chromium.wsUrl, tab.targetId)).length > 0);
    expect(listening).toHaveLength(1)
    expect(clicksOf(scene).map(({ selector }) => selector)).toEqual(['#go', '#q'])
  })

  test('tells a click on a label once, and other buttons and the keyboard as they are', async () => {
    await using scene = await open({
      '/': `<!doctype html><label ${at(0, 0)}>Agree <input type=checkbox id=box></label><button id=b ${at(0, 50)}>B</button>`,
    })
    const tab = await scene.visit('/')
    const hands = handsOn(scene.driver, tab)
    await hands.click({ x: 10, y: 8 })
    for (const button of ['left', 'middle', 'right'] as const) await hands.click('b', { button })
    await tab.evaluate('b.focus()')
    await hands.press('Enter')
    await scene.captured.untilCount('interaction_click', 5)
    expect(await tab.evaluate('box.checked')).toBe(true)
    expect(clicksOf(scene).map(({ tag, button }) => [tag, button])).toEqual([
      ['LABEL', 'left'],
      ['BUTTON', 'left'],
      ['BUTTON', 'middle'],
      ['BUTTON', 'right'],
      ['BUTTON', 'left'],
    ])
  })

  test('tells at most 20 clicks in a second, and how many more there were', async () => {
    await using scene = await open(pages)
    const tab = await scene.visit('/')
    // All in one write, so that they are made within a second.
    const made = Array.from({ length: 30 }, () =>
      ['mousePressed', 'mouseReleased'].map((type) =>
        scene.driver.send('Input.dispatchMouseEvent', { type, x: 30, y: 10, button: 'left', clickCount: 1 }, tab.sessionId),
      ),
    )
    await Promise.all(made.flat())
    const told = await scene.captured.until('monitor_degraded')
    expect(clicksOf(scene).length).toBeGreaterThanOrEqual(20)
    expect(clicksOf(scene).length + (told.data.count ?? 0)).toBe(30)
    expect(told.data).toEqual({ what: 'rate_limited', detail: 'clicks and scrolls', count: told.data.count, since_ts: told.data.since_ts })
  })
})
