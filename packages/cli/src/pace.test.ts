import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

const forever = new AbortController().signal

test('at speed 2 events pass in half the time between them, counted from the first', async () => {
  const clock = createManualClock()
  const pace = createPace(clock, 2)
  const passed: number[] = []
  const all = (async () => {
    for (const tsUs of [5_000_000, 6_000_000, 6_000_000, 9_000_000]) {
      await pace.until(tsUs, forever)
      passed.push(clock.monotonicMs())
    }
  })()
  for (let atMs = 0; atMs < 2_000; atMs += 100) {
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(100)
  }
  await all
  expect(passed).toEqual([0, 500, 500, 2_000])
})

test('without a speed nothing waits, and an abort ends a wait with its reason', async () => {
  const clock = createManualClock()
  await createPace(clock, undefined).until(9e15, forever)
  const pace = createPace(clock, 1)
  await pace.until(0, forever)
  const stop = new AbortController()
  const waiting = pace.until(1e12, stop.signal)
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(clock.pendingTimers()).toBe(0)
})
