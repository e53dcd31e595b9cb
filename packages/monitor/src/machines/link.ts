// The connection to Chromium: when to open it, when it counts as lost, when to try again. One machine per supervisor; monitor.md, Connection.
//
//            start             opened             capture_ready
//   stopped ──────▶ connecting ──────▶ preparing ──────────────▶ live
//      ▲              ▲    │ failed        │                       │
//      │ stop         │    ▼ or too long   │ closed, stalled, another endpoint
//      │ (from        │  waiting ◀─────────┴─────────┐             │
//      │ everywhere)  │    │ 250 ms … 5 s            │ failed      ▼
//                     └────┘ or another endpoint     └─────────── lost ── opened ──▶ preparing
//                        waiting ── limit of attempts ──▶ failed ── start ──▶ connecting
//
// `lost` is the first attempt after a loss, made at once. A loss is told at once when its cause is known; a closed socket has its cause told
// when that attempt succeeds (the same Chromium: the connection was lost), names another Chromium or fails (it is gone: restarted), or after
// 250 ms by what is known then. Before the first `live` nothing is told and there is no limit.
// Answers of older attempts are refused as `stale_attempt`; other pairs that make no sense as `not_now`. States are replaced, never changed.
import { limits } from '@tabscope/schema'
import type { LinkInput, LinkOutput, LossCause } from './link-input.ts'
import { checkPulse, type Pulse, pulseDueMs, startPulse } from './link-pulse.ts'

export type { LinkInput, LinkOutput, LossCause } from './link-input.ts'

/** A loss that has to be made good. */
interface Loss {
  readonly sinceMs: number
  /** The endpoint that was lost. */
  readonly endpoint: string
  /** Undefined until it was told. */
  readonly cause: LossCause | undefined
}

/** Attempts that failed in a row, and the loss that they try to make good, if there was one. */
interface Trying {
  readonly attempt: number
  readonly failures: number
  readonly loss: Loss | undefined
}

type LinkPhase =
  | { readonly at: 'stopped'; readonly attempt: number }
  | (Trying & { readonly at: 'connecting'; readonly untilMs: number })
  /** `isSameEndpoint`: the endpoint was read again and has not changed, as far as that says anything. */
  | (Trying & { readonly at: 'lost'; readonly untilMs: number; readonly loss: Loss; readonly isSameEndpoint: boolean })
  | (Trying & { readonly at: 'preparing'; readonly endpoint: string; readonly pulse: Pulse })
  | { readonly at: 'live'; readonly attempt: number; readonly endpoint: string; readonly pulse: Pulse }
  | (Trying & { readonly at: 'waiting'; readonly untilMs: number })
  | { readonly at: 'failed'; readonly attempt: number }

export interface LinkState {
  readonly phase: LinkPhase
  /** Failed attempts after a loss at which it gives up; undefined = never. */
  readonly attemptLimit: number | undefined
}

export interface LinkStep {
  readonly state: LinkState
  readonly outputs: readonly LinkOutput[]
  /** When a `wake` is due; undefined = no timer. A wake that comes too early is harmless. */
  readonly wakeAtMs: number | undefined
  readonly refused?: 'stale_attempt' | 'not_now'
}

type Change = Pick<LinkStep, 'outputs' | 'refused'> & { readonly phase: LinkPhase }
type Opening = Extract<LinkPhase, { at: 'connecting' | 'lost' }>
type Open = Extract<LinkPhase, { at: 'preparing' | 'live' }>

export function createLinkState(options: { readonly attemptLimit?: number | undefined } = {}): LinkState {
  return { phase: { at: 'stopped', attempt: 0 }, attemptLimit: options.attemptLimit }
}

/** One input. */
export function stepLink(state: LinkState, input: LinkInput): LinkStep {
  const { phase, outputs, refused } = change(state, input)
  const step = { state: { ...state, phase }, outputs, wakeAtMs: nextWakeMs(phase) }
  return refused === undefined ? step : { ...step, refused }
}

function nextWakeMs(phase: LinkPhase): number | undefined {
  switch (phase.at) {
    case 'lost':
      return phase.loss.cause === undefined ? Math.min(phase.untilMs, phase.loss.sinceMs + limits.linkCauseMs) : phase.untilMs
    case 'connecting':
    case 'waiting':
      return phase.untilMs
    case 'preparing':
    case 'live':
      return pulseDueMs(phase.pulse)
    case 'stopped':
    case 'failed':
      return undefined
    default:
      return phase satisfies never
  }
}

function change(state: LinkState, input: LinkInput): Change {
  const { phase } = state
  if ('attempt' in input && input.attempt !== phase.attempt) return refuseStale(phase, input)
  switch (input.kind) {
    case 'start':
      return phase.at === 'stopped' || phase.at === 'failed'
        ? connect({ attempt: phase.attempt, failures: 0, loss: undefined }, input.atMs)
        : refuse(phase)
    case 'stop':
      return stop(phase)
    case 'endpoint_read':
      return isOpening(phase) ? learnEndpoint(phase, input) : refuse(phase)
    case 'opened':
      return isOpening(phase) ? prepare(phase, input) : refuse(phase)
    case 'open_failed':
      return isOpening(phase) ? fail(state, phase, input.atMs) : refuse(phase)
    case 'capture_ready':
      return phase.at === 'preparing' ? becomeLive(phase, input.atMs) : refuse(phase)
    case 'closed':
      return close(state, input)
    case 'endpoint_changed':
      return changeEndpoint(phase, input)
    case 'wake':
      return wake(state, input)
    default:
      return input satisfies never
  }
}

const isOpening = (phase: LinkPhase): phase is Opening => phase.at === 'connecting' || phase.at === 'lost'
const isOpen = (phase: LinkPhase): phase is Open => phase.at === 'preparing' || phase.at === 'live'
const stay = (phase: LinkPhase): Change => ({ phase, outputs: [] })
const refuse = (phase: LinkPhase): Change => ({ phase, outputs: [], refused: 'not_now' })

// A socket that opened for an attempt that was given up belongs to nobody.
function refuseStale(phase: LinkPhase, input: Extract<LinkInput, { attempt: number }>): Change {
  return { phase, outputs: input.kind === 'opened' ? [{ kind: 'close', attempt: input.attempt }] : [], refused: 'stale_attempt' }
}

function connect(trying: Trying, atMs: number): Change {
  const attempt = trying.attempt + 1
  return { phase: { ...trying, at: 'connecting', attempt, untilMs: atMs + limits.linkOpenMs }, outputs: [{ kind: 'open', attempt }] }
}

function stop(phase: LinkPhase): Change {
  const outputs: LinkOutput[] = isOpening(phase) || isOpen(phase) ? [{ kind: 'close', attempt: phase.attempt }] : []
  return { phase: { at: 'stopped', attempt: phase.attempt }, outputs }
}

// Tells why the connection was lost, once.
function tellCause(loss: Loss | undefined, cause: LossCause, atMs: number): { loss: Loss | undefined; outputs: readonly LinkOutput[] } {
  if (loss === undefined || loss.cause !== undefined) return { loss, outputs: [] }
  return { loss: { ...loss, cause }, outputs: [{ kind: 'disconnected', atMs, cause }] }
}

function learnEndpoint(phase: Opening, input: { readonly atMs: number; readonly endpoint: string }): Change {
  if (phase.at !== 'lost') return stay(phase)
  // An address is no proof that somebody answers there; a different one is a different run of Chromium.
  if (input.endpoint === phase.loss.endpoint) return stay({ ...phase, isSameEndpoint: true })
  const { loss = phase.loss, outputs } = tellCause(phase.loss, 'chrome_restarted', input.atMs)
  return { phase: { ...phase, loss }, outputs }
}

function prepare(phase: Opening, input: { readonly atMs: number; readonly endpoint: string }): Change {
  const cause = input.endpoint === phase.loss?.endpoint ? 'connection_lost' : 'chrome_restarted'
  const { loss, outputs } = tellCause(phase.loss, cause, input.atMs)
  const { attempt, failures } = phase
  return { phase: { at: 'preparing', attempt, failures, loss, endpoint: input.endpoint, pulse: startPulse(input.atMs) }, outputs }
}

// An attempt came to nothing: wait, longer each time, or give up.
function fail(state: LinkState, trying: Trying, atMs: number): Change {
  const { loss, outputs } = tellCause(trying.loss, 'chrome_restarted', atMs)
  const { attempt } = trying
  const failures = trying.failures + 1
  if (loss !== undefined && state.attemptLimit !== undefined && failures >= state.attemptLimit) {
    return { phase: { at: 'failed', attempt }, outputs: [...outputs, { kind: 'reconnect_failed', atMs, attempts: failures }] }
  }
  const waitMs = Math.min(limits.linkRetryFirstMs * 2 ** (failures - 1), limits.linkRetryMostMs)
  return { phase: { at: 'waiting', attempt, failures, loss, untilMs: atMs + waitMs }, outputs }
}

function becomeLive(phase: Extract<LinkPhase, { at: 'preparing' }>, atMs: number): Change {
  const { attempt, endpoint, pulse, loss } = phase
  const live: LinkPhase = { at: 'live', attempt, endpoint, pulse }
  if (loss === undefined) return stay(live)
  const reconnectDurationMs = Math.max(0, Math.round(atMs - loss.sinceMs))
  return { phase: live, outputs: [{ kind: 'reconnected', atMs, reconnectDurationMs, isOtherBrowser: endpoint !== loss.endpoint }] }
}

function close(state: LinkState, input: Extract<LinkInput, { kind: 'closed' }>): Change {
  const { phase } = state
  if (phase.at === 'live') return lose(phase, { atMs: input.atMs, cause: input.isBrowserGone === true ? 'chrome_restarted' : undefined })
  return isOpening(phase) || phase.at === 'preparing' ? fail(state, phase, input.atMs) : refuse(phase)
}

// The connection is gone: tell it if the cause is known, and try again at once.
function lose(phase: Extract<LinkPhase, { at: 'live' }>, how: { readonly atMs: number; readonly cause: LossCause | undefined }): Change {
  const { atMs, cause } = how
  const attempt = phase.attempt + 1
  const loss: Loss = { sinceMs: atMs, endpoint: phase.endpoint, cause }
  const told: LinkOutput[] = cause === undefined ? [] : [{ kind: 'disconnected', atMs, cause }]
  return {
    phase: { at: 'lost', attempt, failures: 0, loss, untilMs: atMs + limits.linkOpenMs, isSameEndpoint: false },
    outputs: [...told, { kind: 'open', attempt }],
  }
}

function withClose(attempt: number, change: Change): Change {
  return { ...change, outputs: [{ kind: 'close', attempt }, ...change.outputs] }
}

function changeEndpoint(phase: LinkPhase, input: { readonly atMs: number; readonly endpoint: string }): Change {
  const { atMs, endpoint } = input
  switch (phase.at) {
    case 'stopped':
    case 'failed':
      return refuse(phase)
    case 'connecting':
    case 'lost':
      return learnEndpoint(phase, input)
    case 'waiting':
      return connect(tryingOf(phase), atMs)
    case 'preparing':
      return endpoint === phase.endpoint ? stay(phase) : withClose(phase.attempt, connect(tryingOf(phase), atMs))
    case 'live':
      return endpoint === phase.endpoint ? stay(phase) : withClose(phase.attempt, lose(phase, { atMs, cause: 'chrome_restarted' }))
    default:
      return phase satisfies never
  }
}

const tryingOf = ({ attempt, failures, loss }: Trying): Trying => ({ attempt, failures, loss })

function wake(state: LinkState, input: Extract<LinkInput, { kind: 'wake' }>): Change {
  const { phase } = state
  const { atMs } = input
  const dueMs = nextWakeMs(phase)
  if (dueMs === undefined) return refuse(phase)
  if (isOpen(phase)) return feelPulse(state, phase, input)
  if (atMs < dueMs) return stay(phase)
  if (phase.at === 'waiting') return connect(tryingOf(phase), atMs)
  if (!isOpening(phase)) return refuse(phase)
  if (atMs >= phase.untilMs) return withClose(phase.attempt, fail(state, phase, atMs))
  if (phase.at !== 'lost') return stay(phase)
  // A launcher that has no Chromium at hand gives no endpoint.
  const { loss = phase.loss, outputs } = tellCause(phase.loss, phase.isSameEndpoint ? 'connection_lost' : 'chrome_restarted', atMs)
  return { phase: { ...phase, loss }, outputs }
}

function feelPulse(state: LinkState, phase: Open, input: Extract<LinkInput, { kind: 'wake' }>): Change {
  const { pulse, verdict } = checkPulse(phase.pulse, input)
  if (verdict === 'fine') return stay({ ...phase, pulse })
  if (verdict === 'ask') return { phase: { ...phase, pulse }, outputs: [{ kind: 'probe', attempt: phase.attempt }] }
  const { atMs } = input
  return withClose(phase.attempt, phase.at === 'live' ? lose(phase, { atMs, cause: 'protocol_stalled' }) : fail(state, phase, atMs))
}
