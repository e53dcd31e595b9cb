// Whether a value is an envelope as the registry describes it: for tests, tools and clients that want to be sure.
// Never on the hot path and never throws. Unknown fields and unknown types are fine: readers must accept both.
import type { Category } from './category.ts'
import type { EventDefinition } from './define-event.ts'
import { envelopeSchema } from './envelope.ts'
import { type Issue, issuesFrom } from './issue.ts'
import { isDeeperThan } from './json-depth.ts'
import { limits } from './limits.ts'
import { definitionOf } from './registry.ts'

/** What is wrong with a value that should be an envelope; nothing when it is one. */
export function validateEnvelope(value: unknown): readonly Issue[] {
  // A validator that recurses would overflow on a value that is nested without end.
  if (isDeeperThan(value, limits.validatedDepth)) {
    return [{ path: '', code: 'too_deep', message: `nested deeper than ${limits.validatedDepth} levels` }]
  }
  const envelope = envelopeSchema.safeParse(value)
  if (!envelope.success) return issuesFrom(envelope.error, '')
  const { event } = envelope.data
  const definition = definitionOf(event.type)
  if (definition === undefined) return []
  return [...categoryIssues(definition, event.category), ...dataIssues(definition, event)]
}

function categoryIssues(definition: EventDefinition, category: Category): readonly Issue[] {
  if (category === definition.category) return []
  return [{ path: 'event.category', code: 'wrong_category', message: `expected ${definition.category}, received ${category}` }]
}

function dataIssues(
  definition: EventDefinition,
  event: { readonly data?: unknown; readonly truncated?: boolean | undefined },
): readonly Issue[] {
  const { data } = event
  const isCut = event.truncated === true
  // The last tier of cutting leaves `null`, but not for types that promise their data.
  if ((data === undefined || data === null) && !definition.dataRequired && (isCut || definition.data.safeParse({}).success)) return []
  const result = definition.data.safeParse(data)
  return result.success ? [] : issuesFrom(result.error, 'event.data')
}
