// Behaviours of somebody at the mouse and the keyboard. Beside the collector a witness in the page itself hears the same events.
import type { DrivenPage } from '@tabscope/cdp/testing'
import type { Behaviour, Stage } from './behaviour.ts'
import { html, settled, visit } from './behaviour-steps.ts'
import { handsOn } from './hands.ts'
import { dataOf } from './witness.ts'

const place = (top: number): string =>
  `style="position:absolute;left:0;top:${top}px;width:200px;height:40px;border:0;margin:0;overflow:auto"`
const witness = `<script>
  window.heard = []
  for (const type of ['click', 'auxclick', 'keydown'])
    addEventListener(type, (event) => heard.push(type === 'keydown' ? event.key : event.clientX + ',' + event.clientY), true)</script>`

/** Throws when the stream tells something else than what the page's own listeners heard. */
async function compare(tab: DrivenPage, told: readonly string[], but: readonly string[] = []): Promise<void> {
  const heard = (await tab.evaluate('heard')) as readonly string[]
  const expected = heard.filter((one) => !but.includes(one))
  if (JSON.stringify(expected) !== JSON.stringify(told)) throw new Error(`heard ${expected.join(' ')}, told ${told.join(' ')}`)
}

const toldBy = (stage: Stage): string[] =>
  stage.captured.drafts.flatMap((draft) => {
    if (draft.type === 'interaction_click') return dataOf([draft], 'interaction_click').map(({ x, y }) => `${x},${y}`)
    return dataOf([draft], 'interaction_key').map(({ key }) => key)
  })

export const interactionBehaviours: readonly Behaviour[] = [
  {
    name: 'clicks-and-keys',
    shows:
      'Clicks in a page, a shadow tree and a frame, keys in a field, nothing from a password; a click that navigates and one after it.',
    categories: { interaction: { enabled: true } },
    pages: {
      '/': html(
        `<button id=go ${place(0)}>Go</button><input name=q ${place(50)}><input type=password ${place(100)}>
        <div id=host></div><a href="/next" data-testid=next ${place(200)}>Next</a><iframe src="/frame" ${place(250)}></iframe>
        <script>host.attachShadow({ mode: 'open' }).innerHTML = '<button ${place(150)}>Inside</button>'</script>`,
        witness,
      ),
      '/frame': html(`<b ${place(0)}>In a frame</b>`),
      '/next': html(`<button ${place(0)}>There</button>`),
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      const hands = handsOn(stage.driver, tab)
      await settled(stage, 1)
      await hands.click({ x: 30, y: 10 })
      await hands.click({ x: 31, y: 20 }, { button: 'middle' })
      await hands.click({ x: 30, y: 60 })
      await hands.type('Hi')
      await hands.press('a', 2)
      await hands.click({ x: 30, y: 110 })
      await hands.type('#!')
      await hands.click({ x: 30, y: 160 })
      await stage.captured.untilCount('interaction_click', 5)
      await compare(tab, toldBy(stage), ['#', '!'])
      await hands.click({ x: 30, y: 260 })
      await stage.captured.until('interaction_click', ({ tag }) => tag === 'B')
      await hands.click({ x: 30, y: 210 })
      await settled(stage, 2)
      await hands.click({ x: 30, y: 10 })
      await stage.captured.until('interaction_click', ({ nav_seq }) => nav_seq === 2)
    },
  },
  {
    name: 'scrolling',
    shows: 'Two elements that scroll at once and then the page, without Runtime: Chromium names no contexts, the collector asks for them.',
    categories: { console: { enabled: false }, interaction: { enabled: true } },
    pages: {
      '/': html(
        `<div id=left ${place(0)}><p style="height:900px"></p></div><div id=right ${place(50)}><p style="height:900px"></p></div><p style="height:3000px"></p>`,
      ),
    },
    drive: async (stage) => {
      const tab = await visit(stage, '/')
      const hands = handsOn(stage.driver, tab)
      await settled(stage, 1)
      for (let turn = 0; turn < 3; turn++) {
        await hands.wheel('left', { y: 40 })
        await hands.wheel('right', { y: 20 })
      }
      await stage.captured.untilCount('interaction_scroll_settled', 2)
      await hands.wheel({ x: 400, y: 300 }, { y: 120 })
      const last = await stage.captured.until('interaction_scroll_settled', ({ target_selector }) => target_selector === 'document')
      const places = await tab.evaluate('[left.scrollTop, right.scrollTop, scrollY].join()')
      const told = dataOf(stage.captured.drafts, 'interaction_scroll_settled')
        .map(({ target_selector, to_y }) => `${target_selector}${to_y}`)
        .sort()
      if (`#left120,#right60,document${last.data.to_y}` !== told.join() || places !== `120,60,${last.data.to_y}`) {
        throw new Error(`the page is at ${String(places)}, told was ${told.join()}`)
      }
    },
  },
]
