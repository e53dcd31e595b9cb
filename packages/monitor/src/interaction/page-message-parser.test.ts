import { limits } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePageMessage } from './page-message-parser.ts'

const click = { kind: 'click', at: 1, x: 1, y: 2, selector: '#go', tag: 'BUTTON' }
const key = { kind: 'key', at: 1, key: 'a', selector: '#q', tag: 'INPUT' }
const scroll = { kind: 'scroll', at: 1, from_x: 0, from_y: 0, to_x: 0, to_y: 300, target_selector: 'document' }
const parse = (value: unknown): unknown => parsePageMessage(JSON.stringify(value))

test.each([
  click,
  { ...click, button: 'left', text: 'Go', role: 'button', name: 'Go on', test_id: 'go' },
  { ...click, x: -5, y: 0 },
  key,
  { ...key, modifiers: ['ctrl', 'shift'] },
  scroll,
  { kind: 'lost', count: 3 },
  { kind: 'failed', where: 'click', error: 'TypeError' },
])('%j is a message', (message) => {
  expect(parse(message)).toEqual(message)
})

test.each([
  ['another kind', { ...click, kind: 'navigate' }],
  ['a kind that objects inherit', { ...click, kind: 'constructor' }],
  ['no kind', { at: 1, x: 1, y: 2 }],
  ['an unknown field', { ...click, url: 'http://forged/' }],
  ['a field of the context', { ...click, target_id: 'forged' }],
  ['a field of another kind', { ...scroll, key: 'a' }],
  ['a missing field', { kind: 'click', at: 1, x: 1, selector: '#go', tag: 'BUTTON' }],
  ['a fraction', { ...click, x: 1.5 }],
  ['a number as text', { ...click, x: '1' }],
  ['a number out of bounds', { ...click, x: 1e12 }],
  ['null', { ...click, text: null }],
  ['an object as text', { ...click, text: { toString: 'x' } }],
  ['an empty selector', { ...click, selector: '' }],
  ['a long selector', { ...click, selector: 'x'.repeat(limits.interactionSelectorChars * 2 + 1) }],
  ['a long text', { ...click, text: 'x'.repeat(limits.interactionTextChars * 2 + 1) }],
  ['a long key', { ...key, key: 'x'.repeat(limits.interactionKeyChars * 2 + 1) }],
  ['another button', { ...click, button: 'sixth' }],
  ['another modifier', { ...key, modifiers: ['hyper'] }],
  ['a modifier twice', { ...key, modifiers: ['alt', 'alt'] }],
  ['no modifiers', { ...key, modifiers: [] }],
  ['modifiers that are no list', { ...key, modifiers: 'alt' }],
  ['nothing lost', { kind: 'lost', count: 0 }],
  ['a list', [click]],
  ['a text', 'click'],
  ['nothing', null],
])('%s is no message', (_what, value) => {
  expect(parse(value)).toBeUndefined()
})

test('a payload over its size, and one that is no JSON, is no message', () => {
  expect(parsePageMessage(`${JSON.stringify(click)}${' '.repeat(limits.interactionPayloadBytes)}`)).toBeUndefined()
  expect(parsePageMessage('ü'.repeat(limits.interactionPayloadBytes / 2 + 1))).toBeUndefined()
  expect(parsePageMessage('{"kind":')).toBeUndefined()
  expect(parsePageMessage(undefined)).toBeUndefined()
})

test('a name that all objects have is an unknown field', () => {
  expect(parsePageMessage('{"kind":"lost","count":1,"__proto__":{"at":1}}')).toBeUndefined()
})

test('the largest message that the script can make is one', () => {
  const text = '😀'.repeat(limits.interactionTextChars)
  const selector = 'ü'.repeat(limits.interactionSelectorChars)
  const largest = {
    ...click,
    button: 'left',
    text,
    role: text,
    name: text,
    test_id: text,
    selector,
    tag: 'Ü'.repeat(limits.interactionTagChars),
  }
  expect(parse(largest)).toEqual(largest)
})

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (value) => parsePageMessage(value) === undefined || true),
    { numRuns: 500 },
  )
})
