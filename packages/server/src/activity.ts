// When somebody last used the browser. An open DevTools connection is use for as long as it is open, a request is use at its moment; an
// open event stream is none: who only watches must not keep a browser alive for ever.
import { type CancelTimer, type Clock, limits } from '@tabscope/schema'

export interface Activity {
  /** Something was asked just now. */
  touch(): void
  /** Something is in use until the answer is called. */
  hold(): () => void
  /** For how long nothing was used; 0 while something is. */
  idleMs(): number
}

export function createActivity(clock: Clock): Activity {
  let lastMs = clock.monotonicMs()
  let held = 0
  const touch = (): void => {
    lastMs = clock.monotonicMs()
  }
  return {
    touch,
    hold: () => {
      held += 1
      let isHeld = true
      return () => {
        if (isHeld) held -= 1
        isHeld = false
        touch()
      }
    },
    idleMs: () => (held > 0 ? 0 : clock.monotonicMs() - lastMs),
  }
}

/** Calls back once when nothing was used for `timeoutMs`, looked at every few seconds. Answers how to stop looking. */
export function watchIdle(activity: Activity, options: { clock: Clock; timeoutMs: number; onIdle: () => void }): CancelTimer {
  const { clock, timeoutMs, onIdle } = options
  let cancel: CancelTimer = () => undefined
  const look = (): void => {
    const left = timeoutMs - activity.idleMs()
    if (left <= 0) onIdle()
    else cancel = clock.schedule(clock.monotonicMs() + Math.min(left, limits.idleCheckMs), look)
  }
  look()
  return () => cancel()
}
