// Lets a few in at a time, the others in the order in which they came. Who waits can be called off.

export interface StartGate {
  /** Runs the work when it is its turn. Rejects with the signal's reason when it is called off before that. */
  run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>
}

/** A gate for `most` at a time. */
export function createStartGate(most: number): StartGate {
  let inside = 0
  const waiting = new Set<() => void>()
  const leave = (): void => {
    inside -= 1
    const [next] = waiting
    next?.()
  }
  const enter = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const admit = (): void => {
        waiting.delete(admit)
        signal.removeEventListener('abort', giveUp)
        inside += 1
        resolve()
      }
      const giveUp = (): void => {
        waiting.delete(admit)
        reject(signal.reason)
      }
      if (signal.aborted) return reject(signal.reason)
      if (inside < most) return admit()
      waiting.add(admit)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  return {
    run: async (work, signal) => {
      await enter(signal)
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
