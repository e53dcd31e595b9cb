// Browsers: created, listed, shown, changed, ended. Paths, bodies and answers are those of the published Kernel browser API.
import { type Call, pagingHeaders, readJsonBody } from '@tabscope/http'
import { limits, TelemetryError } from '@tabscope/schema'
import { changeBrowser } from '../browser-change.ts'
import type { LiveBrowser } from '../browser-life.ts'
import { end } from '../browser-life.ts'
import { createRequestOf, updateRequestOf } from '../browser-request.ts'
import { pageOf, wordIn } from '../query-values.ts'
import type { Handlers, Services } from '../services.ts'

export const browserHandlers: Handlers = {
  CreateBrowser: create,
  ListBrowsers: list,
  GetBrowser: show,
  UpdateBrowser: update,
  DeleteBrowser: remove,
}

async function create(services: Services, call: Call): Promise<Response> {
  const request = createRequestOf(await readJsonBody(call.incoming))
  const destination = destinationOf(services, request)
  const gone = new AbortController()
  const leave = (): void => gone.abort(new TelemetryError('request_aborted', {}))
  // Whoever gave up waiting asks again: what it would never learn of must not go on running.
  call.outgoing.once('close', leave)
  try {
    const browser = await services.browsers.create(request, { destination, signal: gone.signal })
    return await answer(services, browser)
  } finally {
    call.outgoing.off('close', leave)
  }
}

function destinationOf({ destinations }: Services, request: ReturnType<typeof createRequestOf>): string | undefined {
  const named = request.telemetry?.export?.otlp?.destination ?? undefined
  if (named === undefined) return undefined
  return destinations.get(named.id ?? named.name ?? '').id
}

async function answer({ browsers }: Services, browser: LiveBrowser): Promise<Response> {
  return Response.json(await browsers.view(browser), { headers: { 'cache-control': 'no-store' } })
}

async function list(services: Services, { query }: Call): Promise<Response> {
  const { browsers, region } = services
  const asked = wordIn(query, 'status', ['active', 'deleted', 'all'])
  const status = asked ?? (query.get('include_deleted') === 'true' ? 'all' : 'active')
  const regionAsked = query.get('region') ?? ''
  const fitting = browsers.all.filter((browser) => hasStatus(browser, status) && matches(browser, query))
  const page = pageOf(regionAsked === '' || regionAsked === region ? fitting : [], query, {
    fallback: limits.browserListDefault,
    most: limits.browserListMost,
  })
  const views = await Promise.all(page.items.map((browser) => browsers.view(browser)))
  return Response.json(views, { headers: { 'cache-control': 'no-store', ...pagingHeaders(page.nextOffset) } })
}

function hasStatus(browser: LiveBrowser, status: 'active' | 'deleted' | 'all'): boolean {
  return status === 'all' || (browser.at === 'running') === (status === 'active')
}

function matches({ record }: LiveBrowser, query: URLSearchParams): boolean {
  const { tags } = record
  for (const [key, value] of query) {
    const tag = /^tags\[(.+)\]$/s.exec(key)?.[1]
    if (tag !== undefined && (!Object.hasOwn(tags, tag) || tags[tag] !== value)) return false
  }
  const part = (query.get('query') ?? '').toLowerCase()
  if (part === '') return true
  const texts = [record.id, record.name ?? '', ...Object.entries(tags).flat()]
  return texts.some((text) => text.toLowerCase().includes(part))
}

async function show(services: Services, { params, query }: Call): Promise<Response> {
  const { browsers } = services
  const find = query.get('include_deleted') === 'true' ? browsers.any : browsers.active
  return answer(services, find(params['id_or_name'] ?? ''))
}

async function update(services: Services, { params, incoming }: Call): Promise<Response> {
  const request = updateRequestOf(await readJsonBody(incoming))
  const browser = services.browsers.active(params['id_or_name'] ?? '')
  await changeBrowser(services, browser, request)
  return answer(services, browser)
}

/** Ending what has ended already is fine: the answer to the first request may have been lost. */
async function remove({ browsers }: Services, { params }: Call): Promise<Response> {
  const browser = browsers.any(params['id_or_name'] ?? '')
  await end(browser, 'it was deleted')
  return new Response(null, { status: 204 })
}
