// How often something may happen: at most so many times in any second. Pure but for its memory; time comes from the caller.

/** When something happened by the page's own clock, and when its message was received; any units of milliseconds, each its own. */
export interface RateTimes {
  readonly pageMs: number
  readonly receivedMs: number
}

export interface Rate {
  /** Whether it may happen now; if so it is counted. */
  take(times: RateTimes): boolean
}

const windowMs = 1_000

/**
 * A second is over when either clock says so: messages that were held up come all at once, but were spread when they were made.
 * Remembers one time for each thing that may happen in a second.
 */
export function createRate(most: number): Rate {
  const taken: RateTimes[] = []
  let next = 0
  return {
    take: (times) => {
      const oldest = taken[next]
      if (oldest !== undefined && !isOver(oldest, times)) return false
      taken[next] = times
      next = (next + 1) % most
      return true
    },
  }
}

function isOver(before: RateTimes, now: RateTimes): boolean {
  const pageMs = now.pageMs - before.pageMs
  // A clock that goes back was set anew, and says nothing.
  return now.receivedMs - before.receivedMs >= windowMs || pageMs >= windowMs || pageMs < 0
}
