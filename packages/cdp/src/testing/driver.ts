// A second CDP client for tests: it makes the browser do things, as a user or another program would, beside the code under test.
import { systemClock } from '@tabscope/schema'
import { type Connection, openConnection } from '../connection.ts'
import { isRecord } from '../message.ts'
import { openWebSocket } from '../websocket.ts'

export interface DrivenPage {
  readonly targetId: string
  readonly sessionId: string
  /** Runs `expression` with a user gesture and gives its value; promises are awaited. Throws what the page threw. */
  evaluate(expression: string): Promise<unknown>
  navigate(url: string): Promise<void>
  close(): Promise<void>
}

export interface Driver extends AsyncDisposable {
  /** Throws when Chromium refuses. */
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>
  /** A new tab. It may still be loading when this returns. */
  openPage(url: string): Promise<DrivenPage>
}

/** Connects to the browser's WebSocket URL. */
export async function openDriver(wsUrl: string): Promise<Driver> {
  const stop = new AbortController()
  const connection = await openConnection({
    open: openWebSocket(wsUrl),
    clock: systemClock,
    wanted: new Set(),
    onMessage: () => undefined,
    onClosed: () => undefined,
    signal: stop.signal,
  })
  const send = (method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>> =>
    sendOrThrow(connection, { method, params: params ?? {}, sessionId })
  return {
    send,
    openPage: async (url) => {
      const targetId = textOf((await send('Target.createTarget', { url }))['targetId'])
      const sessionId = textOf((await send('Target.attachToTarget', { targetId, flatten: true }))['sessionId'])
      return drivenPage({ send, targetId, sessionId })
    },
    [Symbol.asyncDispose]: async () => connection.close(),
  }
}

function drivenPage(options: { send: Driver['send']; targetId: string; sessionId: string }): DrivenPage {
  const { send, targetId, sessionId } = options
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
      await send('Page.navigate', { url }, sessionId)
    },
    close: async () => {
      await send('Target.closeTarget', { targetId })
    },
  }
}

async function sendOrThrow(
  connection: Connection,
  command: { method: string; params: object; sessionId: string | undefined },
): Promise<Record<string, unknown>> {
  const answer = await connection.send(command.sessionId, command.method, command.params)
  if (!answer.ok) throw new Error(`${command.method}: ${answer.message}`)
  return isRecord(answer.result) ? answer.result : {}
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a string, got ${JSON.stringify(value)}`)
  return value
}
