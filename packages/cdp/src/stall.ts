// Notices that this process did not run for a while: stopped, starved or busy. A timer that comes late is the sign.
// It cannot notice while it lasts, only afterwards; it never decides what to do about it.
import type { Clock } from '@tabscope/schema'

/** Calls `stalled` with the length of each pause of at least `stallMs`. Returns how to stop watching. */
export function watchForStalls(options: { clock: Clock; beatMs: number; stallMs: number; stalled: (pauseMs: number) => void }): () => void {
  const { clock, beatMs, stallMs, stalled } = options
  let stopped = false
  let cancelTimer = (): void => undefined
  const arm = (): void => {
    const dueAtMs = clock.monotonicMs() + beatMs
    cancelTimer = clock.schedule(dueAtMs, () => {
      const lateMs = clock.monotonicMs() - dueAtMs
      if (lateMs >= stallMs) stalled(lateMs)
      if (!stopped) arm()
    })
  }
  arm()
  return () => {
    stopped = true
    cancelTimer()
  }
}
