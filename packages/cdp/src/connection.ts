// One CDP connection: commands out, messages in, each stamped once with both clocks. Messages of methods that nobody wants
// are dropped from their first bytes. It never interprets a message, keeps no promise per message and never waits.
import { type Clock, limits } from '@tabscope/schema'
import { scanDataReceived } from './data-received.ts'
import { type CdpAnswer, type CdpMessage, leadingMethod, parseMessage } from './message.ts'
import { type AnswerHandler, createPending, type Pending } from './pending.ts'
import type { OpenTransport, Transport } from './transport.ts'

/** One command. `done` is called exactly once, whatever happens. */
export interface Command {
  readonly method: string
  readonly params?: object
  /** Default `limits.cdpCommandMs`. */
  readonly timeoutMs?: number
  readonly done?: AnswerHandler
}

export interface ConnectionCounters {
  /** All messages, answers included. */
  readonly received: number
  /** Events of unwanted methods, dropped. */
  readonly skipped: number
  readonly unparsable: number
  readonly bytes: number
  /** Monotonic milliseconds of the last message; of the opening before the first. */
  readonly lastMessageAtMs: number
}

export interface Connection {
  /** Sends a command, `sessionId` undefined for the browser's own session. Never throws; after the end `done` gets `closed`. */
  post(sessionId: string | undefined, command: Command): void
  /** `post` as a promise; it never rejects. */
  send(sessionId: string | undefined, method: string, params?: object): Promise<CdpAnswer>
  /** Everything posted inside `run` leaves in one write. */
  burst(run: () => void): void
  /** Which methods are handed on; `Target.*` always is, attaching lives on it. */
  setWanted(methods: ReadonlySet<string>): void
  readonly counters: ConnectionCounters
  /** Commands without an answer. */
  readonly openCommands: number
  /** Ends the connection. `onClosed` is not called for it: who closes knows. */
  close(): void
}

export interface ConnectionOptions {
  readonly open: OpenTransport
  readonly clock: Clock
  readonly wanted: ReadonlySet<string>
  readonly onMessage: (message: CdpMessage) => void
  /** Called once when the connection ends by itself, after all open commands got `closed`. */
  readonly onClosed: (cause: string) => void
  /** Aborts the opening; later it closes the connection. */
  readonly signal: AbortSignal
}

interface State {
  readonly options: ConnectionOptions
  readonly pending: Pending
  readonly counters: { -readonly [Name in keyof ConnectionCounters]: number }
  wanted: ReadonlySet<string>
  transport: Transport | undefined
  nextId: number
  /** Why it ended; undefined while it is open. */
  ended: string | undefined
}

/** Opens a connection; rejects as `open` does. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const state: State = {
    options,
    pending: createPending(options.clock),
    counters: { received: 0, skipped: 0, unparsable: 0, bytes: 0, lastMessageAtMs: options.clock.monotonicMs() },
    wanted: options.wanted,
    transport: undefined,
    nextId: 1,
    ended: undefined,
  }
  const stop = (): void => close(state, 'stopped')
  const transport = await options.open(
    {
      message: (bytes) => receive(state, bytes),
      closed: (cause) => {
        options.signal.removeEventListener('abort', stop)
        lose(state, cause)
      },
    },
    options.signal,
  )
  state.transport = transport
  options.signal.addEventListener('abort', stop, { once: true })
  if (options.signal.aborted) stop()
  return {
    post: (sessionId, command) => post(state, sessionId, command),
    send: (sessionId, method, params) => new Promise((done) => post(state, sessionId, { method, ...(params && { params }), done })),
    burst: (run) => transport.cork(run),
    setWanted: (methods) => {
      state.wanted = methods
    },
    counters: state.counters,
    get openCommands() {
      return state.pending.size()
    },
    close: () => {
      options.signal.removeEventListener('abort', stop)
      close(state, 'the connection was closed')
    },
  }
}

function post(state: State, sessionId: string | undefined, command: Command): void {
  if (state.ended !== undefined) {
    refuse(state, command, { ok: false, code: 'closed', message: `${command.method}: ${state.ended}` })
    return
  }
  if (state.pending.size() >= limits.cdpPendingCommands) {
    const message = `${command.method}: ${limits.cdpPendingCommands} commands are unanswered already`
    refuse(state, command, { ok: false, code: 'rejected', message })
    return
  }
  const id = state.nextId++
  state.pending.add(id, { method: command.method, timeoutMs: command.timeoutMs ?? limits.cdpCommandMs, done: command.done })
  state.transport?.send(JSON.stringify({ id, method: command.method, params: command.params, sessionId }))
}

// Never inside `post`: a caller may rely on `done` coming later, as it does for every command that was sent.
function refuse(state: State, command: Command, answer: CdpAnswer): void {
  const { done } = command
  if (done === undefined) return
  const { clock } = state.options
  queueMicrotask(() => done(answer, clock.wallUs(), clock.monotonicMs()))
}

function receive(state: State, message: Uint8Array): void {
  // Chromium says nothing before it is asked something. Who does is not to be heard before the opener has its connection in hand.
  if (state.ended !== undefined || state.nextId === 1) return
  const { clock } = state.options
  const { counters } = state
  const receivedAtMs = clock.monotonicMs()
  const bytes = Buffer.isBuffer(message) ? message : Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  counters.received++
  counters.bytes += bytes.length
  counters.lastMessageAtMs = receivedAtMs
  const leading = leadingMethod(bytes)
  if (leading !== undefined && !isWanted(state, leading)) {
    counters.skipped++
    return
  }
  const scanned = leading === 'Network.dataReceived' ? scanDataReceived(bytes) : undefined
  const parsed = scanned ?? parseMessage(bytes, leading)
  if (parsed.kind === 'answer') {
    state.pending.settle(parsed.id, parsed.answer, clock.wallUs(receivedAtMs), receivedAtMs)
  } else if (parsed.kind === 'unparsable') {
    counters.unparsable++
  } else if (leading === undefined && !isWanted(state, parsed.method)) {
    counters.skipped++
  } else {
    const { params, sessionId } = parsed
    // The string that was seen before rather than its copy: tables find it faster.
    const method = parsed.method === leading ? leading : parsed.method
    state.options.onMessage({ method, params, sessionId, receivedAtUs: clock.wallUs(receivedAtMs), receivedAtMs })
  }
}

function isWanted(state: State, method: string): boolean {
  return state.wanted.has(method) || method.startsWith('Target.')
}

function lose(state: State, cause: string): void {
  if (state.ended !== undefined) return
  state.ended = cause
  state.pending.closeAll(cause)
  state.options.onClosed(cause)
}

function close(state: State, cause: string): void {
  if (state.ended !== undefined) return
  state.ended = cause
  state.transport?.close()
  state.pending.closeAll(cause)
}
