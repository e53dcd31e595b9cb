import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeJson, safeText, shorten } from './terminal-text.ts'

test('what a terminal would obey is shown as an escape', () => {
  expect(safeText('\x1b[2J\x1b]0;title\x07')).toBe('\\x1b[2J\\x1b]0;title\\x07')
  expect(safeText('\x9b31mred')).toBe('\\x9b31mred')
  expect(safeText('one\ntwo\r\n\tthree\x7f')).toBe('one\\ntwo\\r\\n\\tthree\\x7f')
})

test('what turns the reading direction or breaks lines is shown as an escape', () => {
  expect(safeText('abc\u202egpj.exe\u2028\u2066')).toBe('abc\\u202egpj.exe\\u2028\\u2066')
})

test('ordinary text of any script stays as it is, half a character does not', () => {
  expect(safeText('Grüße, 世界 😀 👩‍👩‍👧')).toBe('Grüße, 世界 😀 👩‍👩‍👧')
  expect(safeText('half: \ud83d')).toBe('half: \\ud83d')
})

test('no text at all leaves a control character', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 200 })
  fc.assert(fc.property(anything, (text) => !/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(safeText(text))))
})

test('safe JSON is one line without control characters, and says the same', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 200 })
  fc.assert(
    fc.property(anything, (text) => {
      const json = safeJson({ text })
      expect(json).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u)
      expect(JSON.parse(json)).toEqual({ text })
    }),
  )
})

test('a text that is too long is cut between characters and ends in an ellipsis', () => {
  expect(shorten('abcdef', 6)).toBe('abcdef')
  expect(shorten('abcdef', 5)).toBe('abcd…')
  expect(shorten('abc😀def', 5)).toBe('abc…')
})
