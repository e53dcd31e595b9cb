// The address of a stream with its filters and its start in the query. Pure.

/** What one reader wants to get; all given parts must match. See the stream's filters in docs/reference. */
export interface StreamFilters {
  readonly category?: readonly string[] | undefined
  readonly type?: readonly string[] | undefined
  readonly sourceKind?: readonly string[] | undefined
  readonly targetId?: readonly string[] | undefined
  /** Events captured at a higher level than this are left out. */
  readonly detailLevel?: string | undefined
  /** The stream ends after the first event of one of these types. */
  readonly untilType?: readonly string[] | undefined
}

export interface StreamStart {
  readonly filters: StreamFilters
  readonly replayAll: boolean
}

/** `base` with our parameters added; what its query says already stays. Gaps are asked for as frames: a comment is nobody's. */
export function streamUrl(base: string | URL, { filters, replayAll }: StreamStart): URL {
  const url = new URL(base)
  const add = (name: string, values: readonly string[] | undefined): void => {
    for (const value of values ?? []) url.searchParams.append(name, value)
  }
  add('category', filters.category)
  add('type', filters.type)
  add('source_kind', filters.sourceKind)
  add('target_id', filters.targetId)
  add('detail_level', filters.detailLevel === undefined ? undefined : [filters.detailLevel])
  add('until_type', filters.untilType)
  url.searchParams.set('gaps', 'event')
  if (replayAll) url.searchParams.set('replay', 'all')
  return url
}
