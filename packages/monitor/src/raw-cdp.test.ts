import { limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { boundedCdp } from './raw-cdp.ts'

test('parameters within the bounds are copied as they came', () => {
  const params = { requestId: '1', request: { headers: { a: 'b' }, list: [1, null, true, 'x'] }, timestamp: 1.5 }
  expect(boundedCdp(params)).toEqual({ value: params, isCut: false })
})

test('what redaction cannot look into is left out: bytes as base64, headers as one text', () => {
  const request = { postData: 'a=b', postDataEntries: [{ bytes: 'YT1i' }], headersText: 'Cookie: a=b' }
  const frames = [
    { opcode: 1, payloadData: 'text' },
    { opcode: 2, payloadData: 'AAEC' },
  ]
  expect(boundedCdp({ request, frames }).value).toEqual({
    request: { postData: 'a=b' },
    frames: [{ opcode: 1, payloadData: 'text' }, { opcode: 2 }],
  })
})

test('a long text is cut, and what comes after it is left out', () => {
  const { value, isCut } = boundedCdp({ text: 'x'.repeat(2 * limits.rawCdpBytes), more: 'more' })
  const { text, more } = value as { text: string; more?: string }
  expect({ isCut, fits: text.length <= limits.rawCdpBytes, end: text.slice(-14), more }).toEqual({
    isCut: true,
    fits: true,
    end: '...[truncated]',
    more: undefined,
  })
})

test('a list without end and values inside values come to an end', () => {
  let deep: unknown = 'bottom'
  for (let level = 0; level < 10_000; level++) deep = { deep }
  expect(boundedCdp(deep).isCut).toBe(true)
  const list = boundedCdp(Array.from({ length: 1_000_000 }, () => 1))
  expect({ isCut: list.isCut, kept: (list.value as unknown[]).length }).toEqual({ isCut: true, kept: limits.rawCdpBytes / 4 - 1 })
})

test('a key like __proto__ stays a key', () => {
  const { value } = boundedCdp(JSON.parse('{"__proto__":{"polluted":true}}'))
  expect([Object.keys(value as object), ({} as { polluted?: boolean }).polluted]).toEqual([['__proto__'], undefined])
})
