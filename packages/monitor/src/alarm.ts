// One timer that is moved often: only an earlier time touches the clock, a later one is noticed when the timer rings.
import type { CancelTimer, Clock } from '@tabscope/schema'

export interface Alarm {
  /** Rings at `atMs` (monotonic) or a little later; undefined = not at all. Replaces the time before. */
  setAt(atMs: number | undefined): void
  cancel(): void
}

export function createAlarm(clock: Clock, ring: (atMs: number) => void): Alarm {
  let wantedAtMs: number | undefined
  let armed: { atMs: number; cancel: CancelTimer } | undefined
  const fire = (): void => {
    armed = undefined
    const nowMs = clock.monotonicMs()
    if (wantedAtMs === undefined) return
    if (nowMs < wantedAtMs) return arm(wantedAtMs)
    wantedAtMs = undefined
    ring(nowMs)
  }
  const arm = (atMs: number): void => {
    armed?.cancel()
    armed = { atMs, cancel: clock.schedule(atMs, fire) }
  }
  return {
    setAt: (atMs) => {
      wantedAtMs = atMs
      if (atMs !== undefined && (armed === undefined || atMs < armed.atMs)) arm(atMs)
    },
    cancel: () => {
      wantedAtMs = undefined
      armed?.cancel()
      armed = undefined
    },
  }
}
