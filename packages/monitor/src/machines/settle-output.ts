// What a tab's settling tells, as data for events. Types only; the machines that make them are quiet.ts, navigation.ts and settle.ts.
// `atMs` is monotonic milliseconds and the moment itself, which can be before the input that told it.
import type { IgnoredRequest, settleConditions } from '@tabscope/schema'

/** What a navigation waits for, by the names of the events. */
export type SettleCondition = (typeof settleConditions)[number]

/** `network_idle`: `atMs` is when the 500 ms were over, which is never after the wake that told it. */
export interface IdleOutput {
  readonly kind: 'idle'
  readonly atMs: number
  readonly navSeq: number | undefined
  readonly idleSeq: number
  readonly lateAttach: boolean
  readonly ignored: readonly IgnoredRequest[]
}

/** `page_layout_settled`. `loadFired` is absent after a bfcache restore, which has no load event. */
export interface LayoutSettledOutput {
  readonly kind: 'layout_settled'
  readonly atMs: number
  readonly navSeq: number | undefined
  readonly navigationType: string | undefined
  readonly loadFired: boolean | undefined
  readonly lateAttach: boolean
}

/** `page_navigation_settled`. Times are milliseconds since the commit, absent where that or the thing itself was not seen. */
export interface NavigationSettledOutput {
  readonly kind: 'navigation_settled'
  readonly atMs: number
  readonly navSeq: number | undefined
  readonly navigationType: string | undefined
  readonly domContentLoadedMs: number | undefined
  readonly networkIdleMs: number | undefined
  readonly layoutSettledMs: number | undefined
  readonly durationMs: number | undefined
  readonly timedOut: boolean
  /** What had not come when the time was up; empty otherwise. */
  readonly waitingFor: readonly SettleCondition[]
  readonly lateAttach: boolean
}

export type NavigationOutput = LayoutSettledOutput | NavigationSettledOutput

/** `page_navigation_settled` with the requests that it did not wait for. */
export interface SettledOutput extends NavigationSettledOutput {
  readonly ignored: readonly IgnoredRequest[]
}

/** Everything that the machine of a tab tells. */
export type SettleOutput = IdleOutput | LayoutSettledOutput | SettledOutput
