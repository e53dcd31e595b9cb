import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

test('a burst of two seconds worth goes through, then one for each share of a second', () => {
  const clock = createManualClock()
  const limit = createRateLimit(5, clock)
  const burst = Array.from({ length: 10 }, () => limit.take().remaining)
  expect(burst).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
  expect(limit.take()).toEqual({ remaining: 0, waitMs: 200 })
  clock.advance(200)
  expect(limit.take()).toEqual({ remaining: 0, waitMs: undefined })
  expect(limit.take()).toEqual({ remaining: 0, waitMs: 200 })
})

test('a long rest fills it no further than the burst', () => {
  const clock = createManualClock()
  const limit = createRateLimit(1, clock)
  clock.advance(3_600_000)
  expect([limit.take(), limit.take(), limit.take()].map(({ waitMs }) => waitMs)).toEqual([undefined, undefined, 1000])
})
