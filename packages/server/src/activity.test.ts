import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createActivity, watchIdle } from './activity.ts'

test('a request is use at its moment, a connection for as long as it is open', () => {
  const clock = createManualClock()
  const activity = createActivity(clock)
  clock.advance(1_000)
  activity.touch()
  clock.advance(500)
  const idle = [activity.idleMs()]
  const [release, other] = [activity.hold(), activity.hold()]
  clock.advance(60_000)
  idle.push(activity.idleMs())
  release()
  release()
  clock.advance(10)
  // The second release of the same hold is none: the other one still holds.
  idle.push(activity.idleMs())
  other()
  clock.advance(70)
  idle.push(activity.idleMs())
  expect(idle).toEqual([500, 0, 0, 70])
})

test('the end comes once, when nothing was used for the whole time, and not while something is', () => {
  const clock = createManualClock()
  const activity = createActivity(clock)
  let ends = 0
  const onIdle = (): void => {
    ends += 1
  }
  watchIdle(activity, { clock, timeoutMs: 60_000, onIdle })
  clock.advance(59_000)
  const release = activity.hold()
  clock.advance(600_000)
  release()
  clock.advance(59_999)
  expect(ends).toBe(0)
  clock.advance(5_001)
  clock.advance(600_000)
  expect([ends, clock.pendingTimers()]).toEqual([1, 0])
})
