// The commands that have no answer yet, each with its deadline. One timer serves all of them.
// It never sends anything and never throws; it is bounded, and says so to the command that came too many.
import type { CancelTimer, Clock } from '@tabscope/schema'
import type { CdpAnswer } from './message.ts'

/** What is called when a command has ended, with the time at which that became known. */
export type AnswerHandler = (answer: CdpAnswer, receivedAtUs: number, receivedAtMs: number) => void

interface Entry {
  readonly method: string
  readonly timeoutMs: number
  readonly dueAtMs: number
  readonly done: AnswerHandler | undefined
}

interface State {
  readonly clock: Clock
  readonly entries: Map<number, Entry>
  cancelTimer: CancelTimer | undefined
  /** When the timer fires; Infinity when none is set. */
  timerAtMs: number
}

export interface Pending {
  /** How many commands are open. */
  size(): number
  add(id: number, command: { method: string; timeoutMs: number; done: AnswerHandler | undefined }): void
  /** Ends command `id`. An id that nobody waits for (late, or never ours) is ignored. */
  settle(id: number, answer: CdpAnswer, receivedAtUs: number, receivedAtMs: number): void
  /** Ends all of them with `closed`. */
  closeAll(cause: string): void
}

export function createPending(clock: Clock): Pending {
  const state: State = { clock, entries: new Map(), cancelTimer: undefined, timerAtMs: Number.POSITIVE_INFINITY }
  return {
    size: () => state.entries.size,
    add: (id, { method, timeoutMs, done }) => {
      const dueAtMs = clock.monotonicMs() + timeoutMs
      state.entries.set(id, { method, timeoutMs, dueAtMs, done })
      if (dueAtMs < state.timerAtMs) armTimer(state, dueAtMs)
    },
    settle: (id, answer, receivedAtUs, receivedAtMs) => {
      const entry = state.entries.get(id)
      if (entry === undefined) return
      state.entries.delete(id)
      // The timer stays: firing once for nothing is cheaper than setting it anew for each answer.
      entry.done?.(answer, receivedAtUs, receivedAtMs)
    },
    closeAll: (cause) => closeAll(state, cause),
  }
}

function armTimer(state: State, atMs: number): void {
  state.cancelTimer?.()
  state.timerAtMs = atMs
  state.cancelTimer = state.clock.schedule(atMs, () => expire(state))
}

function expire(state: State): void {
  const nowMs = state.clock.monotonicMs()
  const nowUs = state.clock.wallUs()
  state.cancelTimer = undefined
  state.timerAtMs = Number.POSITIVE_INFINITY
  const due = [...state.entries].filter(([, entry]) => entry.dueAtMs <= nowMs)
  for (const [id, entry] of due) {
    if (!state.entries.delete(id)) continue
    entry.done?.({ ok: false, code: 'timeout', message: `${entry.method}: no answer within ${entry.timeoutMs} ms` }, nowUs, nowMs)
  }
  let nextMs = Number.POSITIVE_INFINITY
  for (const entry of state.entries.values()) nextMs = Math.min(nextMs, entry.dueAtMs)
  if (nextMs < state.timerAtMs) armTimer(state, nextMs)
}

function closeAll(state: State, cause: string): void {
  state.cancelTimer?.()
  state.cancelTimer = undefined
  state.timerAtMs = Number.POSITIVE_INFINITY
  const nowUs = state.clock.wallUs()
  const nowMs = state.clock.monotonicMs()
  const entries = [...state.entries.values()]
  state.entries.clear()
  for (const entry of entries) entry.done?.({ ok: false, code: 'closed', message: `${entry.method}: ${cause}` }, nowUs, nowMs)
}
