// When a tab has settled: the network's quiet and the navigation's layout as one machine, which is what a tab owns.
//
//   input ──▶ quiet ── idle ──▶ navigation ──▶ outputs, oldest first: idle, layout_settled, navigation_settled
//      └─────────────────────────▲
//
// Each input goes to the parts that know it; quiet's idle goes on to navigation. What is due is run in order of time, at the same
// moment idle first. A wake that comes later than it should means that this process was stopped or busy, with messages still unread:
// nothing fires then for a moment, so that they can be read first, once for each thing that is due.
// Every state takes every input; refusals are those of the parts. The state belongs to the machine and is updated in place.
import { limits } from '@tabscope/schema'
import {
  advanceNavigation,
  applyNavigation,
  createNavigationState,
  type NavigationState,
  type NavigationStep,
  navigationDueMs,
} from './navigation.ts'
import { advanceQuiet, applyQuiet, createQuietState, ignoredRequests, type QuietState, quietDueMs } from './quiet.ts'
import { beginsAnew, type NavigationInput, type SettleInput } from './settle-input.ts'
import type { IdleOutput, NavigationOutput, SettleOutput } from './settle-output.ts'

export type { SettleInput } from './settle-input.ts'
export type { SettleOutput } from './settle-output.ts'

export interface SettleState {
  readonly quiet: QuietState
  readonly navigation: NavigationState
  /** What was due at `givenAtMs` or before came too late to be trusted; it fires at `untilMs` if it still holds then. */
  grace: { readonly givenAtMs: number; readonly untilMs: number } | undefined
}

export interface SettleStep {
  readonly state: SettleState
  readonly outputs: readonly SettleOutput[]
  /** When to send `wake`; undefined = no timer. An earlier timer may be left to fire: a wake that comes too early is harmless. */
  readonly wakeAtMs: number | undefined
  readonly refused?: NonNullable<NavigationStep['refused']>
}

const noOutputs: readonly SettleOutput[] = []

export function createSettleState(): SettleState {
  return { quiet: createQuietState(), navigation: createNavigationState(), grace: undefined }
}

/** One input, after what is due before it. A beginning or a cancel drops what is due: nothing of the old navigation comes after it. */
export function stepSettle(state: SettleState, input: SettleInput): SettleStep {
  const due = beginsAnew(input) ? noOutputs : runDue(state, input.atMs)
  const { outputs, refused } = feed(state, input)
  const all = due.length === 0 ? outputs : [...due, ...outputs]
  const wakeAtMs = nextWakeMs(state)
  return refused === undefined ? { state, outputs: all, wakeAtMs } : { state, outputs: all, wakeAtMs, refused }
}

function runDue(state: SettleState, atMs: number): readonly SettleOutput[] {
  let outputs = noOutputs
  for (let dueMs = nextDueMs(state); dueMs !== undefined && dueMs <= atMs; dueMs = nextDueMs(state)) {
    if (mustWait(state, dueMs, atMs)) break
    if (quietDueMs(state.quiet) === dueMs) {
      for (const idle of advanceQuiet(state.quiet, dueMs)) outputs = [...outputs, idle, ...tellIdle(state, idle)]
    } else outputs = [...outputs, ...explain(state, advanceNavigation(state.navigation, dueMs))]
  }
  return outputs
}

// Gives unread messages their moment, once for everything that was due by then.
function mustWait(state: SettleState, dueMs: number, atMs: number): boolean {
  const { grace } = state
  if (grace !== undefined && dueMs <= grace.givenAtMs) return atMs < grace.untilMs
  if (atMs - dueMs <= limits.settleLateMs) return false
  state.grace = { givenAtMs: atMs, untilMs: atMs + limits.settleGraceMs }
  return true
}

function nextDueMs(state: SettleState): number | undefined {
  const quietMs = quietDueMs(state.quiet)
  const navigationMs = navigationDueMs(state.navigation)
  if (quietMs === undefined || navigationMs === undefined) return quietMs ?? navigationMs
  return Math.min(quietMs, navigationMs)
}

function nextWakeMs(state: SettleState): number | undefined {
  const dueMs = nextDueMs(state)
  if (dueMs === undefined || state.grace === undefined || dueMs > state.grace.givenAtMs) return dueMs
  return Math.max(dueMs, state.grace.untilMs)
}

function tellIdle(state: SettleState, idle: IdleOutput): readonly SettleOutput[] {
  return explain(state, applyNavigation(state.navigation, { kind: 'network_idle', atMs: idle.atMs }).outputs)
}

// Only quiet knows which requests were not waited for.
function explain(state: SettleState, outputs: readonly NavigationOutput[]): readonly SettleOutput[] {
  return outputs.map((output) =>
    output.kind === 'navigation_settled' ? { ...output, ignored: ignoredRequests(state.quiet, output.atMs) } : output,
  )
}

function feed(state: SettleState, input: SettleInput): Pick<SettleStep, 'outputs' | 'refused'> {
  switch (input.kind) {
    case 'request_started':
    case 'headers_received':
    case 'bytes_received':
    case 'request_ended':
    case 'request_moved':
    case 'session_gone':
      applyQuiet(state.quiet, input)
      return { outputs: noOutputs }
    case 'navigated':
    case 'attached_late':
    case 'dom_content_loaded':
    case 'cancel':
      applyQuiet(state.quiet, input)
      return feedNavigation(state, input)
    case 'load':
    case 'layout_shift':
      return feedNavigation(state, input)
    case 'wake':
      return { outputs: noOutputs }
    default:
      return input satisfies never
  }
}

function feedNavigation(state: SettleState, input: NavigationInput): Pick<SettleStep, 'outputs' | 'refused'> {
  const { outputs, refused } = applyNavigation(state.navigation, input)
  return refused === undefined ? { outputs: explain(state, outputs) } : { outputs: noOutputs, refused }
}
