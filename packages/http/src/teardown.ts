// Ends things in the opposite order in which they were started. One that fails to end does not keep the others from ending.

export interface Teardown {
  /** To be run at the end, before everything that was added earlier. */
  add(name: string, end: () => void | Promise<void>): void
  /** Runs all, once; a second call waits for the first. */
  run(): Promise<void>
}

/** `onTrouble` is told of every part that failed to end. */
export function createTeardown(onTrouble: (name: string, cause: unknown) => void): Teardown {
  const parts: { name: string; end: () => void | Promise<void> }[] = []
  let running: Promise<void> | undefined
  const runAll = async (): Promise<void> => {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part.end()
      } catch (cause) {
        // The rest has to end all the same.
        onTrouble(part.name, cause)
      }
    }
  }
  return {
    add: (name, end) => {
      parts.push({ name, end })
    },
    run: () => {
      running ??= runAll()
      return running
    },
  }
}
