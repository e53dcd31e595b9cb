import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { parseKeep, parseSpace, readStorageOptions } from './storage-options.ts'

test.each([
  ['1000000', 1_000_000],
  ['500MB', 500_000_000],
  ['1.5 GiB', 1_610_612_736],
  ['2g', 2_000_000_000],
])('%s is %i bytes', (text, bytes) => expect(parseSpace(text)).toBe(bytes))

test.each([
  ['1m', 60_000],
  ['36h', 129_600_000],
  ['7d', 604_800_000],
])('%s is %i ms', (text, keepMs) => expect(parseKeep(text)).toBe(keepMs))

test.each(['', '0', '999999', '-1GB', '1PB', 'much', '1e9', '9999999999999'])('a space of %j is refused', (text) => {
  expect(() => parseSpace(text)).toThrow(InvalidArgumentError)
})

test.each(['', '0s', '30s', 'week', '-1d'])('a time of %j is refused', (text) => {
  expect(() => parseKeep(text)).toThrow(InvalidArgumentError)
})

test('what is not said stays as usual', () => {
  expect([readStorageOptions({ data: 'none' }), readStorageOptions({ data: 'd', space: 5e6, keep: 60_000 })]).toEqual([
    { logLimits: {} },
    { dataDirectory: 'd', logLimits: { retentionBytes: 5e6, retentionMs: 60_000 } },
  ])
})
