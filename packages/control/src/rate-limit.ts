// How many requests a second may come: a bucket that fills steadily and holds two seconds' worth for bursts.
import type { Clock } from '@tabscope/schema'

export interface RateLimit {
  /** Takes one request: undefined when it may go on, else after how many milliseconds there is room again. */
  take(): { readonly remaining: number; readonly waitMs: number | undefined }
  readonly perSecond: number
}

export function createRateLimit(perSecond: number, clock: Clock): RateLimit {
  const most = perSecond * 2
  let filled = most
  let lookedMs = clock.monotonicMs()
  return {
    perSecond,
    take: () => {
      const nowMs = clock.monotonicMs()
      filled = Math.min(most, filled + ((nowMs - lookedMs) / 1000) * perSecond)
      lookedMs = nowMs
      if (filled < 1) return { remaining: 0, waitMs: ((1 - filled) / perSecond) * 1000 }
      filled -= 1
      return { remaining: Math.floor(filled), waitMs: undefined }
    },
  }
}
