// Differences that are right, each with its reason. Whatever is not explained here fails the run. docs/completeness.md holds the same
// table; a test compares them.
import type { Difference } from './compare.ts'
import { playwrightRules } from './policy-playwright.ts'
import { serverRules } from './policy-server.ts'
import type { Evidence, Rule, WitnessName } from './rule.ts'

export const rulesOf: Readonly<Record<WitnessName, readonly Rule[]>> = { server: serverRules, playwright: playwrightRules }

/** The first rule that explains the difference. */
export function explain(witness: WitnessName, difference: Difference, evidence: Evidence): Rule | undefined {
  return rulesOf[witness].find((rule) => rule.explains(difference, evidence))
}
