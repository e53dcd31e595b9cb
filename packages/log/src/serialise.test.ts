import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serialise } from './serialise.ts'

const place = { seq: 1, tsUs: 2, captureSessionId: 'capture' }

function lineOf(data: unknown, type = 'console_log'): string {
  return serialise({ type, category: 'console', detailLevel: 'standard', source: { kind: 'local_process' }, data } as never, place)
}

const dataOf = (line: string): unknown => (JSON.parse(line) as { event: { data: unknown } }).event.data

test.each([
  ['half a pair', 'a\ud800b', 'a\ufffdb'],
  ['the other half', '\udfff', '\ufffd'],
  ['halves in the wrong order', '\udc00\ud800', '\ufffd\ufffd'],
  ['a whole pair', '\ud83d\ude00', '\ud83d\ude00'],
  ['the text of an escape', '\\ud800', '\\ud800'],
  ['the text of an escape behind a backslash and half a pair', '\\\\ud800\\\ud800', '\\\\ud800\\\ufffd'],
])('%s', (_what, text, told) => {
  expect(dataOf(lineOf({ text, [text]: [text] }))).toEqual({ text: told, [told]: [told] })
})

test('any text comes back as its well-formed self, in data and in the name of a type', () => {
  const unit = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\udc00', '\\', '\\u', 'd800', '"', '\ud83d\ude00', '\0'))
  fc.assert(
    fc.property(
      fc.array(unit).map((parts) => parts.join('')),
      (text) => {
        const line = lineOf({ text }, text)
        expect(JSON.parse(line)).toMatchObject({
          event: { type: Buffer.from(text).toString(), data: { text: Buffer.from(text).toString() } },
        })
        expect(Buffer.from(line).toString()).toBe(line)
      },
    ),
  )
})
