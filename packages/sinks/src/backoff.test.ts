import { expect, test } from 'vitest'
import { createBackoff } from './backoff.ts'

test('waits double up to the bound, from half of it to all of it', () => {
  const least = createBackoff({ firstMs: 100, mostMs: 500, random: () => 0 })
  const most = createBackoff({ firstMs: 100, mostMs: 500, random: () => 1 })
  expect(Array.from({ length: 5 }, () => least.nextMs())).toEqual([50, 100, 200, 250, 250])
  expect(Array.from({ length: 5 }, () => most.nextMs())).toEqual([100, 200, 400, 500, 500])
})

test('after a success the next wait is a first one', () => {
  const backoff = createBackoff({ firstMs: 100, mostMs: 500, random: () => 0 })
  backoff.nextMs()
  backoff.nextMs()
  backoff.reset()
  expect(backoff.nextMs()).toBe(50)
})
