// Whether an open connection still works. Any message shows that it does; only silence is asked about, with one question.
//
//            5 s of silence: ask                5 s of silence after it
//   hearing ─────────────────────▶ asked ─────────────────────────────▶ stalled
//      ▲                            │ ▲ │
//      └───────── any message ──────┘ └─┘ looked at too late: the answer may be there, unread, so ask again
//
// Pure; time is `atMs`. Follows monitor.md, Connection.
import { limits } from '@tabscope/schema'

/** When the socket was last known to work, and when the question went out that waits for an answer. */
export interface Pulse {
  readonly heardAtMs: number
  readonly askedAtMs: number | undefined
}

export interface PulseCheck {
  readonly pulse: Pulse
  readonly verdict: 'fine' | 'ask' | 'stalled'
}

export function startPulse(atMs: number): Pulse {
  return { heardAtMs: atMs, askedAtMs: undefined }
}

/** When the pulse has to be looked at next. */
export function pulseDueMs(pulse: Pulse): number {
  return pulse.askedAtMs === undefined ? pulse.heardAtMs + limits.linkProbeMs : pulse.askedAtMs + limits.linkProbeAnswerMs
}

/** Looks at the pulse; `lastMessageAtMs` is when the last message was received, if any was. */
export function checkPulse(pulse: Pulse, now: { readonly atMs: number; readonly lastMessageAtMs?: number | undefined }): PulseCheck {
  const { atMs } = now
  const heardAtMs = Math.max(pulse.heardAtMs, now.lastMessageAtMs ?? pulse.heardAtMs)
  const isAnswered = pulse.askedAtMs === undefined || heardAtMs > pulse.askedAtMs
  const current: Pulse = { heardAtMs, askedAtMs: isAnswered ? undefined : pulse.askedAtMs }
  const dueMs = pulseDueMs(current)
  if (atMs < dueMs) return { pulse: current, verdict: 'fine' }
  const isLate = atMs - dueMs > limits.settleLateMs
  if (isAnswered || isLate) return { pulse: { heardAtMs, askedAtMs: atMs }, verdict: 'ask' }
  return { pulse: current, verdict: 'stalled' }
}
