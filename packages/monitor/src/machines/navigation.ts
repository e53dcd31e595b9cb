// When one navigation of a tab has settled: its layout, then all of it. One machine per tab; monitor.md, Settling.
//
//              navigated                dom_content_loaded              load, or 10 s without it
//   nowhere ─────────────▶ parsing ────────────────────────▶ loading ─────────────────────────────▶ steadying ──┐ layout_shift:
//      ▲   attached_late      │              load (DOMContentLoaded was missed)                        ▲  │  ▲     │ begins again
//      │   enters where       └────────────────────────────────────────────────────────────────────────┘  │  └─────┘
//      │   the document is;                                                                     1 s: layout_settled
//      │   bfcache_restore                                                                                ▼
//      │   enters steadying                                                                            steady
//      └── cancel, from everywhere
//
// Beside it: navigation_settled, once, when DOMContentLoaded, network_idle and layout_settled all came, or 30 s after the commit with
// `timedOut` and what was missing; a layout that settles after that is still told. `navigated` and `attached_late` begin anew from
// every state; the events of the old navigation never come. Shifts outside `steadying` change nothing.
// The state belongs to the machine and is updated in place; outputs are data. Never reads a clock: `atMs` is monotonic.
import { limits } from '@tabscope/schema'
import type { AttachedLate, Navigated, NavigationInput } from './settle-input.ts'
import type { LayoutSettledOutput, NavigationOutput, NavigationSettledOutput, SettleCondition } from './settle-output.ts'

type LayoutPhase =
  | { readonly at: 'nowhere' }
  | { readonly at: 'parsing' }
  | { readonly at: 'loading'; readonly untilMs: number }
  | { readonly at: 'steadying'; readonly untilMs: number }
  | { readonly at: 'steady' }

/** One navigation; replaced as a whole by the next. */
interface Navigation {
  readonly navSeq: number | undefined
  readonly navigationType: string | undefined
  readonly lateAttach: boolean
  /** Undefined when the commit was not seen. */
  readonly committedAtMs: number | undefined
  readonly capAtMs: number
  /** Conditions that hold. */
  readonly met: Set<SettleCondition>
  readonly metAtMs: Map<SettleCondition, number>
  loadFired: boolean | undefined
  isSettled: boolean
}

export interface NavigationState {
  layout: LayoutPhase
  navigation: Navigation | undefined
}

export interface NavigationStep {
  readonly state: NavigationState
  readonly outputs: readonly NavigationOutput[]
  /** When a `wake` is due; undefined = no timer. A wake that comes too early is harmless. */
  readonly wakeAtMs: number | undefined
  /** Why the input changed nothing, where that is not ordinary. */
  readonly refused?: 'no_navigation' | 'repeated' | 'too_late'
}

const conditions: readonly SettleCondition[] = ['page_dom_content_loaded', 'network_idle', 'page_layout_settled']
const noOutputs: readonly NavigationOutput[] = []

export function createNavigationState(): NavigationState {
  return { layout: { at: 'nowhere' }, navigation: undefined }
}

/** Runs what is due up to `atMs`, in order of time; at the same moment the layout goes before the cap. */
export function advanceNavigation(state: NavigationState, atMs: number): readonly NavigationOutput[] {
  const outputs: NavigationOutput[] = []
  for (let dueMs = navigationDueMs(state); dueMs !== undefined && dueMs <= atMs; dueMs = navigationDueMs(state)) {
    const { navigation } = state
    if (navigation === undefined) break
    const layout = layoutDueMs(state) === dueMs ? advanceLayout(state, navigation, dueMs) : undefined
    const settled = settleNavigation(navigation, { atMs: dueMs, isTimeUp: dueMs >= navigation.capAtMs })
    outputs.push(...[layout, settled].filter((output) => output !== undefined))
  }
  return outputs
}

/** The input alone, whatever is due. */
export function applyNavigation(state: NavigationState, input: NavigationInput): Pick<NavigationStep, 'outputs' | 'refused'> {
  const refused = apply(state, input)
  if (refused !== undefined) return { outputs: noOutputs, refused }
  const settled = state.navigation && settleNavigation(state.navigation, { atMs: input.atMs, isTimeUp: false })
  return { outputs: settled === undefined ? noOutputs : [settled] }
}

/** When something is due next. */
export function navigationDueMs(state: NavigationState): number | undefined {
  const layoutMs = layoutDueMs(state)
  const capMs = state.navigation === undefined || state.navigation.isSettled ? undefined : state.navigation.capAtMs
  if (layoutMs === undefined || capMs === undefined) return layoutMs ?? capMs
  return Math.min(layoutMs, capMs)
}

function layoutDueMs(state: NavigationState): number | undefined {
  return state.layout.at === 'loading' || state.layout.at === 'steadying' ? state.layout.untilMs : undefined
}

function advanceLayout(state: NavigationState, navigation: Navigation, atMs: number): LayoutSettledOutput | undefined {
  if (state.layout.at === 'loading') {
    navigation.loadFired = false
    steadyFrom(state, atMs)
    return undefined
  }
  state.layout = { at: 'steady' }
  meet(navigation, 'page_layout_settled', atMs)
  const { navSeq, navigationType, loadFired, lateAttach } = navigation
  return { kind: 'layout_settled', atMs, navSeq, navigationType, loadFired, lateAttach }
}

function steadyFrom(state: NavigationState, atMs: number): void {
  state.layout = { at: 'steadying', untilMs: atMs + limits.settleLayoutQuietMs }
}

function meet(navigation: Navigation, condition: SettleCondition, atMs?: number): void {
  if (navigation.met.has(condition)) return
  navigation.met.add(condition)
  if (atMs !== undefined) navigation.metAtMs.set(condition, atMs)
}

function settleNavigation(navigation: Navigation, moment: { atMs: number; isTimeUp: boolean }): NavigationSettledOutput | undefined {
  const { atMs, isTimeUp } = moment
  const isComplete = navigation.met.size === conditions.length
  if (navigation.isSettled || (!isComplete && !isTimeUp)) return undefined
  navigation.isSettled = true
  const { navSeq, navigationType, lateAttach, committedAtMs, metAtMs } = navigation
  const sinceCommit = (momentMs: number | undefined): number | undefined =>
    momentMs === undefined || committedAtMs === undefined ? undefined : Math.max(0, momentMs - committedAtMs)
  return {
    kind: 'navigation_settled',
    atMs,
    navSeq,
    navigationType,
    domContentLoadedMs: sinceCommit(metAtMs.get('page_dom_content_loaded')),
    networkIdleMs: sinceCommit(metAtMs.get('network_idle')),
    layoutSettledMs: sinceCommit(metAtMs.get('page_layout_settled')),
    durationMs: sinceCommit(atMs),
    timedOut: !isComplete,
    waitingFor: conditions.filter((condition) => !navigation.met.has(condition)),
    lateAttach,
  }
}

function apply(state: NavigationState, input: NavigationInput): NavigationStep['refused'] {
  if (input.kind === 'navigated') return begin(state, input)
  if (input.kind === 'attached_late') return beginLate(state, input)
  if (input.kind === 'wake') return undefined
  if (input.kind === 'cancel') {
    Object.assign(state, createNavigationState())
    return undefined
  }
  const { navigation } = state
  if (navigation === undefined) return 'no_navigation'
  switch (input.kind) {
    case 'dom_content_loaded':
      return parsed(state, navigation, input.atMs)
    case 'load':
      return loaded(state, navigation, input.atMs)
    case 'layout_shift':
      if (state.layout.at === 'steadying') steadyFrom(state, input.atMs)
      return undefined
    case 'network_idle':
      // Later bursts of a navigation are idle again; the first one counts.
      meet(navigation, 'network_idle', input.atMs)
      return undefined
    default:
      return input satisfies never
  }
}

function begin(state: NavigationState, input: Navigated): undefined {
  const { atMs, navSeq, navigationType } = input
  state.navigation = navigationFrom({ atMs, navSeq, navigationType, lateAttach: false, committedAtMs: atMs })
  state.layout = { at: 'parsing' }
  if (navigationType !== 'bfcache_restore') return
  // A restored document was parsed and loaded before; neither event comes again.
  meet(state.navigation, 'page_dom_content_loaded')
  steadyFrom(state, atMs)
}

function beginLate(state: NavigationState, input: AttachedLate): undefined {
  const { atMs, readyState, committedAtMs } = input
  const navigation = navigationFrom({ atMs, navSeq: input.navSeq, lateAttach: true, committedAtMs })
  state.navigation = navigation
  state.layout = { at: 'parsing' }
  if (readyState === 'loading') return
  // `interactive` can be a moment before DOMContentLoaded; waiting for that could be waiting for ever.
  meet(navigation, 'page_dom_content_loaded')
  if (readyState === 'interactive') state.layout = { at: 'loading', untilMs: atMs + limits.settleLoadWaitMs }
  if (readyState === 'complete') {
    navigation.loadFired = true
    steadyFrom(state, atMs)
  }
}

interface NavigationOptions {
  readonly atMs: number
  readonly navSeq: number | undefined
  readonly navigationType?: string | undefined
  readonly lateAttach: boolean
  readonly committedAtMs: number | undefined
}

function navigationFrom(options: NavigationOptions): Navigation {
  const { atMs, navSeq, navigationType, lateAttach, committedAtMs } = options
  const isSettled = false
  const capAtMs = atMs + limits.settleCapMs
  return { navSeq, navigationType, lateAttach, committedAtMs, capAtMs, met: new Set(), metAtMs: new Map(), loadFired: undefined, isSettled }
}

function parsed(state: NavigationState, navigation: Navigation, atMs: number): NavigationStep['refused'] {
  if (state.layout.at !== 'parsing') {
    // After `interactive` the event itself can still come: its time was unknown until now.
    if (navigation.metAtMs.has('page_dom_content_loaded') || !navigation.lateAttach) return 'repeated'
    navigation.metAtMs.set('page_dom_content_loaded', atMs)
    return undefined
  }
  meet(navigation, 'page_dom_content_loaded', atMs)
  state.layout = { at: 'loading', untilMs: atMs + limits.settleLoadWaitMs }
  return undefined
}

function loaded(state: NavigationState, navigation: Navigation, atMs: number): NavigationStep['refused'] {
  if (navigation.loadFired === true) return 'repeated'
  if (state.layout.at === 'steady') return 'too_late'
  // Load comes after DOMContentLoaded, so that one was missed if it did not come; its time stays unknown.
  meet(navigation, 'page_dom_content_loaded')
  navigation.loadFired = true
  steadyFrom(state, atMs)
  return undefined
}
