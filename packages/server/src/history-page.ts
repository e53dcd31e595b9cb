// One page of history: what the query asks for, and the records in the bounds of a page. Which records those are is history.ts's to say.
import type { HistoryOptions, HistoryPage } from '@tabscope/log'
import {
  type EventFilter,
  type EventRecord,
  invalidRequest,
  limits,
  parseFilterQuery,
  parseTimeWindow,
  type Query,
  TelemetryError,
} from '@tabscope/schema'
import { type Past, readPast } from './history.ts'

/** What one page is asked for. */
export interface PageRequest {
  readonly limit: number
  readonly offset: number | undefined
  readonly order: 'asc' | 'desc'
  readonly sinceUs?: number
  readonly untilUs?: number
  readonly filter: EventFilter
}

export interface Page {
  readonly records: readonly EventRecord[]
  /** Undefined on the last page. */
  readonly nextOffset: number | undefined
}

/** The page that a query asks for. Throws `invalid_request` and `unknown_category`. */
export function pageRequestOf(query: Query, nowUs: number): PageRequest {
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

/** Reads the page; it ends early when it would be larger than `limits.historyPageBytes`. Rejects with the signal's reason. */
export async function readPage(past: Past, request: PageRequest, signal: AbortSignal): Promise<Page> {
  const { log } = past
  // Whoever published something may look for it here at once.
  if (log.durableSeq < log.seq) await log.flush()
  const records: EventRecord[] = []
  let bytes = 0
  let offset = request.offset
  do {
    const limit = Math.min(request.limit - records.length, limits.historyReadRecords)
    const part = await readPart(past, { ...request, limit, offset, signal }, records.length > 0)
    if (part === undefined) break
    for (const record of part.records) bytes += record.bytes.length
    records.push(...part.records)
    offset = part.nextOffset
  } while (offset !== undefined && records.length < request.limit && bytes < limits.historyPageBytes)
  return { records, nextOffset: offset }
}

/** Undefined when the archive cannot be read and the page has something already: who asks for the next page is told why there is none. */
async function readPart(past: Past, options: HistoryOptions, hasSome: boolean): Promise<HistoryPage | undefined> {
  try {
    return await readPast(past, options)
  } catch (error) {
    if (hasSome && error instanceof TelemetryError && error.code === 'archive_unreachable') return undefined
    throw error
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
