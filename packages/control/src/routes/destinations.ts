// OTLP destinations: made, listed, shown, changed, forgotten. No answer has the value of a header.
import { type Call, pagingHeaders, readJsonBody } from '@tabscope/http'
import { type Destination, limits } from '@tabscope/schema'
import { figuresOfDestination } from '../destination-figures.ts'
import { type DestinationRecord, destinationView } from '../destinations.ts'
import { pageOf } from '../query-values.ts'
import type { Handlers, Services } from '../services.ts'

export const destinationHandlers: Handlers = {
  CreateDestination: async (services, call) => answer(services, await services.destinations.create(await readJsonBody(call.incoming))),
  ListDestinations: list,
  GetDestination: (services, call) => answer(services, services.destinations.get(idOf(call))),
  UpdateDestination: async (services, call) =>
    answer(services, await services.destinations.update(idOf(call), await readJsonBody(call.incoming))),
  DeleteDestination: remove,
}

function idOf({ params }: Call): string {
  return params['id_or_name'] ?? ''
}

function view({ browsers }: Services, record: DestinationRecord): Destination {
  return destinationView(record, figuresOfDestination(browsers, record))
}

function answer(services: Services, record: DestinationRecord): Response {
  return Response.json(view(services, record), { headers: { 'cache-control': 'no-store' } })
}

function list(services: Services, { query }: Call): Response {
  const { destinations } = services
  const name = query.get('name') ?? ''
  const part = (query.get('query') ?? '').toLowerCase()
  const fitting = destinations.all.filter(
    (record) =>
      (name === '' || record.name === name) &&
      (part === '' || [record.id, record.name, record.endpoint].some((text) => text.toLowerCase().includes(part))),
  )
  const page = pageOf(fitting, query, { fallback: limits.browserListDefault, most: limits.browserListMost })
  return Response.json(
    page.items.map((record) => view(services, record)),
    { headers: { 'cache-control': 'no-store', ...pagingHeaders(page.nextOffset) } },
  )
}

async function remove({ browsers, destinations }: Services, call: Call): Promise<Response> {
  const isUsed = (id: string): boolean => browsers.all.some((browser) => browser.at !== 'ended' && browser.record.destination === id)
  await destinations.remove(idOf(call), isUsed)
  return new Response(null, { status: 204 })
}
