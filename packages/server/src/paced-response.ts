// A response that takes one write at a time: who wrote has to wait until the client took it. Notices a client that takes nothing any more.
// It holds no data of its own and decides nothing about what is written.
import type { ServerResponse } from 'node:http'
import { type Clock, limits } from '@tabscope/schema'
import type { SendQueues } from './send-queue.ts'

/** The connection as it is used here: a raw Node response. */
export type StreamResponse = Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'on' | 'once' | 'socket' | 'writableLength'>

/** The moment of a look at the streams. */
export interface Tending {
  readonly nowMs: number
  readonly queues: SendQueues
}

export interface PacedResponse {
  /** Whether a write waits for the client. */
  readonly isBlocked: boolean
  /** Bytes written that the connection has not taken yet. */
  readonly heldBytes: number
  write(bytes: Uint8Array): void
  /** Ends the response after `bytes`, when there are any. The client still has to take them. */
  end(bytes: Uint8Array): void
  /** Cuts the connection. */
  cut(): void
  /** Resolves when nothing waits for the client, or when the connection is gone. */
  drained(): Promise<void>
  /** While a write waits: when to look again, or `stalled` when the client took nothing for `limits.streamStallMs`. */
  check(tending: Tending): number | 'stalled'
}

interface State {
  readonly response: StreamResponse
  readonly clock: Clock
  /** Set while a write waits for the client. */
  blocked: Blocked | undefined
}

interface Blocked {
  /** When the client was last known to take something. */
  progressMs: number
  checkAtMs: number
  /** Undefined until it is looked at for the first time. */
  untakenBytes: number | undefined
  /** Who waits for the write to be taken. */
  waiting: (() => void) | undefined
}

/** `onDrain` is called when the client took a write and nobody waits in `drained`; `onClose` once, when the connection is gone. */
export function createPacedResponse(
  response: StreamResponse,
  options: { readonly clock: Clock; readonly onDrain: () => void; readonly onClose: () => void },
): PacedResponse {
  const state: State = { response, clock: options.clock, blocked: undefined }
  response.on('drain', () => {
    if (!release(state)) options.onDrain()
  })
  response.once('close', () => {
    release(state)
    options.onClose()
  })
  // Without a listener a broken connection would end the process; 'close' follows and says all there is to say.
  response.on('error', () => undefined)
  return {
    get isBlocked() {
      return state.blocked !== undefined
    },
    get heldBytes() {
      return response.writableLength
    },
    write: (bytes) => {
      if (!response.write(bytes)) block(state)
    },
    end: (bytes) => {
      if (bytes.length > 0) response.end(bytes)
      else response.end()
      block(state)
    },
    cut: () => {
      response.destroy()
    },
    drained: () => drained(state),
    check: (tending) => (state.blocked === undefined ? Number.POSITIVE_INFINITY : check(state, state.blocked, tending)),
  }
}

function block(state: State): void {
  const nowMs = state.clock.monotonicMs()
  state.blocked ??= { progressMs: nowMs, checkAtMs: nowMs + limits.streamStallCheckMs, untakenBytes: undefined, waiting: undefined }
}

/** True when somebody was waiting, who goes on now. */
function release(state: State): boolean {
  const waiting = state.blocked?.waiting
  state.blocked = undefined
  waiting?.()
  return waiting !== undefined
}

function drained(state: State): Promise<void> {
  return new Promise((resolve) => {
    if (state.blocked === undefined) resolve()
    else state.blocked.waiting = resolve
  })
}

function check(state: State, blocked: Blocked, { nowMs, queues }: Tending): number | 'stalled' {
  if (nowMs < blocked.checkAtMs) return blocked.checkAtMs
  const untakenBytes = queues.of(state.response.socket)
  if (untakenBytes !== blocked.untakenBytes) {
    blocked.untakenBytes = untakenBytes
    blocked.progressMs = nowMs
  }
  if (nowMs - blocked.progressMs >= limits.streamStallMs) return 'stalled'
  blocked.checkAtMs = Math.min(nowMs + limits.streamStallCheckMs, blocked.progressMs + limits.streamStallMs)
  return blocked.checkAtMs
}
