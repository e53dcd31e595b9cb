// A page that wants to see, forge, blind or break the page script.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { handsOn } from '../testing/hands.ts'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const off = { enabled: false }
const alone = { console: off, network: off, page: off, interaction: { enabled: true } }
const button = '<button id=go style="position:absolute;left:0;top:0;width:100px;height:40px">Go</button>'
const open = (body: string): Promise<Scene> =>
  openScene({ chromium, categories: alone, pages: { '/': `<!doctype html><title>x</title><link rel=icon href="data:,">${body}` } })
const clicksOf = (scene: Scene): unknown[] =>
  dataOf(scene.captured.drafts, 'interaction_click').map(({ x, selector, text }) => [x, selector, text])

test('events that the page makes, and calls under the name of the binding, are no interactions', async () => {
  await using scene = await open(`${button}<input id=q>`)
  const tab = await scene.visit('/')
  const names = scene.wire.sent
    .filter(({ method }) => method === 'Runtime.addBinding')
    .map(({ params }) => (params as { name: string }).name)
  const binding = JSON.stringify(names[0])
  const forged = JSON.stringify(JSON.stringify({ kind: 'click', at: 1, x: 66, y: 6, selector: '#forged', tag: 'A' }))
  const seen = await tab.evaluate(`(() => {
    const types = [typeof window[${binding}], typeof globalThis[${binding}]]
    window[${binding}] = () => {}
    window[${binding}](${forged})
    const frame = document.body.appendChild(document.createElement('iframe'))
    types.push(typeof frame.contentWindow[${binding}])
    frame.contentWindow[${binding}]?.(${forged})
    go.click()
    go.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true, clientX: 66 }))
    q.dispatchEvent(new KeyboardEvent('keydown', { key: 'forged', bubbles: true, composed: true }))
    document.dispatchEvent(new Event('scroll'))
    for (const type of ['click', 'keydown', 'scroll', 'wheel', 'pointerdown', 'pagehide']) window.dispatchEvent(new Event(type, { bubbles: true }))
    return types
  })()`)
  await handsOn(scene.driver, tab).click({ x: 30, y: 10 })
  await scene.captured.until('interaction_click')
  expect(new Set(names).size).toBe(1)
  expect(seen).toEqual(['undefined', 'undefined', 'undefined'])
  expect(clicksOf(scene)).toEqual([[30, '#go', 'Go']])
  expect(scene.captured.drafts.map(({ type }) => type)).toEqual(['interaction_click'])
})

const spies = `
  window.touched = []
  const note = (name) => { touched[touched.length] = name }
  const spy = (host, name) => {
    const before = host[name]
    if (typeof before === 'function') host[name] = function (...given) { note(name); return before.apply(this, given) }
  }
  for (const name of ['stringify', 'parse']) spy(JSON, name)
  for (const name of ['map', 'filter', 'push', 'join', 'slice', 'find', 'some', 'unshift', 'reverse']) spy(Array.prototype, name)
  for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) spy(EventTarget.prototype, name)
  for (const name of ['getAttribute', 'closest', 'matches', 'querySelectorAll', 'attachShadow']) spy(Element.prototype, name)
  for (const name of ['composedPath', 'preventDefault', 'stopPropagation']) spy(Event.prototype, name)
  for (const name of ['querySelectorAll', 'getElementById']) spy(Document.prototype, name)
  for (const name of ['getRootNode', 'appendChild']) spy(Node.prototype, name)
  for (const name of ['setTimeout', 'queueMicrotask', 'getComputedStyle']) spy(window, name)
  for (const name of ['escape']) spy(CSS, name)
  for (const name of ['get', 'set', 'has', 'add']) for (const host of [Map, WeakMap, Set, WeakSet]) spy(host.prototype, name)
  for (const name of ['kind', 'at', 'selector', 'tag', 'text', 'link', 'memory', 'stop', 'capture', 'signal'])
    Object.defineProperty(Object.prototype, name, { configurable: true, set(value) { note('set ' + name) }, get() { note('get ' + name) } })
  Object.defineProperty(window, Symbol.for('world'), { get() { note('world') }, set() { note('world') } })
  for (const name of ['id', 'tagName', 'textContent', 'value', 'isTrusted', 'clientX'])
    Object.defineProperty(go, name, { get() { note('own ' + name); return 'forged' } })`

test('a page that watches or changes everything it can reach sees nothing of the script, and changes nothing for it', async () => {
  await using scene = await open(`${button}<script>${spies}
    touched.length = 0</script>`)
  const tab = await scene.visit('/')
  const hands = handsOn(scene.driver, tab)
  await hands.click({ x: 30, y: 10 })
  await hands.press('a')
  await scene.captured.until('interaction_key')
  const touched = await tab.evaluate('touched')
  expect(clicksOf(scene)).toEqual([[30, '#go', 'Go']])
  expect(touched).toEqual([])
})

test('with and without capture of interactions a page has the same names, the same elements and the same console', async () => {
  const look = `(() => {
    let prepared = 0
    Error.prepareStackTrace = () => { prepared++; return '' }
    console.log(new Error('looked at'))
    return { names: [...Object.getOwnPropertyNames(window), ...Object.getOwnPropertyNames(document), ...Object.getOwnPropertySymbols(window).map(String)].sort().join(), elements: document.querySelectorAll('*').length, attributes: document.documentElement.attributes.length, prepared }
  })()`
  await using scene = await open(button)
  const tab = await scene.visit('/')
  await handsOn(scene.driver, tab).click({ x: 30, y: 10 })
  await scene.captured.until('interaction_click')
  const captured = await tab.evaluate(look)
  await scene.monitor.close()
  const plain = await scene.driver.openPage(`${scene.server.url}/`)
  expect(captured).toEqual(await plain.evaluate(look))
})

test('a page that stops every event still has them told, and elements called like properties mislead nobody', async () => {
  await using scene = await open(`
    <form id=f style="position:absolute;left:0;top:0;width:200px;height:40px"><input name=id type=hidden><input name=localName type=hidden><input name=parentElement type=hidden>
      <input name=getRootNode type=hidden><input name=attributes type=hidden><input name=firstChild type=hidden></form>
    <img name=querySelectorAll><img name=addEventListener><img name=readyState><img name=getElementById>
    <script>for (const type of ['click', 'keydown', 'pointerdown', 'wheel', 'scroll'])
      for (const host of [window, document]) host.addEventListener(type, (event) => event.stopImmediatePropagation(), true)</script>`)
  const tab = await scene.visit('/')
  const hands = handsOn(scene.driver, tab)
  await hands.click({ x: 30, y: 10 })
  await hands.press('Escape')
  await scene.captured.until('interaction_key')
  expect(clicksOf(scene)).toEqual([[30, '#f', undefined]])
  expect(scene.captured.drafts.map(({ type }) => type)).toEqual(['interaction_click', 'interaction_key'])
})

test('two hundred elements that scroll at once cost twenty events, and the rest is counted', async () => {
  const boxes = '<div style="height:20px;width:20px;overflow:scroll;float:left"><p style="height:500px;margin:0"></p></div>'.repeat(200)
  await using scene = await open(`<section>${boxes}</section>`)
  const tab = await scene.visit('/')
  await tab.evaluate('document.querySelectorAll("section > div").forEach((box) => box.scrollTo(0, 100))')
  const counts = (): number =>
    dataOf(scene.captured.drafts, 'interaction_scroll_settled').length +
    dataOf(scene.captured.drafts, 'monitor_degraded').reduce((sum, { count = 0 }) => sum + count, 0)
  await scene.captured.untilSo('account of 200 scrolls', () => counts() >= 200)
  expect(counts()).toBe(200)
  expect(dataOf(scene.captured.drafts, 'interaction_scroll_settled')).toHaveLength(20)
  expect(new Set(dataOf(scene.captured.drafts, 'monitor_degraded').map(({ what }) => what))).toEqual(new Set(['rate_limited']))
})
