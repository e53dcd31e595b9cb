// Chance that repeats itself: the same seed gives the same choices, so that a failure can be looked at again.

export interface Random {
  /** An integer from 0 up to, but not, `end`. */
  below(end: number): number
  chance(): boolean
}

/** A linear congruence with the constants of Numerical Recipes, its upper bits only: enough to choose what happens next. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const below = (end: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
  return { below, chance: () => below(2) === 1 }
}
