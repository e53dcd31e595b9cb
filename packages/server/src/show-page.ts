// Lets the browser go to a page and gives its window a size, on behalf of whoever manages it. It uses the empty page that a browser begins
// with, else its first page.
import { type Clock, deadline, limits, type ShowRequest } from '@tabscope/schema'
import type { BrowserSide } from './browser-side.ts'
import { type Ask, fieldOf, go, listPages, newPage, withCommands } from './page-commands.ts'

interface Surroundings {
  readonly browser: BrowserSide
  readonly clock: Clock
}

/** Sizes first, then goes there: the page begins in the size that was asked for. Throws `page_not_opened`. */
export async function showPage({ url, viewport }: ShowRequest, { browser, clock }: Surroundings): Promise<void> {
  const { signal, cancel } = deadline(clock, limits.openPageMs)
  try {
    await browser.endpoint(signal)
    // What the page does from its first request on is to be captured, if anything is.
    if (!['stopped', 'live'].includes(browser.monitorState())) await browser.untilLive(signal)
    await withCommands({ browser, clock, signal }, url ?? 'the page', async (ask) => {
      const { all, empty } = await listPages(ask)
      const targetId = empty[0] ?? all[0] ?? (await newPage(ask))
      if (viewport != null) await size(ask, targetId, viewport)
      if (url != null) await go(ask, targetId, url)
    })
  } finally {
    cancel()
  }
}

async function size(ask: Ask, targetId: string, { width, height }: { width: number; height: number }): Promise<void> {
  const windowId = fieldOf(await ask('Browser.getWindowForTarget', { targetId }), 'windowId')
  // A maximised or minimised window takes no size.
  await ask('Browser.setWindowBounds', { windowId, bounds: { windowState: 'normal' } })
  await ask('Browser.setContentsSize', { windowId, width, height })
}
