// What is typed into sensitive fields is nowhere: not in an event, and not even in a message from Chromium to the collector.
import { openWebSocket, recordTransport } from '@tabscope/cdp'
import type { PageHandler } from '@tabscope/cdp/testing'
import { systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { handsOn } from '../testing/hands.ts'
import { openScene } from '../testing/scene.ts'
import { dataOf } from '../testing/witness.ts'

/** Characters that occur nowhere else, so that each single one would be a find. */
const secret = 'Жψ7ξΩ'
const secretCharacters = [...'ЖψξΩ']

/** `@` is where the field's name comes in. */
const fields: Readonly<Record<string, string>> = {
  password: '<input @ type=password>',
  code: '<input @ autocomplete=one-time-code>',
  card: '<input @ name=cardNumber>',
  cvv: '<input @ placeholder="CVV">',
  label: '<label>Your PIN <input @></label>',
  area: '<div @ contenteditable aria-label="Secret answer">Ж was there</div>',
  text: '<textarea @ id=passport>Ω was there</textarea>',
  masked: '<input @ style="-webkit-text-security:disc">',
  clobbered: '<form><input name=getAttribute><input name=type><input name=closest><input @ type=password></form>',
}

const row = ([name, html]: [string, string], index: number): string =>
  `<div style="position:absolute;left:0;top:${index * 40}px">${html.replace('@', `data-testid=${name}`)}</div>`

const pages: PageHandler = (request, response) => {
  const { port } = new URL(`http://${request.headers.host}`)
  const list = Object.entries(fields).map(row).join('')
  const bodies: Record<string, string> = {
    '/': `<!doctype html><meta charset=utf-8><title>form</title><link rel=icon href="data:,">${list}
      <x-login style="position:absolute;left:300px;top:0"></x-login><div id=plain style="position:absolute;left:300px;top:40px"></div>
      <input id=ordinary style="position:absolute;left:300px;top:80px"><button id=show style="position:absolute;left:300px;top:120px">Show</button>
      <iframe src="/inside" style="position:absolute;left:500px;top:0;width:200px;height:50px;border:0"></iframe>
      <iframe src="http://other.localhost:${port}/inside" style="position:absolute;left:500px;top:100px;width:200px;height:50px;border:0"></iframe>
      <script>
        for (const host of [document.querySelector('x-login'), plain]) host.attachShadow({ mode: 'closed' }).innerHTML = '<input type=password>'
        show.onclick = () => { document.querySelector('[data-testid=password]').type = 'text' }
      </script>`,
    '/inside': '<!doctype html><title>inside</title><style>body{margin:0}</style><input type=password>',
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(bodies[request.url ?? '/'] ?? '')
}

test('no byte of a secret that was typed, in fields of every kind, in frames and shadow trees, comes out of the page', async () => {
  const lines: string[] = []
  const level = { enabled: true, detail_level: 'verbose' } as const
  await using scene = await openScene({
    pages,
    chromiumArgs: ['--site-per-process'],
    categories: {
      console: level,
      network: { ...level, body_limit_bytes: 0 } as never,
      page: level,
      interaction: { enabled: true, detail_level: 'raw' },
    },
    transport: (url) => recordTransport(openWebSocket(url), { clock: systemClock, write: (line) => lines.push(line) }),
  })
  const tab = await scene.visit('/')
  const hands = handsOn(scene.driver, tab)
  const typeInto = async (where: Parameters<typeof hands.click>[0]): Promise<void> => {
    await hands.click(where)
    await hands.type(secret)
    await scene.driver.send('Input.insertText', { text: secret }, tab.sessionId)
    await hands.press('Enter', 0)
  }
  for (const name of Object.keys(fields)) await typeInto(`document.querySelector('[data-testid=${name}]')`)
  await hands.click('show')
  await typeInto("document.querySelector('[data-testid=password]')")
  for (const point of [
    { x: 320, y: 10 },
    { x: 320, y: 50 },
    { x: 520, y: 10 },
    { x: 520, y: 110 },
  ]) {
    await typeInto(point)
  }
  await hands.click('ordinary')
  await hands.type('ordinary')
  await scene.captured.untilCount('interaction_key', 8)
  const typed = await tab.evaluate("document.querySelector('[data-testid=password]').value")
  const clicks = dataOf(scene.captured.drafts, 'interaction_click')

  // The control: what is no secret is there, and the secret was typed.
  // In the order in which the caret was put into it, four times in all.
  expect([...String(typed)].sort()).toEqual([...secret.repeat(4)].sort())
  expect(
    dataOf(scene.captured.drafts, 'interaction_key')
      .map(({ key }) => key)
      .join(''),
  ).toBe('ordinary')
  expect(clicks).toHaveLength(Object.keys(fields).length + 7)
  expect(clicks.filter(({ text, name }) => text !== undefined || name !== undefined).map(({ selector }) => selector)).toEqual(['#show'])
  const published = JSON.stringify(scene.captured.drafts)
  const received = lines.join('\n')
  expect(secretCharacters.filter((character) => published.includes(character))).toEqual([])
  expect(secretCharacters.filter((character) => received.includes(character))).toEqual([])
})
