import { describe, expect, test } from 'vitest'
import { parseDurationUs, parseRfc3339Us, parseTimeWindow } from './times.ts'

test.each([
  ['5m', 300_000_000],
  ['1h30m', 5_400_000_000],
  ['1.5s', 1_500_000],
  ['250ms', 250_000],
  ['2d', 172_800_000_000],
  ['0s', 0],
])('%s is a duration', (text, expected) => {
  expect(parseDurationUs(text)).toBe(expected)
})

test.each(['', '5', 'm', '5 m', '-5m', '5mm', '1w', '5M', '1e3s', '1..5s'])('%j is no duration', (text) => {
  expect(parseDurationUs(text)).toBeUndefined()
})

test.each([
  ['2026-01-31T12:00:00Z', 1_769_860_800_000_000],
  ['2026-01-31t12:00:00.123456789z', 1_769_860_800_123_456],
  ['2026-01-31T12:00:00.5+02:00', 1_769_853_600_500_000],
  ['2026-01-31T12:00:00 02:00', 1_769_853_600_000_000],
  ['2026-01-31T12:00:00-05:30', 1_769_880_600_000_000],
  ['2024-02-29T00:00:00Z', 1_709_164_800_000_000],
])('%s is a point in time, to the microsecond', (text, expected) => {
  expect(parseRfc3339Us(text)).toBe(expected)
})

test.each([
  '2026-02-30T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-31',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:00Z',
  '1769860800',
  'now',
  '',
])('%j is no point in time', (text) => {
  expect(parseRfc3339Us(text)).toBeUndefined()
})

describe('a time window', () => {
  const nowUs = 1_769_860_800_000_000

  test('takes durations back from now and points as they are', () => {
    expect(parseTimeWindow({ since: '5m', until: '2026-01-31T11:59:00Z' }, nowUs)).toEqual({
      sinceUs: nowUs - 300e6,
      untilUs: nowUs - 60e6,
    })
  })

  test('is open where nothing is given', () => {
    expect(parseTimeWindow({ since: '', until: undefined }, nowUs)).toEqual({})
  })

  test('names the parameter that cannot be read and the forms that can', () => {
    expect(() => parseTimeWindow({ since: '5m', until: 'yesterday' }, nowUs)).toThrow(
      'query.until: "yesterday" is not a time. Give RFC 3339 (2026-01-31T12:00:00Z) or a duration (5m)',
    )
  })
})
