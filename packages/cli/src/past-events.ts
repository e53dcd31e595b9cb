// Events of the past page by page, from a server or from a data folder: the same request, the same pages, the same offsets.
import { type LogFolder, openLogFolder, readHistory } from '@tabscope/log'
import { type EventFilter, limits } from '@tabscope/schema'
import { type Envelope, readEvents } from '@tabscope/sdk'
import { type FilterFlags, filterOf, queryFiltersOf } from './filter-options.ts'

export interface PastRequest {
  readonly filters: FilterFlags
  readonly order: 'asc' | 'desc'
  readonly offset: number | undefined
  /** Unix microseconds; `untilUs` is not included. */
  readonly sinceUs: number | undefined
  readonly untilUs: number | undefined
  /** How many events are wanted in all; undefined = all of them. */
  readonly limit: number | undefined
}

export interface PastPage {
  readonly events: readonly Envelope[]
  /** Where the next page begins; undefined on the last. */
  readonly nextOffset: number | undefined
}

/** As many as one page may have, or fewer when fewer are wanted. */
function sizeOf(left: number | undefined): number {
  return Math.min(left ?? limits.historyPageMost, limits.historyPageMost)
}

function rfc3339(timeUs: number | undefined): string | undefined {
  if (timeUs === undefined) return undefined
  // A Date has milliseconds; the other three digits count too.
  const digits = String(timeUs % 1_000_000).padStart(6, '0')
  return `${new Date(Math.floor(timeUs / 1e6) * 1000).toISOString().slice(0, 19)}.${digits}Z`
}

/** Pages of the server whose events have that address. */
export async function* pagesOfServer(address: URL, request: PastRequest, signal: AbortSignal): AsyncGenerator<PastPage, void, void> {
  const { filters, order, sinceUs, untilUs } = request
  let { offset, limit: left } = request
  do {
    const asked = {
      ...queryFiltersOf(filters),
      order,
      since: rfc3339(sinceUs),
      until: rfc3339(untilUs),
      offset,
      limit: sizeOf(left),
      signal,
    }
    const { items, nextOffset } = await readEvents(address, asked)
    yield { events: items, nextOffset }
    left = left === undefined ? undefined : left - items.length
    offset = nextOffset
  } while (offset !== undefined && left !== 0)
}

/** Pages of a data folder, whether or not a server writes there. */
export async function* pagesOfFolder(folder: LogFolder, request: PastRequest, signal: AbortSignal): AsyncGenerator<PastPage, void, void> {
  const filter: EventFilter = filterOf(request.filters)
  let { offset, limit: left } = request
  do {
    // Large events must not add up in memory.
    const limit = Math.min(sizeOf(left), limits.historyReadRecords)
    const { records, nextOffset } = await readHistory(folder, { ...request, filter, offset, limit, signal })
    yield { events: records.map(({ bytes }) => parseEnvelope(bytes)), nextOffset }
    left = left === undefined ? undefined : left - records.length
    offset = nextOffset
  } while (offset !== undefined && left !== 0)
}

/** Opens a folder; what cannot be read in it is said to `note`. */
export function openFolder(directory: string, note: (text: string) => void): Promise<LogFolder> {
  return openLogFolder({ directory, onDamage: (file, message) => note(`${file}: ${message}; what is missing is left out`) })
}

/** A line of the log, which the log checked. */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')) as Envelope
}
