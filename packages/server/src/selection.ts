// What one stream client wants to get: a filter, and the event that ends its stream. It chooses among captured events only.
import { type EventFilter, type EventRecord, matchesEverything, matchesFilter } from '@tabscope/schema'

export interface Selection {
  readonly filter: EventFilter
  /** The stream ends after the first event of one of these types: the wait-for API. */
  readonly untilTypes: ReadonlySet<string> | undefined
}

/** Whether every event is wanted and none ends the stream, so that nothing needs to be looked at. */
export function wantsEverything(selection: Selection): boolean {
  return selection.untilTypes === undefined && matchesEverything(selection.filter)
}

/** Whether the event passes the filter. */
export function isWanted(selection: Selection, record: EventRecord): boolean {
  return matchesFilter(selection.filter, record)
}

/**
 * Whether the stream ends with this event, which is then sent as well: it is the answer that was waited for. It has to match what the
 * filter says of where it comes from (target, source, level), but not `type` and `category`: who wants the console until the
 * network is idle filters by the one and waits for the other.
 */
export function endsStream(selection: Selection, record: EventRecord): boolean {
  if (selection.untilTypes === undefined || !selection.untilTypes.has(record.type)) return false
  const { categories: _categories, types: _types, ...origin } = selection.filter
  return matchesFilter(origin, record)
}

/** A name that two selections share exactly when they want the same events. */
export function selectionKey({ filter, untilTypes }: Selection): string {
  const sorted = (values: ReadonlySet<string> | undefined): readonly string[] | undefined =>
    values === undefined ? undefined : [...values].sort()
  return JSON.stringify([
    sorted(filter.categories),
    sorted(filter.types),
    sorted(filter.sourceKinds),
    sorted(filter.targetIds),
    filter.maxDetailLevel,
    sorted(untilTypes),
  ])
}
