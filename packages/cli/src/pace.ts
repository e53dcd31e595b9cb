// Lets recorded events pass at the pace in which they happened, or a multiple of it. Counts from the first one, so that small delays do not
// add up.
import { type Clock, delay } from '@tabscope/schema'

export interface Pace {
  /** Resolves when an event of that time is due. Rejects with the signal's reason. */
  until(tsUs: number, signal: AbortSignal): Promise<void>
}

/** `speed` 1 is the real pace, 10 ten times as fast; undefined = as fast as possible. */
export function createPace(clock: Clock, speed: number | undefined): Pace {
  let start: { readonly tsUs: number; readonly atMs: number } | undefined
  return {
    until: async (tsUs, signal) => {
      signal.throwIfAborted()
      if (speed === undefined) return
      start ??= { tsUs, atMs: clock.monotonicMs() }
      const waitMs = start.atMs + (tsUs - start.tsUs) / 1000 / speed - clock.monotonicMs()
      if (waitMs > 0) await delay(clock, waitMs, signal)
    },
  }
}
