import { expect, test } from 'vitest'
import { createRate } from './rate.ts'

const both = (atMs: number): { pageMs: number; receivedMs: number } => ({ pageMs: atMs, receivedMs: atMs })

test('as many as allowed pass in any second, wherever that begins', () => {
  const rate = createRate(3)
  const passed = [0, 400, 900, 950, 999, 1000, 1100, 1400, 1401, 1900].filter((atMs) => rate.take(both(atMs)))
  expect(passed).toEqual([0, 400, 900, 1000, 1400, 1900])
})

test('what was held up on its way and comes all at once counts by when it was made', () => {
  const rate = createRate(2)
  const passed = [0, 500, 1000, 1500, 1600].map((pageMs) => rate.take({ pageMs, receivedMs: 9_000 }))
  expect(passed).toEqual([true, true, true, true, false])
})

test('a page clock that is set back does not stop everything', () => {
  const rate = createRate(1)
  expect(rate.take({ pageMs: 1_000_000, receivedMs: 0 })).toBe(true)
  expect(rate.take({ pageMs: 5_000, receivedMs: 10 })).toBe(true)
  expect(rate.take({ pageMs: 5_010, receivedMs: 20 })).toBe(false)
})
