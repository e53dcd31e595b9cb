import { expect, test, vi } from 'vitest'
import { createManualClock, deadline, delay, systemClock } from './clock.ts'

test('a manual clock runs timers in the order of their times, then of their making, and moves both of its times', () => {
  const clock = createManualClock(1_000_000)
  const ran: string[] = []
  clock.schedule(20, () => ran.push(`b at ${clock.monotonicMs()}`))
  clock.schedule(10, () => ran.push(`a at ${clock.monotonicMs()}`))
  clock.schedule(20, () => ran.push('c'))
  const cancel = clock.schedule(15, () => ran.push('never'))
  cancel()
  cancel()
  clock.advance(25)
  expect({ ran, wallUs: clock.wallUs(), monotonicMs: clock.monotonicMs(), left: clock.pendingTimers() }).toEqual({
    ran: ['a at 10', 'b at 20', 'c'],
    wallUs: 1_025_000,
    monotonicMs: 25,
    left: 0,
  })
})

test('a timer set while time moves still runs when it is due on the way', () => {
  const clock = createManualClock()
  const ran: number[] = []
  clock.schedule(10, () => clock.schedule(clock.monotonicMs() + 5, () => ran.push(clock.monotonicMs())))
  clock.moveTo(100)
  expect(ran).toEqual([15])
})

test('a delay that is aborted rejects with the reason and leaves no timer', async () => {
  const clock = createManualClock()
  const controller = new AbortController()
  const waiting = delay(clock, 100, controller.signal)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  expect(clock.pendingTimers()).toBe(0)
  await expect(delay(clock, 100, controller.signal)).rejects.toThrow('enough')
})

test('a deadline passes as a TimeoutError, or as the reason of its parent, and can be given back', () => {
  const clock = createManualClock()
  const parent = new AbortController()
  const [passed, followed, given] = [deadline(clock, 50), deadline(clock, 500, parent.signal), deadline(clock, 50)]
  given.cancel()
  clock.advance(60)
  parent.abort('stop')
  followed.cancel()
  expect([passed.signal.reason?.name, followed.signal.reason, given.signal.aborted, clock.pendingTimers()]).toEqual([
    'TimeoutError',
    'stop',
    false,
    0,
  ])
})

test('the clock of the machine counts microseconds since 1970, never backwards, and its timers fire', async () => {
  const before = systemClock.wallUs()
  await delay(systemClock, 1)
  const after = systemClock.wallUs()
  expect(Number.isSafeInteger(before)).toBe(true)
  // A timer never fires before its time.
  expect(after - before).toBeGreaterThanOrEqual(1000)
  expect(before).toBeGreaterThan(1_600_000_000_000_000)
})

test('the wall clock of the system follows within a millisecond when the time of the machine is set, and the monotonic one does not', async () => {
  const before = [systemClock.wallUs(), systemClock.monotonicMs()] as const
  vi.useFakeTimers({ toFake: ['Date'], now: before[0] / 1000 + 3_600_000 })
  await delay(systemClock, 1)
  const after = [systemClock.wallUs(), systemClock.monotonicMs()] as const
  vi.useRealTimers()
  await delay(systemClock, 1)
  const back = systemClock.wallUs()
  const hours = (us: number): number => Math.round(Math.abs(us) / 3_600_000_000)
  expect([hours(after[0] - before[0]), hours((after[1] - before[1]) * 1000), hours(back - before[0])]).toEqual([1, 0, 0])
})

test('a monotonic time that was just read gives the wall time of that moment', () => {
  const nowMs = systemClock.monotonicMs()
  const before = systemClock.wallUs()
  const [then, again, after] = [systemClock.wallUs(nowMs), systemClock.wallUs(nowMs), systemClock.wallUs()]
  expect([then <= before, again - then, after >= before]).toEqual([true, 0, true])
})
