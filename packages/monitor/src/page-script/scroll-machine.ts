// When scrolling has come to rest: one state per scrolling element, time as data. Pure; what an element is does not matter here.
//
//   (still) ──scrolled──▶ scrolling ──quiet for 300 ms──▶ settled (told once) ──▶ (still)
//                           │   ▲
//                  scrolled └───┘ begins the 300 ms again; a wake that comes late gives the events that it overtook time to come
//
// It runs inside the page, not in the collector: there it costs no message per scroll event, dies with its document, and its silence
// is the page's own. While a page's main thread is busy no scroll event is dispatched, so from outside a busy page looks like one at rest.

export interface Position {
  readonly x: number
  readonly y: number
}

interface Scrolling {
  /** Where it was before the first event. */
  readonly from: Position
  dueAtMs: number
  /** Whether a late wake was forgiven since the last event. */
  isGraced: boolean
}

export type ScrollState<Target> = Map<Target, Scrolling>

export interface ScrollRules {
  readonly quietMs: number
  /** Most elements at a time; more are not followed, and counted. */
  readonly most: number
}

export interface ScrollStep<Target> {
  readonly settled: readonly { readonly target: Target; readonly from: Position }[]
  /** When to wake it; undefined when nothing scrolls. */
  readonly wakeAtMs: number | undefined
  readonly lost: number
}

export type ScrollInput<Target> =
  | { readonly kind: 'scrolled'; readonly atMs: number; readonly target: Target; readonly before: () => Position }
  | { readonly kind: 'wake'; readonly atMs: number }

/** A wake that is later than this means that the main thread was busy: scroll events may be waiting behind it. */
const lateMs = 50
const graceMs = 100

export function stepScroll<Target>(state: ScrollState<Target>, input: ScrollInput<Target>, rules: ScrollRules): ScrollStep<Target> {
  if (input.kind === 'wake') return { settled: takeSettled(state, input.atMs), wakeAtMs: nextDue(state), lost: 0 }
  const known = state.get(input.target)
  const dueAtMs = input.atMs + rules.quietMs
  if (known === undefined && state.size >= rules.most) return { settled: [], wakeAtMs: nextDue(state), lost: 1 }
  if (known === undefined) state.set(input.target, { from: input.before(), dueAtMs, isGraced: false })
  else Object.assign(known, { dueAtMs, isGraced: false })
  return { settled: [], wakeAtMs: nextDue(state), lost: 0 }
}

function takeSettled<Target>(state: ScrollState<Target>, atMs: number): { target: Target; from: Position }[] {
  const settled: { target: Target; from: Position }[] = []
  for (const [target, scrolling] of state) {
    if (atMs < scrolling.dueAtMs) continue
    if (atMs - scrolling.dueAtMs > lateMs && !scrolling.isGraced) {
      scrolling.dueAtMs = atMs + graceMs
      scrolling.isGraced = true
      continue
    }
    state.delete(target)
    settled.push({ target, from: scrolling.from })
  }
  return settled
}

function nextDue<Target>(state: ScrollState<Target>): number | undefined {
  let next: number | undefined
  for (const { dueAtMs } of state.values()) if (next === undefined || dueAtMs < next) next = dueAtMs
  return next
}
