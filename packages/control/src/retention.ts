// Ended browsers are kept for a while, and not more than so many; then they go with their events.
import { type CancelTimer, type Clock, limits } from '@tabscope/schema'
import type { Archive } from './archive.ts'
import type { LiveBrowser } from './browser-life.ts'
import type { BrowserStore } from './browser-store.ts'
import type { Browsers } from './browsers.ts'
import type { Destinations } from './destinations.ts'

export interface RetentionOptions {
  readonly browsers: Browsers
  readonly destinations: Pick<Destinations, 'keep'>
  readonly store: BrowserStore
  readonly archive: Archive
  readonly clock: Clock
  readonly retentionMs: number
  readonly onTrouble: (cause: unknown) => void
}

/** Forgets what is too old, now and every minute. Answers how to stop. */
export function startRetention(options: RetentionOptions): CancelTimer {
  const { clock, onTrouble } = options
  let cancel: CancelTimer = () => undefined
  const sweep = (): void => {
    forgetOld(options).catch(onTrouble)
    cancel = clock.schedule(clock.monotonicMs() + limits.archiveSweepMs, sweep)
  }
  sweep()
  return () => cancel()
}

async function forgetOld(options: RetentionOptions): Promise<void> {
  const { browsers, store, archive, clock, retentionMs } = options
  const oldest = clock.wallUs() / 1000 - retentionMs
  const ended = browsers.all.filter((browser) => browser.at === 'ended')
  const isOld = (endedAt: string | undefined): boolean => endedAt !== undefined && Date.parse(endedAt) < oldest
  // Newest first: what is beyond the bound is the oldest.
  const old = ended.filter(({ record }, position) => position >= limits.archiveBrowsers || isOld(record.endedAt))
  for (const browser of old) await archive.exclusively(store.eventsFolder(browser.id), () => forget(options, browser))
}

/** What it exported stays with the destination: counters do not go back. */
async function forget({ browsers, destinations }: RetentionOptions, browser: LiveBrowser): Promise<void> {
  const { destination, exported } = browser.record
  await browsers.forget(browser)
  if (destination !== undefined && exported !== undefined) await destinations.keep(destination, exported)
}
