// Opens pages in the browser once it is captured, so that their first request is. Never touches a page that somebody else opened, except
// the empty one that a new browser begins with.
import { delay, limits, TelemetryError } from '@tabscope/schema'
import { type Ask, type Commanded, go, listPages, newPage, withCommands } from './page-commands.ts'

export interface OpenPagesOptions extends Commanded {
  readonly urls: readonly string[]
}

/** Throws `page_not_opened` for a URL that is none. */
export function checkPageUrls(urls: readonly string[]): void {
  for (const url of urls) {
    if (!URL.canParse(url)) throw new TelemetryError('page_not_opened', { url, problem: 'it is not a URL' })
  }
}

/** Opens the pages, one after the other. Throws `page_not_opened`, also when a page answers with an error of the network. */
export async function openPages(options: OpenPagesOptions): Promise<void> {
  for (const url of options.urls) await withCommands(options, url, (ask) => openPage(ask, url, options))
}

async function openPage(ask: Ask, url: string, options: OpenPagesOptions): Promise<void> {
  const { empty } = await listPages(ask)
  await go(ask, empty[0] ?? (await capturedPage(ask, options)), url)
}

/** A new empty page, captured like the others before it goes anywhere. */
async function capturedPage(ask: Ask, { browser, clock, signal }: OpenPagesOptions): Promise<string> {
  const before = browser.captured()
  const targetId = await newPage(ask)
  const untilMs = clock.monotonicMs() + limits.openPageMs
  while (browser.monitorState() === 'live' && browser.captured() <= before && clock.monotonicMs() < untilMs) await delay(clock, 10, signal)
  return targetId
}
