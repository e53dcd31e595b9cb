// What the page script makes of elements, on a real DOM: selectors, what is sensitive, what things are called.
import { fileURLToPath } from 'node:url'
import { type DrivenPage, type Driver, launchTestChromium, openDriver, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileScript } from '../testing/page-script.ts'

let chromium: TestChromium
let driver: Driver
let page: DrivenPage

beforeAll(async () => {
  chromium = await launchTestChromium()
  driver = await openDriver(chromium.wsUrl)
  page = await driver.openPage('about:blank')
  await page.evaluate(compileScript(fileURLToPath(new URL('../testing/page-script-parts.ts', import.meta.url)), 'parts'))
  await page.evaluate(`
    window.show = (html) => {
      document.body.innerHTML = html
      for (const template of Document.prototype.querySelectorAll.call(document, 'template[open-shadow]')) {
        const root = template.parentElement.attachShadow({ mode: 'open' })
        root.append(template.content)
        template.remove()
      }
    }
    window.query = (root, part) => (root === document ? Document : root instanceof Element ? Element : DocumentFragment).prototype.querySelectorAll.call(root, part)
    window.find = (selector) => {
      let found = [document]
      for (const part of selector.split(' >>> ')) found = found.flatMap((from) => [...query(from.shadowRoot ?? from, part)])
      return found
    }
    window.target = () => {
      const seek = (root) => query(root, '[target]')[0] ?? [...query(root, '*')].map((each) => each.shadowRoot && seek(each.shadowRoot)).find(Boolean)
      return seek(document)
    }`)
})

afterAll(async () => {
  await driver[Symbol.asyncDispose]()
  await chromium[Symbol.asyncDispose]()
})

const show = (html: string): Promise<unknown> => page.evaluate(`show(${JSON.stringify(html)})`)

describe('the selector', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a test id before an id', '<button target id=a data-testid="pay now">', '[data-testid="pay now"]'],
    ['a test id with quotes', `<button target data-testid='a"b\\c'>`, '[data-testid="a\\"b\\\\c"]'],
    ['an id before a path', '<div><button target id=go>', '#go'],
    ['an id that begins with a digit', '<button target id="1:x">', '#\\31 \\:x'],
    ['the name of a field', '<input><input target name="a[b]">', 'input[name="a[b]"]'],
    ['no name that two have', '<input name=a><input target name=a>', 'input:nth-of-type(2)'],
    ['no id that two have', '<p id=a></p><div><p target id=a></p></div>', 'div > p'],
    ['no id of unusual length', `<p target id="${'x'.repeat(101)}"></p>`, 'p'],
    ['a tag that is alone', '<main><b target></b></main>', 'b'],
    ['a place among relatives', '<ul><li></li><li target></li><li></li></ul>', 'li:nth-of-type(2)'],
    ['as much path as is needed', '<div><p><b></b></p></div><section><p><b target></b></p></section>', 'section > p > b'],
    ['the nearest named ancestor', '<div id=box><i></i><i target></i></div><div><i></i><i></i></div>', '#box > i:nth-of-type(2)'],
    ['an open shadow root', '<x-a id=host><template open-shadow><p><button target></button></p></template></x-a>', '#host >>> button'],
    [
      'a shadow root in a shadow root',
      '<x-a><template open-shadow><x-b></x-b></template></x-a><x-c><template open-shadow><i></i><i target></i></template></x-c>',
      'x-c >>> i:nth-of-type(2)',
    ],
    ['an element of SVG', '<svg><linearGradient target></linearGradient></svg>', 'linearGradient'],
    [
      'a form whose fields are called like properties',
      '<form id=f target><input name=id><input name=parentElement><input name=getAttribute><input name=localName></form>',
      '#f',
    ],
    [
      'a form without an id, with a field of that name',
      '<div><form target><input name=id><input name=tagName><input name=getRootNode></form></div>',
      'form',
    ],
    ['a document with images called like methods', '<img name=querySelectorAll><img name=getElementById><b id=x target></b>', '#x'],
  ]
  test.each(cases)('is %s', async (_what, html, selector) => {
    await show(html)
    const found = await page.evaluate(
      '(() => { const s = parts.selectorOf(target(), 256); return [s, find(s).length, find(s)[0] === target()] })()',
    )
    expect(found).toEqual([selector, 1, true])
  })

  test('of every element of a page finds that element and no other', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, row) => `<tr>${'<td><a href="#">x</a><span><b></b><b></b></span></td>'.repeat(4)}</tr>${row}`,
    ).join('')
    await show(`<table><tbody>${rows}</tbody></table><div><div><div><p></p><p></p></div></div><div><div><p></p></div></div></div>`)
    const wrong = await page.evaluate(
      "[...document.querySelectorAll('body *')].filter((each) => { const s = parts.selectorOf(each, 256); const f = find(s); return f.length !== 1 || f[0] !== each }).length",
    )
    expect(wrong).toBe(0)
  })

  test('keeps its innermost steps when it would be too long, and stays within its bound', async () => {
    const deep = (tag: string, depth: number, inner: string): string =>
      depth === 0 ? inner : `<${tag}></${tag}><${tag}>${deep(tag, depth - 1, inner)}</${tag}>`
    await show(`${deep('section', 30, '<i></i><i target></i>')}${deep('section', 30, '<i></i><i></i>')}`)
    const selector = String(await page.evaluate('parts.selectorOf(target(), 256)'))
    expect(selector.length).toBeGreaterThan(200)
    expect(selector.length).toBeLessThanOrEqual(256)
    expect(selector).toMatch(/^section:nth-of-type\(2\) > .* > i:nth-of-type\(2\)$/)
  })

  test('in a huge document full of names that others have, too, is found in little time', async () => {
    const deep = (depth: number): string => (depth === 0 ? '<i></i><i target></i>' : `<div id=a data-testid=b>${deep(depth - 1)}</div>`)
    const row = `${'<div id=a data-testid=b>'.repeat(10)}<i></i><i></i>${'</div>'.repeat(10)}`
    await show(row.repeat(5_000) + deep(300))
    const [selector, tookMs] = (await page.evaluate(
      '(() => { const t = performance.now(); return [parts.selectorOf(target(), 256), performance.now() - t] })()',
    )) as [string, number]
    expect(selector).toMatch(/^(div > ){20,}i:nth-of-type\(2\)$/)
    expect(tookMs).toBeLessThan(500)
  })

  test('of an element far down a huge list is found in little time', async () => {
    await show(`<div>${'<p></p>'.repeat(50_000)}<p target></p></div>`)
    const [selector, tookMs] = (await page.evaluate(
      '(() => { const t = performance.now(); return [parts.selectorOf(target(), 256), performance.now() - t] })()',
    )) as [string, number]
    expect(selector).toBe('html > body > div > p')
    expect(tookMs).toBeLessThan(500)
  })
})

describe('sensitive is', () => {
  const judge = '(() => { const d = parts.createDiscretion(new WeakSet()); return [d.isSensitive(target()), d.typingInto(target())] })()'

  test.each([
    ['a password', '<input target type=password>'],
    ['a password in capitals', '<input target type=PassWord>'],
    ['a one-time code', '<input target autocomplete="one-time-code">'],
    ['a card number among other tokens', '<input target autocomplete="section-a billing cc-number">'],
    ['a name', '<input target name="user[password]">'],
    ['an id', '<input target id=cardCvv>'],
    ['an aria-label', '<input target aria-label="Your PIN">'],
    ['a placeholder', '<input target placeholder="Social security number">'],
    ['a placeholder of dots', '<input target placeholder="••••••">'],
    ['a label', '<label for=a>Passport number</label><input target id=a>'],
    ['a label around it', '<label>Tax <b>ID</b> <input target></label>'],
    ['a label by id', '<span id=l>Secret word</span><input target aria-labelledby="x l">'],
    ['a textarea', '<textarea target name=secret></textarea>'],
    ['an editable area', '<div target contenteditable aria-label=Password></div>'],
    ['an element in an editable area', '<div contenteditable aria-label=Password><b target>x</b></div>'],
    ['a text box by role', '<div role=textbox aria-label="Card number" tabindex=0><span target>x</span></div>'],
    ['text hidden by style', '<input target style="-webkit-text-security: disc">'],
    [
      'a field in the shadow of a host that is named so',
      '<x-field label=Password><template open-shadow><input target></template></x-field>',
    ],
    [
      'a form field among fields called like properties',
      '<form><input name=type><input name=getAttribute><input name=closest><input target type=password></form>',
    ],
    [
      'a form that is named so, with fields called like properties',
      '<form target name=password tabindex=0><input name=name><input name=getAttribute></form>',
    ],
  ])('%s', async (_what, html) => {
    await show(html)
    expect(await page.evaluate(judge)).toEqual([true, 'secret'])
  })

  test.each([
    ['an ordinary field', '<input target name=q placeholder="Search">'],
    ['a field with an ordinary label', '<label>Your name <input target></label>'],
    ['a text area', '<textarea target name=message></textarea>'],
    ['an editable area', '<div target contenteditable></div>'],
    ['a button', '<button target>Send</button>'],
    ['a link', '<a target href="/">Home</a>'],
    ['a menu', '<ul target tabindex=-1></ul>'],
    ['a field in an open shadow tree', '<x-field><template open-shadow><input target></template></x-field>'],
    ['a select', '<select target name=country></select>'],
    ['a class name of that kind', '<input target name=classname class=password>'],
  ])('not %s', async (_what, html) => {
    await show(html)
    expect(await page.evaluate(judge)).toEqual([false, 'told'])
  })

  test('not the document itself, to which keys go when nothing has the focus', async () => {
    await show('')
    expect(await page.evaluate('[document.body, document.documentElement].map(parts.createDiscretion(new WeakSet()).typingInto)')).toEqual([
      'told',
      'told',
    ])
  })

  test('a password that a button made readable', async () => {
    await show('<input target type=password>')
    const judged = await page.evaluate(
      "(() => { const d = parts.createDiscretion(new WeakSet()); const before = d.typingInto(target()); target().type = 'text'; return [before, d.typingInto(target())] })()",
    )
    expect(judged).toEqual(['secret', 'secret'])
  })

  test.each([
    ['a plain host', 'div', '', '', 'secret'],
    ['a host that delegates its focus', 'div', '', 'delegatesFocus: true', 'secret'],
    ['a custom element', 'x-login', 'tabindex=0', 'delegatesFocus: true', 'secret'],
    ['a host that could take keys itself, of which only that something was written is told', 'div', 'tabindex=0', '', 'masked'],
  ])('typing into a closed shadow tree, where nobody can look: %s', async (_what, tag, attributes, init, typing) => {
    await show(`<${tag} target ${attributes}></${tag}>`)
    await page.evaluate(
      `(() => { const root = target().attachShadow({ mode: 'closed', ${init} }); root.innerHTML = '<input type=password>'; root.firstChild.focus() })()`,
    )
    expect(await page.evaluate('document.activeElement === target()')).toBe(true)
    expect(await page.evaluate('parts.createDiscretion(new WeakSet()).typingInto(target())')).toBe(typing)
  })
})

describe('a clicked element is called', () => {
  test.each([
    ['by its text', '<button target>Send  it</button>', { role: 'button', name: 'Send it' }],
    ['by its aria-label before its text', '<a target href="/" aria-label="Home page">x</a>', { role: 'link', name: 'Home page' }],
    ['by another element', '<b id=l>More <i>news</i></b><a target href="/" aria-labelledby=l>x</a>', { role: 'link', name: 'More news' }],
    ['by its label', '<label for=c>I agree</label><input target id=c type=checkbox>', { role: 'checkbox', name: 'I agree' }],
    ['by its value', '<input target type=submit value="Buy now">', { role: 'button', name: 'Buy now' }],
    ['by its placeholder, never by what is in it', '<input target value=typed placeholder=Search>', { role: 'textbox', name: 'Search' }],
    ['not by what was typed into it', '<div target role=textbox contenteditable>typed</div>', { role: 'textbox' }],
    ['by its alternative text', '<img target alt=Logo src="data:,">', { role: 'img', name: 'Logo' }],
    ['like the button around it', '<button aria-label=Close><svg><path target></path></svg></button>', { role: 'button', name: 'Close' }],
    [
      'across a shadow root',
      '<button data-testid=b>Hm<x-i><template open-shadow><i target></i></template></x-i></button>',
      { role: 'button', name: 'Hm', test_id: 'b' },
    ],
    ['by the nearest test id', '<div data-testid=outer><div data-testid=row><i target></i></div></div>', { test_id: 'row' }],
    ['by nothing when it is sensitive', '<input target type=password placeholder=Hidden>', { role: 'textbox' }],
    ['by nothing when it has no role, since its text is told as such', '<b target title=x>Text</b>', {}],
    ['by nothing when it is nothing', '<div target></div>', {}],
    [
      'not by what sits in a field in its label',
      '<label for=c><textarea>typed</textarea><b contenteditable>typed</b></label><input target id=c type=radio>',
      { role: 'radio' },
    ],
  ])('%s', async (_what, html, expected) => {
    await show(html)
    expect(await page.evaluate('parts.describe(target(), parts.createDiscretion(new WeakSet()).isSensitive, 100)')).toEqual(expected)
  })

  test('with at most 100 characters, none of them halved', async () => {
    await show(`<button target>${'😀'.repeat(200)}</button>`)
    const { name } = (await page.evaluate('parts.describe(target(), () => false, 100)')) as { name: string }
    expect(name).toBe('😀'.repeat(100))
  })
})

test('the own text of an element leaves out that of its children', async () => {
  await show('<div target> one <b>hidden</b>\n two<!-- three --></div>')
  expect(await page.evaluate('parts.ownText(target(), 100)')).toBe('one two')
})
