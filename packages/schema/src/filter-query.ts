// Which events a reader asks for in a query string. Every parameter may be repeated or comma-joined, because published
// clients do either. Bad values are errors before anything is sent; type names are open, an unknown one matches nothing.
import { type Category, categories, parseCategory } from './category.ts'
import { TelemetryError } from './errors.ts'
import type { EventFilter } from './filter.ts'
import { invalidRequest } from './issue.ts'
import { limits } from './limits.ts'
import { type DetailLevel, detailLevels, type SourceKind, sourceKinds } from './source.ts'

/** A query with repeated parameters as lists. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

/** The values of one parameter, split at commas, without blanks and doubles. */
export function valuesOf(query: Query, name: string): readonly string[] {
  const given = Object.hasOwn(query, name) ? query[name] : undefined
  if (given === undefined) return []
  const texts = typeof given === 'string' ? [given] : given
  const values = new Set(texts.flatMap((text) => text.split(',')).map((value) => value.trim()))
  values.delete('')
  if (values.size > limits.filterValues)
    throw invalidRequest(`query.${name}`, `${values.size} values, at most ${limits.filterValues} are taken`)
  return [...values]
}

/** The filter that a query asks for; parameters that no filter knows are left alone. Throws `unknown_category` and `invalid_request`. */
export function parseFilterQuery(query: Query): EventFilter {
  const chosenCategories = valuesOf(query, 'category').map(categoryNamed)
  const types = valuesOf(query, 'type')
  const kinds = valuesOf(query, 'source_kind').map(sourceKindNamed)
  const targetIds = valuesOf(query, 'target_id')
  const maxDetailLevel = detailLevelOf(query)
  return {
    ...(chosenCategories.length > 0 && { categories: new Set(chosenCategories) }),
    ...(types.length > 0 && { types: new Set(types) }),
    ...(kinds.length > 0 && { sourceKinds: new Set(kinds) }),
    ...(targetIds.length > 0 && { targetIds: new Set(targetIds) }),
    ...(maxDetailLevel !== undefined && { maxDetailLevel }),
  }
}

function categoryNamed(name: string): Category {
  const category = parseCategory(name)
  if (category !== undefined) return category
  throw new TelemetryError('unknown_category', { category: shown(name), known: categories.join(', ') })
}

function sourceKindNamed(name: string): SourceKind {
  const kind = sourceKinds.find((known) => known === name)
  if (kind !== undefined) return kind
  throw invalidRequest('query.source_kind', `${JSON.stringify(shown(name))} is not one of ${sourceKinds.join(', ')}`)
}

function detailLevelOf(query: Query): DetailLevel | undefined {
  const names = valuesOf(query, 'detail_level')
  if (names.length > 1) throw invalidRequest('query.detail_level', 'given more than once; it is the highest level wanted')
  const [name] = names
  if (name === undefined) return undefined
  const level = detailLevels.find((known) => known === name)
  if (level !== undefined) return level
  throw invalidRequest('query.detail_level', `${JSON.stringify(shown(name))} is not one of ${detailLevels.join(', ')}`)
}

function shown(name: string): string {
  return name.slice(0, limits.foreignNameBytes)
}
