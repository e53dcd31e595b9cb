// What a translator is: CDP messages of one domain in, steps out. A step is data; session-monitor.ts alone carries it out.
// A translator never publishes, never sends and never reads a clock.
import type { EventDraft } from '@tabscope/schema'
import type { SettleInput } from './machines/settle.ts'
import type { SessionScope } from './session-scope.ts'
import type { Stamp } from './stamp.ts'
import type { Tab } from './tabs/tab.ts'

/** The answer to a question of a translator; `refused` when it was never asked because too many were waiting. */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: 'rejected' | 'timeout' | 'closed' | 'refused'; readonly message: string }

/** A question that a translator asks its session; what the answer means comes back as another step. */
export interface Question {
  readonly method: string
  readonly params?: object
  readonly timeoutMs?: number
  /** Set for large answers: few are asked for at a time, and only while their expected sizes fit a bound together. */
  readonly expectedBytes?: number
  /** What is kept in memory for its answer, meanwhile. */
  readonly keptBytes?: number
  /** A refusal is nothing to report: what it asks for may have ended meanwhile. */
  readonly mayFail?: boolean
  readonly answered: (answer: Answer, stamp: Stamp) => Step | undefined
}

/** Something that a tab's settling has to know. */
export interface TabSignal {
  readonly tab: Tab
  readonly input: SettleInput
}

/** Something that was left out and is counted; one event a second tells how much. */
export interface Cut {
  /** For `monitor_degraded`, such as `rate_limited`. */
  readonly what: string
  /** Of what, for people. */
  readonly detail: string
  readonly count: number
}

/** What follows from one input. Parts are carried out in the order of the fields; absent parts are nothing. */
export interface Step {
  readonly drafts?: readonly EventDraft[] | undefined
  readonly signals?: readonly TabSignal[] | undefined
  readonly questions?: readonly Question[] | undefined
  readonly cuts?: readonly Cut[] | undefined
}

/** Handles one CDP method of a captured session. `params` is whatever Chromium sent: trust no field to be there. */
export type Handler = (scope: SessionScope, params: never, stamp: Stamp) => Step | undefined

/** The methods that a translator understands. */
export type HandlerTable = Readonly<Record<string, Handler>>

/** Joins the steps that are there into one. */
export function joinSteps(...steps: readonly (Step | undefined)[]): Step | undefined {
  let joined: Step | undefined
  for (const step of steps) joined = joined === undefined ? step : step === undefined ? joined : join(joined, step)
  return joined
}

function join(first: Step, second: Step): Step {
  return {
    drafts: joinLists(first.drafts, second.drafts),
    signals: joinLists(first.signals, second.signals),
    questions: joinLists(first.questions, second.questions),
    cuts: joinLists(first.cuts, second.cuts),
  }
}

// Most parts of most steps are empty, so most joining is taking the other one.
function joinLists<Item>(first: readonly Item[] | undefined, second: readonly Item[] | undefined): readonly Item[] | undefined {
  if (first === undefined || first.length === 0) return second
  return second === undefined || second.length === 0 ? first : [...first, ...second]
}
