// Looks at what a monitor and Chromium say to each other, without changing it: which commands were sent, and when a target's set-up is
// done. For tests that have to act only after a target is captured, and for those about what is never sent.
import { type OpenTransport, openWebSocket, type RecordedLine, recordTransport, type Transport } from '@tabscope/cdp'
import { deadline, systemClock } from '@tabscope/schema'

/** A command as it was sent. */
export interface SentCommand {
  readonly connection: number
  readonly id: number
  readonly sessionId: string | undefined
  readonly method: string
  readonly params: unknown
}

export interface Wire {
  /** For the monitor's `transport` option. */
  readonly transport: (url: string) => OpenTransport
  /** Every command so far, oldest first. */
  readonly sent: readonly SentCommand[]
  /** How many events of each method Chromium sent. */
  readonly received: ReadonlyMap<string, number>
  /** Resolves when every set-up command of the target's latest session was answered (past ones included). */
  setUp(targetId: string): Promise<void>
  /** Resolves when everything that was sent until now on the target's sessions was answered. */
  answered(targetId: string): Promise<void>
  /** The methods that were sent on the target's sessions. */
  sentTo(targetId: string): readonly string[]
  /** Ends the open connection, as a network would. */
  cut(): void
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params?: { readonly sessionId?: string; readonly targetInfo?: { readonly targetId: string } }
}

/** A wire that opens WebSockets, or what `open` gives. */
export function createWire(open: (url: string) => OpenTransport = openWebSocket): Wire {
  const sent: SentCommand[] = []
  const received = new Map<string, number>()
  const answered = new Set<string>()
  const sessionsOf = new Map<string, string[]>()
  const waiting = new Set<() => void>()
  let opened = 0
  let current: Transport | undefined
  const noteEvent = (message: Message): void => {
    const method = message.method ?? ''
    received.set(method, (received.get(method) ?? 0) + 1)
    const { targetInfo, sessionId } = message.params ?? {}
    if (method !== 'Target.attachedToTarget' || targetInfo === undefined || sessionId === undefined) return
    sessionsOf.set(targetInfo.targetId, [...(sessionsOf.get(targetInfo.targetId) ?? []), sessionId])
  }
  const write = (line: string, connection: number): void => {
    const recorded = JSON.parse(line) as RecordedLine
    if (recorded.direction === 'closed') return
    const message = recorded.message as Message
    if (recorded.direction === 'out') sent.push(commandOf(connection, message))
    else if (message.id === undefined) noteEvent(message)
    else answered.add(`${connection} ${message.id}`)
    for (const check of [...waiting]) check()
  }
  const isAnswered = ({ connection, id }: SentCommand): boolean => answered.has(`${connection} ${id}`)
  // A detached duplicate has a session too, but no domain was enabled on it.
  const isSetUp = (targetId: string): boolean => {
    const commands = (sessionsOf.get(targetId) ?? []).map((sessionId) => sent.filter((command) => command.sessionId === sessionId))
    const latest = commands.findLast((ofSession) => ofSession.some(({ method }) => method.endsWith('.enable')))
    return latest?.every(isAnswered) === true
  }
  const commandsTo = (targetId: string): SentCommand[] => {
    const sessions = new Set(sessionsOf.get(targetId))
    return sent.filter(({ sessionId }) => sessionId !== undefined && sessions.has(sessionId))
  }
  return {
    transport: (url) => {
      const connection = ++opened
      const opening: OpenTransport = async (events, signal) => {
        current = await open(url)(events, signal)
        return current
      }
      return recordTransport(opening, { clock: systemClock, write: (line) => write(line, connection) })
    },
    sent,
    received,
    cut: () => current?.close(),
    setUp: (targetId) => until(waiting, () => isSetUp(targetId), `set-up of ${targetId}`),
    answered: (targetId) => {
      const asked = commandsTo(targetId)
      return until(waiting, () => asked.every(isAnswered), `answers of ${targetId}`)
    },
    sentTo: (targetId) => commandsTo(targetId).map(({ method }) => method),
  }
}

function commandOf(connection: number, message: Message): SentCommand {
  const { id = 0, method = '', sessionId, params } = message
  return { connection, id, sessionId, method, params }
}

const longestWaitMs = 20_000

function until(waiting: Set<() => void>, isSo: () => boolean, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = deadline(systemClock, longestWaitMs)
    const check = (): void => {
      if (!isSo()) return
      waiting.delete(check)
      limit.cancel()
      resolve()
    }
    limit.signal.addEventListener('abort', () => {
      waiting.delete(check)
      reject(new Error(`no ${what} within ${longestWaitMs} ms`))
    })
    waiting.add(check)
    check()
  })
}
