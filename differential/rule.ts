// What a rule of the policy is: a difference that is right, how to know it, and why.
import type { Difference } from './compare.ts'
import type { Fact } from './facts.ts'

export type WitnessName = 'server' | 'playwright'

/** What rules may look at beyond the difference itself. */
export interface Evidence {
  readonly mode: 'passive' | 'complete'
  /** The page opens windows, workers, or frames of other sites. */
  readonly opensTargets: boolean
  /** The document that the page begins with, in a tab that was attached before: `passive` misses nothing of it. */
  readonly firstUrl: string
  readonly ours: readonly Fact[]
  readonly server: readonly Fact[]
  readonly playwright: readonly Fact[]
}

export interface Rule {
  readonly id: string
  /** What differs, for people. */
  readonly what: string
  readonly why: string
  explains(difference: Difference, evidence: Evidence): boolean
}
