// The two paging headers of the published contract. `X-Has-More` is on every page; `X-Next-Offset` only when there is a next one,
// because a client that finds it together with a missing or contradictory `X-Has-More` goes on for ever or fails.

/** Headers of one page; `nextOffset` is absent on the last one. */
export function pagingHeaders(nextOffset: number | undefined): Record<string, string> {
  if (nextOffset === undefined) return { 'X-Has-More': 'false' }
  return { 'X-Has-More': 'true', 'X-Next-Offset': String(nextOffset) }
}

/** The headers that scripts of other origins may read when CORS lets them in. */
export const pagingHeaderNames = ['X-Has-More', 'X-Next-Offset'] as const
