// The address of a stream with its filters and its start in the query. Pure.
import { queryOf } from './query.ts'

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

/** The parameters. Gaps are asked for as frames: a comment is nobody's. */
export function streamQuery({ filters, replayAll }: StreamStart): URLSearchParams {
  return queryOf({
    category: filters.category,
    type: filters.type,
    source_kind: filters.sourceKind,
    target_id: filters.targetId,
    detail_level: filters.detailLevel,
    until_type: filters.untilType,
    gaps: 'event',
    replay: replayAll ? 'all' : undefined,
  })
}

/** `base` with our parameters added; what its query says already stays. */
export function streamUrl(base: string | URL, start: StreamStart): URL {
  const url = new URL(base)
  const query = streamQuery(start)
  for (const name of ['gaps', 'replay']) if (query.has(name)) url.searchParams.delete(name)
  for (const [name, value] of query) url.searchParams.append(name, value)
  return url
}
