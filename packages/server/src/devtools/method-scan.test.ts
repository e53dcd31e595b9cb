import fc from 'fast-check'
import { expect, test } from 'vitest'
import { topLevelMethod } from './method-scan.ts'

const rows: readonly (readonly [string, string | undefined])[] = [
  ['{"id":1,"method":"Page.navigate","params":{}}', 'Page.navigate'],
  ['{"method":"Page.close"', 'Page.close'],
  ['{"params":{"method":"Browser.close","a":["method","x"]},"id":1,"method":"Page.enable"}', 'Page.enable'],
  ['{"params":"\\"method\\":\\"Browser.close\\"","method":"Page.enable"}', 'Page.enable'],
  [' {\n "method" : "Page\\u002eclose" }', 'Page.close'],
  ['{"m\\u0065thod":"Page.close"}', 'Page.close'],
  ['{"method":1}', undefined],
  ['{"method":{"method":"Page.close"}}', undefined],
  ['[{"method":"Page.close"}]', undefined],
  ['{"x":"method","id":2}', undefined],
  ['{"method":"Page.clo', undefined],
  ['{"id":1}{"method":"Page.close"}', undefined],
  ['"method"', undefined],
  ['', undefined],
]

test.each(rows)('%s', (text, method) => {
  expect(topLevelMethod(Buffer.from(text))).toBe(method)
})

test('it finds what a parser finds, whatever stands around it', () => {
  const message = fc.record({
    before: fc.dictionary(fc.string(), fc.jsonValue()),
    method: fc.string({ maxLength: 30 }),
    after: fc.jsonValue(),
  })
  fc.assert(
    fc.property(message, ({ before, method, after }) => {
      const { method: _shadow, ...others } = before as Record<string, unknown>
      const text = JSON.stringify({ ...others, method, params: after })
      expect(topLevelMethod(Buffer.from(text))).toBe(method)
    }),
    { numRuns: 300 },
  )
})

test('no bytes make it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void topLevelMethod(Buffer.from(bytes))))
})
