// Lets the browser go to a page and gives its window a size, on behalf of whoever manages it. It has a CDP connection of its own for that
// moment, which is no client's: it leaves no `cdp_connect`. It uses the empty page that a browser begins with, else its first page.
import { type Connection, openConnection, openWebSocket } from '@tabscope/cdp'
import { type Clock, deadline, limits, type ShowRequest, TelemetryError } from '@tabscope/schema'
import type { BrowserSide } from './browser-side.ts'

interface Surroundings {
  readonly browser: BrowserSide
  readonly clock: Clock
}

/** Sizes first, then goes there: the page begins in the size that was asked for. Throws `page_not_opened`. */
export async function showPage({ url, viewport }: ShowRequest, { browser, clock }: Surroundings): Promise<void> {
  const patience = deadline(clock, limits.openPageMs)
  try {
    const endpoint = await browser.endpoint(patience.signal)
    // What the page does from its first request on is to be captured, if anything is.
    if (!['stopped', 'live'].includes(browser.monitorState())) await browser.untilLive(patience.signal)
    const connection = await openConnection({
      open: openWebSocket(endpoint),
      clock,
      wanted: new Set(),
      onMessage: () => undefined,
      onClosed: () => undefined,
      signal: patience.signal,
    })
    try {
      const ask = asker(connection, url ?? 'the page')
      const targetId = await pageTarget(ask)
      if (viewport != null) await size(ask, targetId, viewport)
      if (url != null) await go(ask, targetId, url)
    } finally {
      connection.close()
    }
  } finally {
    patience.cancel()
  }
}

type Ask = (method: string, params: object, sessionId?: string) => Promise<unknown>

function asker(connection: Connection, url: string): Ask {
  return async (method, params, sessionId) => {
    const answer = await connection.send(sessionId, method, params)
    if (!answer.ok) throw new TelemetryError('page_not_opened', { url, problem: answer.message })
    return answer.result
  }
}

async function pageTarget(ask: Ask): Promise<string> {
  const infos = fieldOf(await ask('Target.getTargets', {}), 'targetInfos')
  const pages = Array.isArray(infos) ? infos.filter((info) => fieldOf(info, 'type') === 'page') : []
  const chosen = pages.find((info) => fieldOf(info, 'url') === 'about:blank') ?? pages[0]
  const existing = textOf(chosen, 'targetId')
  return existing ?? textOf(await ask('Target.createTarget', { url: 'about:blank' }), 'targetId') ?? ''
}

async function size(ask: Ask, targetId: string, { width, height }: { width: number; height: number }): Promise<void> {
  const windowId = fieldOf(await ask('Browser.getWindowForTarget', { targetId }), 'windowId')
  // A maximised or minimised window takes no size.
  await ask('Browser.setWindowBounds', { windowId, bounds: { windowState: 'normal' } })
  await ask('Browser.setContentsSize', { windowId, width, height })
}

async function go(ask: Ask, targetId: string, url: string): Promise<void> {
  const sessionId = textOf(await ask('Target.attachToTarget', { targetId, flatten: true }), 'sessionId')
  const problem = textOf(await ask('Page.navigate', { url }, sessionId), 'errorText')
  if (problem !== undefined) throw new TelemetryError('page_not_opened', { url, problem })
}

function textOf(value: unknown, key: string): string | undefined {
  const field = fieldOf(value, key)
  return typeof field === 'string' ? field : undefined
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
