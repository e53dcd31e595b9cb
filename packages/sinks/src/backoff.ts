// How long to wait before something is tried again: doubling up to a bound, each wait with chance in it, so that many writers that lost
// the same destination do not come back to it in step. Never waits itself.

export interface Backoff {
  /** The next wait, in ms. */
  nextMs(): number
  /** It worked: the next wait is a first one again. */
  reset(): void
}

export interface BackoffOptions {
  readonly firstMs: number
  readonly mostMs: number
  /** From 0 up to, but not, 1. Default: Math.random. */
  readonly random?: () => number
}

/** Waits from half of the doubling bound up to all of it. */
export function createBackoff({ firstMs, mostMs, random = Math.random }: BackoffOptions): Backoff {
  let boundMs = firstMs
  return {
    nextMs: () => {
      const waitMs = boundMs / 2 + (boundMs / 2) * random()
      boundMs = Math.min(mostMs, boundMs * 2)
      return waitMs
    },
    reset: () => {
      boundMs = firstMs
    },
  }
}
