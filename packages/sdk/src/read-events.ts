// Events of the past of one server, by its address: for who has no control plane before it. Of a browser by its id, see telemetry.ts.
import { APIError, errorOfAnswer, errorOfNoAnswer } from './api-errors.ts'
import { isEnvelope } from './envelope-frame.ts'
import type { Envelope } from './event-types.ts'
import { type PagePromise, paged } from './page.ts'
import { queryOf } from './query.ts'
import { readJson } from './read-json.ts'
import type { StreamFilters } from './stream-url.ts'

export interface ReadEventsOptions extends Omit<StreamFilters, 'untilType'> {
  /** Events of one page: 1 to 1000. */
  readonly limit?: number | undefined
  /** Where a page begins: `nextOffset` of the one before. Not a `seq`. */
  readonly offset?: number | undefined
  readonly order?: 'asc' | 'desc' | undefined
  /** RFC 3339, or how long ago, such as `5m`. */
  readonly since?: string | undefined
  /** The same forms; exclusive. */
  readonly until?: string | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** The events at `…/telemetry/events`, page by page. Throws an `APIError`, or the signal's reason. */
export function readEvents(address: string | URL, options: ReadEventsOptions = {}): PagePromise<Envelope> {
  return paged((offset = options.offset) => ask(urlOf(address, { ...options, offset }), options), parseEvent)
}

/** What the address says in its query already stays. */
function urlOf(address: string | URL, options: ReadEventsOptions): URL {
  const url = new URL(address)
  const { limit, offset, order, since, until, category, type, sourceKind, targetId, detailLevel } = options
  const filters = { category, type, source_kind: sourceKind, target_id: targetId, detail_level: detailLevel }
  for (const [name, value] of queryOf({ limit, offset, order, since, until, ...filters })) url.searchParams.append(name, value)
  return url
}

async function ask(
  url: URL,
  { fetch = globalThis.fetch, headers = {}, signal }: ReadEventsOptions,
): Promise<{ value: unknown; headers: Headers }> {
  let response: Response
  try {
    response = await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    signal?.throwIfAborted()
    throw errorOfNoAnswer(url.origin, error)
  }
  if (!response.ok) throw await errorOfAnswer(response)
  return { value: await readJson(response), headers: response.headers }
}

function parseEvent(value: unknown): Envelope {
  if (isEnvelope(value)) return value
  throw new APIError('malformed_answer', `An event is not what it should be: ${JSON.stringify(value).slice(0, 200)}`)
}
