// Opens pages in the browser once it is captured, so that their first request is. It has a CDP connection of its own for that moment and
// never touches a page that somebody else opened, except the empty one that a new browser begins with.
import { type Connection, openConnection, openWebSocket } from '@tabscope/cdp'
import { type Clock, delay, limits, TelemetryError } from '@tabscope/schema'
import type { BrowserSide } from './browser-side.ts'

export interface OpenPagesOptions {
  readonly urls: readonly string[]
  readonly browser: BrowserSide
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Throws `page_not_opened` for a URL that is none. */
export function checkPageUrls(urls: readonly string[]): void {
  for (const url of urls) {
    if (!URL.canParse(url)) throw new TelemetryError('page_not_opened', { url, problem: 'it is not a URL' })
  }
}

/** Opens the pages, one after the other. Throws `page_not_opened`, also when a page answers with an error of the network. */
export async function openPages(options: OpenPagesOptions): Promise<void> {
  const { urls, browser, clock, signal } = options
  const endpoint = await browser.endpoint(signal)
  const connection = await openConnection({
    open: openWebSocket(endpoint),
    clock,
    wanted: new Set(),
    onMessage: () => undefined,
    onClosed: () => undefined,
    signal,
  })
  try {
    for (const url of urls) await openPage(connection, url, options)
  } finally {
    connection.close()
  }
}

async function openPage(connection: Connection, url: string, options: OpenPagesOptions): Promise<void> {
  const ask: Ask = async (method, params, sessionId) => {
    const answer = await connection.send(sessionId, method, params)
    if (!answer.ok) throw new TelemetryError('page_not_opened', { url, problem: answer.message })
    return answer.result
  }
  const targetId = emptyPage(await ask('Target.getTargets', {})) ?? (await newPage(ask, options))
  const sessionId = textOf(await ask('Target.attachToTarget', { targetId, flatten: true }), 'sessionId')
  const problem = textOf(await ask('Page.navigate', { url }, sessionId), 'errorText')
  if (problem !== undefined) throw new TelemetryError('page_not_opened', { url, problem })
}

type Ask = (method: string, params: object, sessionId?: string) => Promise<unknown>

/** A new empty page, captured like the others before it goes anywhere. */
async function newPage(ask: Ask, { browser, clock, signal }: OpenPagesOptions): Promise<string | undefined> {
  const before = browser.captured()
  const targetId = textOf(await ask('Target.createTarget', { url: 'about:blank' }), 'targetId')
  const untilMs = clock.monotonicMs() + limits.openPageMs
  while (browser.monitorState() === 'live' && browser.captured() <= before && clock.monotonicMs() < untilMs) await delay(clock, 10, signal)
  return targetId
}

function emptyPage(answer: unknown): string | undefined {
  const infos: unknown = fieldOf(answer, 'targetInfos')
  const pages = Array.isArray(infos) ? infos.filter((info) => textOf(info, 'type') === 'page') : []
  return textOf(
    pages.find((info) => textOf(info, 'url') === 'about:blank'),
    'targetId',
  )
}

function textOf(value: unknown, key: string): string | undefined {
  const field = fieldOf(value, key)
  return typeof field === 'string' ? field : undefined
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
