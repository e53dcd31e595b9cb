// Plays a recording back on a hand-cranked clock: the same messages at the same times, whatever the machine is doing.
// The consumer's commands get the recorded answers. It never makes an answer up: what was not recorded is rejected and reported.
import type { ManualClock } from '@tabscope/schema'
import type { RecordedLine } from '../recording.ts'
import type { OpenTransport, TransportEvents } from '../transport.ts'
import { createAnswerBook, type SentCommand } from './answer-book.ts'

export interface ReplayReport {
  /** Commands of the consumer that the recording has no answer to; each was rejected. */
  readonly unanswered: readonly SentCommand[]
  /** Recorded commands that the consumer did not send. */
  readonly unsent: readonly SentCommand[]
}

export interface Replay {
  /** Hand this to the code under test instead of a WebSocket. Each opening plays the next recorded connection. */
  readonly open: OpenTransport
  /** Plays everything, moving the clock, then lets it run `tailMs` longer (default 0). */
  run(options?: { readonly tailMs?: number }): Promise<ReplayReport>
}

interface State {
  readonly lines: readonly RecordedLine[]
  readonly clock: ManualClock
  /** What the clock showed when the recording began. */
  readonly baseMs: number
  readonly book: ReturnType<typeof createAnswerBook>
  /** The consumer's side of the open connection. */
  events: TransportEvents | undefined
  opened: number
}

/** The clock's steps where nothing is recorded: timers of the consumer that fire in between get their promises settled this often. */
const stepMs = 10
/** Longest wait for the consumer to open the next connection. */
const longestWaitMs = 120_000

/** The lines of a recording, checked. */
export function readRecording(ndjson: string): RecordedLine[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line): RecordedLine => JSON.parse(line))
}

/** Unix microseconds of the recording's beginning: with `createManualClock(recordingStartUs(lines))` wall times are as recorded. */
export function recordingStartUs(lines: readonly RecordedLine[]): number {
  const first = lines[0]
  return first === undefined ? 0 : first.wall_us - Math.round(first.at_ms * 1000)
}

/** A replay of `lines` on `clock`. */
export function replayTransport(lines: readonly RecordedLine[], clock: ManualClock): Replay {
  const state: State = { lines, clock, baseMs: clock.monotonicMs(), book: createAnswerBook(lines), events: undefined, opened: 0 }
  return {
    open: async (events) => {
      const connection = ++state.opened
      state.events = events
      const isOpen = (): boolean => state.events === events
      return {
        send: (text) => {
          const answer = state.book.ask(connection, text)
          if (answer !== undefined && isOpen()) deliverSoon(state, events, answer)
        },
        cork: (run) => run(),
        close: () => {
          if (isOpen()) state.events = undefined
        },
      }
    },
    run: async (options = {}) => {
      await nextTurn()
      for (const line of lines) await play(state, line)
      await moveTo(state, clock.monotonicMs() + (options.tailMs ?? 0))
      return { unanswered: state.book.unanswered(), unsent: state.book.unsent() }
    },
  }
}

// Through the clock, so that it comes after the consumer's own step and in order of time, as over a socket.
function deliverSoon(state: State, events: TransportEvents, message: object): void {
  state.clock.schedule(state.clock.monotonicMs(), () => {
    if (state.events === events) events.message(Buffer.from(JSON.stringify(message)))
  })
}

async function play(state: State, line: RecordedLine): Promise<void> {
  if (line.direction === 'out') return
  const deadlineMs = state.clock.monotonicMs() + longestWaitMs
  while (state.opened < line.connection) {
    if (state.clock.monotonicMs() >= deadlineMs) throw new Error(`connection ${line.connection} of the recording was never opened`)
    await moveTo(state, state.clock.monotonicMs() + stepMs)
  }
  await moveTo(state, state.baseMs + line.at_ms)
  const { events } = state
  // The consumer closed this connection, or is on a later one already.
  if (events === undefined || state.opened !== line.connection) return
  if (line.direction === 'closed') {
    state.events = undefined
    events.closed(line.cause)
  } else {
    const message = state.book.translate(line)
    if (message !== undefined) events.message(Buffer.from(JSON.stringify(message)))
  }
  await nextTurn()
}

/** Lets everything run that the consumer has promised itself. No time passes. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function moveTo(state: State, toMs: number): Promise<void> {
  const { clock } = state
  // Also without a step ahead: what is due now must be delivered before the next line.
  do {
    clock.moveTo(Math.min(toMs, clock.monotonicMs() + stepMs))
    await nextTurn()
  } while (clock.monotonicMs() < toMs)
}
