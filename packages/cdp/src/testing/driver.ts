// A second CDP client for tests: it makes the browser do things, as a user or another program would, beside the code under test.
import { systemClock } from '@tabscope/schema'
import { openConnection } from '../connection.ts'
import { type CdpMessage, isRecord } from '../message.ts'
import { openWebSocket } from '../websocket.ts'

export interface DrivenPage {
  readonly targetId: string
  readonly sessionId: string
  /** Runs `expression` with a user gesture and gives its value; promises are awaited. Throws what the page threw. */
  evaluate(expression: string): Promise<unknown>
  /** Returns when the load event of the new document has fired. For a page that never loads use `send` with `Page.navigate`. */
  navigate(url: string): Promise<void>
  close(): Promise<void>
}

export interface Driver extends AsyncDisposable {
  /** Throws when Chromium refuses. */
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>
  /** A new tab, loaded. It begins as about:blank, so that whoever attaches has time to. */
  openPage(url: string): Promise<DrivenPage>
  /** Drives a tab that is there already, such as a popup. */
  attachTo(targetId: string): Promise<DrivenPage>
}

type Send = Driver['send']
type Listeners = Set<(message: CdpMessage) => void>

/** Connects to the browser's WebSocket URL. */
export async function openDriver(wsUrl: string): Promise<Driver> {
  const listeners: Listeners = new Set()
  const connection = await openConnection({
    open: openWebSocket(wsUrl),
    clock: systemClock,
    wanted: new Set(['Page.lifecycleEvent']),
    onMessage: (message) => {
      for (const listener of listeners) listener(message)
    },
    onClosed: () => undefined,
    signal: new AbortController().signal,
  })
  const send: Send = async (method, params, sessionId) => {
    const answer = await connection.send(sessionId, method, params)
    if (!answer.ok) throw new Error(`${method}: ${answer.message}`)
    return isRecord(answer.result) ? answer.result : {}
  }
  const attachTo = async (targetId: string): Promise<DrivenPage> => {
    const sessionId = textOf((await send('Target.attachToTarget', { targetId, flatten: true }))['sessionId'])
    return drivenPage({ send, listeners, targetId, sessionId })
  }
  return {
    send,
    attachTo,
    openPage: async (url) => {
      const page = await attachTo(textOf((await send('Target.createTarget', { url: 'about:blank' }))['targetId']))
      await page.navigate(url)
      return page
    },
    [Symbol.asyncDispose]: async () => connection.close(),
  }
}

function drivenPage(options: { send: Send; listeners: Listeners; targetId: string; sessionId: string }): DrivenPage {
  const { send, listeners, targetId, sessionId } = options
  return {
    targetId,
    sessionId,
    evaluate: async (expression) => {
      const params = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
      const answer = await send('Runtime.evaluate', params, sessionId)
      if (answer['exceptionDetails'] !== undefined) throw new Error(`${expression}: ${JSON.stringify(answer['exceptionDetails'])}`)
      return isRecord(answer['result']) ? answer['result']['value'] : undefined
    },
    navigate: async (url) => {
      await send('Page.enable', {}, sessionId)
      await send('Page.setLifecycleEventsEnabled', { enabled: true }, sessionId)
      const loads = collectLoads(listeners, sessionId)
      const { loaderId, errorText } = await send('Page.navigate', { url }, sessionId)
      if (errorText !== undefined) throw new Error(`${url}: ${String(errorText)}`)
      // Without a loader it was a navigation within the document.
      if (loaderId !== undefined) await loads.of(textOf(loaderId))
      loads.stop()
    },
    close: async () => {
      await send('Target.closeTarget', { targetId })
    },
  }
}

/** Remembers the load events of a session from now on: one may come before the answer that names its loader. */
function collectLoads(listeners: Listeners, sessionId: string): { of: (loaderId: string) => Promise<void>; stop: () => void } {
  const loaded = new Set<unknown>()
  let check = (): void => undefined
  const listener = (message: CdpMessage): void => {
    if (message.sessionId !== sessionId || !isRecord(message.params) || message.params['name'] !== 'load') return
    loaded.add(message.params['loaderId'])
    check()
  }
  listeners.add(listener)
  return {
    of: (loaderId) =>
      new Promise((resolve) => {
        check = () => {
          if (loaded.has(loaderId)) resolve()
        }
        check()
      }),
    stop: () => listeners.delete(listener),
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a string, got ${JSON.stringify(value)}`)
  return value
}
