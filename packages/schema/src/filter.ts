// What one reader wants to get. A filter chooses among captured events; it never switches a producer on.
import type { Category } from './category.ts'
import type { EventRecord } from './envelope.ts'
import { type DetailLevel, detailRank, type SourceKind } from './source.ts'

/** All given parts must match; an absent part matches everything. Type names are open: an unknown one matches nothing. */
export interface EventFilter {
  readonly categories?: ReadonlySet<Category>
  readonly types?: ReadonlySet<string>
  readonly sourceKinds?: ReadonlySet<SourceKind>
  readonly targetIds?: ReadonlySet<string>
  /** Events captured at a higher level than this are left out. */
  readonly maxDetailLevel?: DetailLevel
}

/** The parts of a record that a filter looks at. */
export type Filterable = Pick<EventRecord, 'type' | 'category' | 'sourceKind' | 'targetId' | 'detailLevel'>

/** True when no part is given, so that a caller can skip matching altogether. */
export function matchesEverything(filter: EventFilter): boolean {
  return (
    filter.categories === undefined &&
    filter.types === undefined &&
    filter.sourceKinds === undefined &&
    filter.targetIds === undefined &&
    filter.maxDetailLevel === undefined
  )
}

/** Whether the record passes every given part of the filter. */
export function matchesFilter(filter: EventFilter, record: Filterable): boolean {
  if (filter.categories !== undefined && !filter.categories.has(record.category)) return false
  if (filter.types !== undefined && !filter.types.has(record.type)) return false
  if (filter.sourceKinds !== undefined && !filter.sourceKinds.has(record.sourceKind)) return false
  if (filter.targetIds !== undefined && (record.targetId === undefined || !filter.targetIds.has(record.targetId))) return false
  return filter.maxDetailLevel === undefined || detailRank(record.detailLevel) <= detailRank(filter.maxDetailLevel)
}
