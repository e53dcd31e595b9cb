// Commands to the pages of a browser, on a CDP connection of their own for that moment, which is no client's: it leaves no `cdp_connect`.
import { openConnection, openWebSocket } from '@tabscope/cdp'
import { type Clock, TelemetryError } from '@tabscope/schema'
import type { BrowserSide } from './browser-side.ts'

/** Sends one command and gives its result. Throws `page_not_opened` when Chromium refuses. */
export type Ask = (method: string, params: object, sessionId?: string) => Promise<unknown>

export interface Commanded {
  readonly browser: BrowserSide
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Runs `use` with a connection to the browser, and closes it. `about` is what errors name. */
export async function withCommands<Result>(
  { browser, clock, signal }: Commanded,
  about: string,
  use: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const connection = await openConnection({
    open: openWebSocket(await browser.endpoint(signal)),
    clock,
    wanted: new Set(),
    onMessage: () => undefined,
    onClosed: () => undefined,
    signal,
  })
  const ask: Ask = async (method, params, sessionId) => {
    const answer = await connection.send(sessionId, method, params)
    if (!answer.ok) throw new TelemetryError('page_not_opened', { url: about, problem: answer.message })
    return answer.result
  }
  try {
    return await use(ask)
  } finally {
    connection.close()
  }
}

/** Lets a page go to a URL; resolves when its navigation has committed. Throws `page_not_opened`, also for an error of the network. */
export async function go(ask: Ask, targetId: string, url: string): Promise<void> {
  const sessionId = textOf(await ask('Target.attachToTarget', { targetId, flatten: true }), 'sessionId')
  const problem = textOf(await ask('Page.navigate', { url }, sessionId), 'errorText')
  if (problem !== undefined) throw new TelemetryError('page_not_opened', { url, problem })
}

/** The target ids of the browser's pages, and of those of them that are empty. */
export async function listPages(ask: Ask): Promise<{ readonly all: readonly string[]; readonly empty: readonly string[] }> {
  const infos = fieldOf(await ask('Target.getTargets', {}), 'targetInfos')
  const pages = Array.isArray(infos) ? infos.filter((info) => fieldOf(info, 'type') === 'page') : []
  const ids = (some: readonly unknown[]): readonly string[] => some.flatMap((info) => textOf(info, 'targetId') ?? [])
  return { all: ids(pages), empty: ids(pages.filter((info) => fieldOf(info, 'url') === 'about:blank')) }
}

/** A new empty page. */
export async function newPage(ask: Ask): Promise<string> {
  return textOf(await ask('Target.createTarget', { url: 'about:blank' }), 'targetId') ?? ''
}

export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function textOf(value: unknown, key: string): string | undefined {
  const field = fieldOf(value, key)
  return typeof field === 'string' ? field : undefined
}
