// Chance that repeats itself: the same seed makes the same choices, so that a failure can be looked at again.

export interface Random {
  /** An integer from 0 up to, but not, `end`. */
  below(end: number): number
  chance(): boolean
}

/** Mulberry32: small, and good enough to choose what is killed next. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { below: (end) => Math.floor(next() * end), chance: () => next() < 0.5 }
}
