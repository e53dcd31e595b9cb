// Which recorded answer belongs to which command of a replay's consumer: by session, method and n-th occurrence, with ids translated.
// Never invents an answer.
import { isDeepStrictEqual } from 'node:util'
import { isRecord } from '../message.ts'
import type { RecordedLine } from '../recording.ts'

export interface SentCommand {
  readonly connection: number
  readonly sessionId: string | undefined
  readonly method: string
  readonly params: unknown
}

interface RecordedCommand extends SentCommand {
  /** Set when a command of the consumer was matched with this one. */
  consumerId: number | undefined
  /** The recorded answer, once the replay has come to it; waits here when the consumer has not asked yet. */
  answer: Record<string, unknown> | undefined
}

/** Parameters that say what a command is about: with another value it is another command, not the next occurrence. */
const identities = ['targetId', 'requestId', 'sessionId', 'frameId', 'identifier'] as const

export interface AnswerBook {
  /** A command of the consumer. Gives what is to be delivered at once: the recorded answer already passed, or a rejection. */
  ask(connection: number, text: string): Record<string, unknown> | undefined
  /** A recorded incoming message as the consumer must get it; undefined for an answer that it did not ask for (yet). */
  translate(line: RecordedLine): unknown
  unanswered(): readonly SentCommand[]
  unsent(): readonly SentCommand[]
}

export function createAnswerBook(lines: readonly RecordedLine[]): AnswerBook {
  const commands: RecordedCommand[] = []
  const byRecordedId = new Map<string, RecordedCommand>()
  const unanswered: SentCommand[] = []
  for (const line of lines) {
    if (line.direction !== 'out' || !isRecord(line.message)) continue
    const command = { ...readCommand(line.connection, line.message), consumerId: undefined, answer: undefined }
    commands.push(command)
    byRecordedId.set(`${line.connection} ${line.message['id']}`, command)
  }
  return {
    ask: (connection, text) => {
      const message: unknown = JSON.parse(text)
      if (!isRecord(message) || typeof message['id'] !== 'number') throw new Error(`not a command: ${text}`)
      const { id } = message
      const asked = readCommand(connection, message)
      const found = findRecorded(commands, asked)
      if (found === undefined) {
        unanswered.push(asked)
        return withSession({ id, error: { code: -32000, message: 'not in the recording' } }, asked.sessionId)
      }
      found.consumerId = id
      return found.answer === undefined ? undefined : { ...found.answer, id }
    },
    translate: (line) => {
      if (line.direction !== 'in' || !isRecord(line.message) || line.message['id'] === undefined) return messageOf(line)
      const command = byRecordedId.get(`${line.connection} ${line.message['id']}`)
      if (command === undefined) return undefined
      command.answer = line.message
      return command.consumerId === undefined ? undefined : { ...line.message, id: command.consumerId }
    },
    unanswered: () => unanswered,
    unsent: () => commands.filter((command) => command.consumerId === undefined).map(({ consumerId: _, answer: __, ...sent }) => sent),
  }
}

function messageOf(line: RecordedLine): unknown {
  return line.direction === 'closed' ? undefined : line.message
}

function readCommand(connection: number, message: Record<string, unknown>): SentCommand {
  const { sessionId, method, params } = message
  return { connection, sessionId: typeof sessionId === 'string' ? sessionId : undefined, method: String(method), params }
}

/** The first unused command with the same parameters, else the first unused one about the same thing. */
function findRecorded(commands: readonly RecordedCommand[], asked: SentCommand): RecordedCommand | undefined {
  const candidates = commands.filter(
    (command) =>
      command.consumerId === undefined &&
      command.connection === asked.connection &&
      command.sessionId === asked.sessionId &&
      command.method === asked.method &&
      isAboutTheSame(command.params, asked.params),
  )
  return candidates.find((command) => isDeepStrictEqual(command.params, asked.params)) ?? candidates[0]
}

function isAboutTheSame(one: unknown, other: unknown): boolean {
  return identities.every((key) => (isRecord(one) ? one[key] : undefined) === (isRecord(other) ? other[key] : undefined))
}

function withSession(answer: Record<string, unknown>, sessionId: string | undefined): Record<string, unknown> {
  return sessionId === undefined ? answer : { ...answer, sessionId }
}
