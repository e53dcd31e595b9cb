// What a query asks of history. Which records those are is the past's to say.
import { invalidRequest, limits, parseFilterQuery, parseTimeWindow, type Query } from '@tabscope/schema'
import type { PastRequest } from '@tabscope/sinks'

/** The page that a query asks for. Throws `invalid_request` and `unknown_category`. */
export function pageRequestOf(query: Query, nowUs: number): PastRequest {
  const offset = integerOf(query, 'offset', { least: 0, most: Number.MAX_SAFE_INTEGER })
  return {
    limit: integerOf(query, 'limit', { least: 1, most: limits.historyPageMost }) ?? limits.historyPageDefault,
    // The contract's clients may send 0 for the first page.
    offset: offset === 0 ? undefined : offset,
    order: orderOf(textOf(query, 'order')),
    ...parseTimeWindow({ since: textOf(query, 'since'), until: textOf(query, 'until') }, nowUs),
    filter: parseFilterQuery(query),
  }
}

function orderOf(text: string | undefined): 'asc' | 'desc' {
  if (text === undefined || text === '' || text === 'asc') return 'asc'
  if (text === 'desc') return 'desc'
  throw invalidRequest('query.order', `${JSON.stringify(text.slice(0, 64))} is not one of asc, desc`)
}

function integerOf(query: Query, name: string, { least, most }: { least: number; most: number }): number | undefined {
  const text = textOf(query, name)
  if (text === undefined || text === '') return undefined
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw invalidRequest(`query.${name}`, `${JSON.stringify(text.slice(0, 64))} is not an integer from ${least} to ${most}`)
}

function textOf(query: Query, name: string): string | undefined {
  const value = query[name]
  if (value === undefined || typeof value === 'string') return value?.trim()
  throw invalidRequest(`query.${name}`, 'given more than once')
}
