// The pages that a server was started with: opened once capture works, and again in a Chromium that was started in the place of one that
// crashed. A page that does not open is no reason not to serve: the server that it comes from may be started later.
import { openPages } from './open-pages.ts'
import { type StartStep, untilCaptured } from './until-captured.ts'

/** Resolves when the pages were opened for the first time, or could not be. Rejects only with the signal's reason. */
export async function keepPagesOpen(urls: readonly string[], step: StartStep): Promise<void> {
  let current = new AbortController()
  step.browser.onRestart(() => {
    // What is under way was meant for a browser that is gone.
    current.abort(new Error('Chromium was started again'))
    current = new AbortController()
    // Rejects only when the server ends.
    openOnce(urls, step, current.signal).catch(() => undefined)
  })
  await openOnce(urls, step, current.signal)
}

async function openOnce(urls: readonly string[], step: StartStep, superseded: AbortSignal): Promise<void> {
  const { browser, clock, logger } = step
  const signal = AbortSignal.any([step.signal, superseded])
  try {
    await untilCaptured({ ...step, signal })
    await openPages({ urls, browser, clock, signal })
  } catch (error) {
    step.signal.throwIfAborted()
    if (!superseded.aborted) logger.warn({ err: error }, 'a page was not opened')
  }
}
