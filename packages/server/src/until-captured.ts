// Waiting at the start until capture is live: from then on nothing in the browser is missed.
import { type Clock, deadline, limits } from '@tabscope/schema'
import type { BrowserSide } from './browser-side.ts'
import type { Logger } from './log-line.ts'

export interface StartStep {
  readonly browser: BrowserSide
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

/** Returns at once when nothing of the browser is to be captured. A browser that does not answer in time is no reason not to serve. */
export async function untilCaptured({ browser, clock, logger, signal }: StartStep): Promise<void> {
  if (browser.monitorState() === 'stopped') return
  const patience = deadline(clock, limits.captureLiveMs, signal)
  try {
    await browser.untilLive(patience.signal)
  } catch (error) {
    signal.throwIfAborted()
    logger.warn({ err: error }, 'capture is not live yet')
  } finally {
    patience.cancel()
  }
}
