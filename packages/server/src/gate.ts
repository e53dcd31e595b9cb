// Which events are admitted, precomputed from the configuration into one look-up per event. It never looks into `data`: what a
// category captures, and in how much detail, is its producer's business.
import { browserCategories, type Category, settableCategories, type TelemetryConfig } from '@tabscope/schema'

/** What is admitted of each category: all, some types, or (absent) nothing. */
export type Gate = Readonly<Partial<Record<Category, 'all' | ReadonlySet<string>>>>

/** Nothing is admitted. */
export const closedGate: Gate = {}

/** The gate of a configuration. `monitor` follows the categories that come from the browser. */
export function gateOf(config: TelemetryConfig): Gate {
  const gate: Partial<Record<Category, 'all' | ReadonlySet<string>>> = {}
  for (const category of settableCategories) {
    const { enabled, types } = config.browser[category]
    if (enabled) gate[category] = types === undefined ? 'all' : new Set(types)
  }
  if (browserCategories.some((category) => config.browser[category].enabled)) gate.monitor = 'all'
  return gate
}

/** Whether an event of this category and type is admitted. */
export function admits(gate: Gate, category: Category, type: string): boolean {
  const admitted = gate[category]
  return admitted === 'all' || (admitted?.has(type) ?? false)
}
