// Turns Ctrl-C and its relatives into an abort, so that everything is ended in order; a second one ends the process at once.
// (Chromium then ends by itself: its pipe to us closes.)

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type EndSignal = (typeof signals)[number]

const numbers: Readonly<Record<EndSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

/** Why the work was ended from outside. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  /** As a shell counts it: 130 for Ctrl-C. */
  readonly exitCode: number

  constructor(signal: EndSignal) {
    super(`ended by ${signal}`)
    this.exitCode = 128 + numbers[signal]
  }
}

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal
}

/** Listens until disposed. */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController()
  const onSignal = (signal: EndSignal): void => {
    if (controller.signal.aborted) process.exit(128 + numbers[signal])
    controller.abort(new Interrupted(signal))
  }
  for (const signal of signals) process.on(signal, onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}

/** Waits for the abort. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Runs work that a person ends with Ctrl-C: that is its good end. Any other failure stays one. */
export async function runUntilInterrupted(interrupt: Interrupt, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
  }
}
