// A spinner for work that takes a while, on standard error and only where somebody watches.
import { createSpinner } from 'nanospinner'

/** Runs the work; the text stands beside a spinner as long as it takes. */
export async function withProgress<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
  // A terminal that does not say how wide it is counts 0 columns, and nanospinner 1.2.2 then clears its line for ever.
  if (!process.stderr.isTTY || process.stderr.columns === 0) return work()
  const spinner = createSpinner(text, { stream: process.stderr }).start()
  try {
    return await work()
  } finally {
    // Clears its line: the result, or the error, is said by others.
    spinner.stop()
  }
}
