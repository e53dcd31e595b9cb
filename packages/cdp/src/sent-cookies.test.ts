// Cookies of a request are left out before parsing, whatever stands in them and around them.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMessage } from './message.ts'
import { withoutSentCookies } from './sent-cookies.ts'

const method = 'Network.requestWillBeSentExtraInfo'
const hostile = ['","associatedCookies":[{', '],"headers":{', ',"headers":{', '\\', '"', '}]', '\\"],\\"headers\\":{']
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.array(fc.constantFrom(...hostile)).map((parts) => parts.join('')),
)
const cookie = fc.record({
  cookie: fc.dictionary(anyText, fc.oneof(anyText, fc.double(), fc.boolean())),
  blockedReasons: fc.array(anyText),
})

const messageOf = (associatedCookies: unknown, rest: object): string =>
  JSON.stringify({ method, params: { requestId: '1842.7', associatedCookies, ...rest }, sessionId: 'C3' })

test('what is left is the message without its cookies, whatever they and the headers hold', () => {
  const rest = fc.record({ headers: fc.dictionary(anyText, anyText), connectTiming: fc.record({ requestTime: fc.float({ noNaN: true }) }) })
  fc.assert(
    fc.property(fc.array(cookie), rest, (cookies, rest) => {
      const bytes = Buffer.from(messageOf(cookies, rest))
      const params = { requestId: '1842.7', ...rest, ...(cookies.length === 0 ? { associatedCookies: [] } : {}) }
      const expected = parseMessage(Buffer.from(JSON.stringify({ method, params, sessionId: 'C3' })))
      expect(parseMessage(bytes, method)).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('the text that Chromium writes is cut', () => {
  const lines = readFileSync(new URL('../../../fixtures/cdp/redirect-chain.ndjson', import.meta.url), 'utf8').split('\n')
  const sent = lines.filter((line) => line.includes('"associatedCookies":[{')).map((line) => JSON.stringify(JSON.parse(line).message))
  expect([sent.length > 0, sent.filter((text) => withoutSentCookies(text).includes('associatedCookies'))]).toEqual([true, []])
})

test.each([
  [
    'another order',
    JSON.stringify({ method, params: { associatedCookies: [{ cookie: {} }], requestId: '1', headers: {} }, sessionId: 'C3' }),
  ],
  ['no headers behind', messageOf([{ cookie: {} }], { connectTiming: {} })],
  ['no cookies', messageOf([], { headers: { Cookie: 'a=b' } })],
  ['another method', JSON.stringify({ method: 'Network.x', params: { requestId: '1', associatedCookies: [{}], headers: {} } })],
  ['a damaged beginning', '{"method":"Network.requestWillBeSentExtraInfo","params":{"requestId":"1'],
])('text with %s is handed back as it is', (_what, text) => {
  expect(withoutSentCookies(text)).toBe(text)
})
