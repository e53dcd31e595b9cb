// Playwright 1.65 can fail an assertion of its own when a frame goes from process to process beside another DevTools client, and throws
// where nobody can catch it. That says nothing of the stream, so the page is then visited again with a new Playwright.

export interface FaultWatch extends Disposable {
  readonly count: number
}

/** Counts what Playwright throws on its own; everything else still ends the process. */
export function watchFaults(): FaultWatch {
  const watch = { count: 0, [Symbol.dispose]: () => void process.off('uncaughtException', take) }
  const take = (error: Error): void => {
    if (error.message !== 'Assertion error' || error.stack?.includes('playwright-core') !== true) throw error
    watch.count += 1
  }
  process.on('uncaughtException', take)
  return watch
}
