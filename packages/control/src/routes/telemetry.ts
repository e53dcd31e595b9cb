// Telemetry of a browser for clients that do not go to its server themselves: the live stream and requests of the browser handed on, history
// also of browsers that have ended.
import { type Call, pagingHeaders, queryRecord, readBody } from '@tabscope/http'
import { type EventRecord, invalidRequest, limits, parseFilterQuery, parseTimeWindow, TelemetryError } from '@tabscope/schema'
import type { PastRequest } from '@tabscope/sinks'
import type { LiveBrowser } from '../browser-life.ts'
import { forward } from '../forward.ts'
import { integerIn, wordIn } from '../query-values.ts'
import { ask } from '../server-client.ts'
import type { Handlers, Services } from '../services.ts'

export const telemetryHandlers: Handlers = {
  StreamBrowserTelemetry: stream,
  ReadBrowserTelemetryEvents: showPage,
  CurlBrowser: curl,
}

async function stream({ browsers, clock }: Services, call: Call): Promise<Response> {
  const access = await browsers.accessTo(browsers.any(call.params['id_or_name'] ?? ''))
  const lastEventId = call.incoming.headers['last-event-id']
  const headers = { accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }) }
  return forward(call, access, { method: call.method, path: `/telemetry/stream${searchOf(call.query)}`, headers, clock })
}

async function curl({ browsers, clock }: Services, call: Call): Promise<Response> {
  const body = await readBody(call.incoming)
  const access = await browsers.accessTo(browsers.any(call.params['id_or_name'] ?? ''))
  return forward(call, access, { method: 'POST', path: '/curl', body, clock })
}

/** A token that somebody sends along is not ours to hand on. */
function searchOf(query: URLSearchParams): string {
  const kept = new URLSearchParams(query)
  kept.delete('jwt')
  return kept.size === 0 ? '' : `?${kept}`
}

async function showPage(services: Services, call: Call): Promise<Response> {
  const asked = pageRequestOf(call.query, services.clock.wallUs())
  const browser = services.browsers.any(call.params['id_or_name'] ?? '')
  if (!browser.record.isStored) return Response.json([], { headers: pagingHeaders(undefined) })
  if (browser.at === 'running') {
    const page = await livePage(services, browser, asked)
    if (page !== undefined) return page
  }
  await browser.ended
  const gone = new AbortController()
  call.outgoing.once('close', () => gone.abort(new TelemetryError('request_aborted', {})))
  const place = { id: browser.id, directory: services.store.eventsFolder(browser.id) }
  const page = await services.archive.read(place, asked.archive, gone.signal)
  return new Response(`[${page.records.map(textOf).join(',')}]`, {
    headers: { 'content-type': 'application/json', ...pagingHeaders(page.nextOffset) },
  })
}

function textOf({ bytes }: EventRecord): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** The page from the browser's server; undefined when the browser ended over it, and its archive is to be read. */
async function livePage({ browsers, clock }: Services, browser: LiveBrowser, { query }: PageRequest): Promise<Response | undefined> {
  try {
    const answer = await ask(await browsers.accessTo(browser), { method: 'GET', path: `/telemetry/events?${query}` }, { clock })
    const { 'content-type': type = 'application/json', 'x-has-more': more = 'false', 'x-next-offset': next } = answer.headers
    const paging = { 'X-Has-More': String(more), ...(next === undefined ? {} : { 'X-Next-Offset': String(next) }) }
    return new Response(Buffer.from(answer.body), { status: answer.status, headers: { 'content-type': type, ...paging } })
  } catch (error) {
    if (browser.at === 'running') throw error
    return undefined
  }
}

interface PageRequest {
  /** For the browser's server. */
  readonly query: URLSearchParams
  readonly archive: PastRequest
}

/** With the contract's own defaults: 20 events, of the last five minutes unless a page is continued or read from its end. */
function pageRequestOf(query: URLSearchParams, nowUs: number): PageRequest {
  const limit = integerIn(query, 'limit', { least: 1, most: limits.browserHistoryMost }) ?? limits.browserHistoryDefault
  const asked = integerIn(query, 'offset', { least: 0, most: Number.MAX_SAFE_INTEGER })
  // The contract's clients may send 0 for the first page.
  const offset = asked === 0 ? undefined : asked
  const order = wordIn(query, 'order', ['asc', 'desc']) ?? 'asc'
  const given = query.get('since') ?? ''
  if (order === 'desc' && given !== '') throw invalidRequest('query.since', 'not together with order=desc')
  const isOpen = offset !== undefined || order === 'desc'
  const since = isOpen ? '' : given === '' ? `${limits.browserHistoryWindowMs}ms` : given
  const until = query.get('until') ?? ''
  const window = parseTimeWindow({ since, until }, nowUs)
  const filter = parseFilterQuery(queryRecord(query))
  const handedOn = new URLSearchParams(query)
  for (const name of ['jwt', 'since', 'offset', 'limit', 'order']) handedOn.delete(name)
  handedOn.set('limit', String(limit))
  handedOn.set('order', order)
  if (offset !== undefined) handedOn.set('offset', String(offset))
  if (since !== '') handedOn.set('since', since)
  return { query: handedOn, archive: { limit, offset, order, ...window, filter } }
}
