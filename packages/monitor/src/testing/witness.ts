// Compares what the stream tells of requests with what the page server saw: every request told, none twice, each with one end.
// The server is the witness that knows nothing of CDP; its port tells its requests from all others.

import type { PageServer } from '@tabscope/cdp/testing'
import type { EventDraft } from '@tabscope/schema'
import type { AnyDraft, Captured } from './captured.ts'

type RequestData = EventDraft<'network_request'>['data']
type ResponseData = EventDraft<'network_response'>['data']
type FailureData = EventDraft<'network_loading_failed'>['data']

/** The request events of the stream that went to this port. */
export interface Told {
  readonly requests: readonly RequestData[]
  readonly responses: readonly ResponseData[]
  readonly failures: readonly FailureData[]
}

export function toldOf(drafts: readonly AnyDraft[], port: number): Told {
  const isOurs = (url: string | undefined): boolean => url !== undefined && /^https?:/.test(url) && new URL(url).port === String(port)
  return {
    requests: dataOf(drafts, 'network_request').filter(({ url }) => isOurs(url)),
    responses: dataOf(drafts, 'network_response').filter(({ url }) => isOurs(url)),
    failures: dataOf(drafts, 'network_loading_failed').filter(({ url }) => isOurs(url)),
  }
}

/** What the stream tells once each of its requests has exactly one end, which may still be on its way. Rejects when that never comes. */
export async function toldWhole({ captured, server }: { captured: Captured; server: Pick<PageServer, 'port'> }): Promise<Told> {
  const told = (): Told => toldOf(captured.drafts, server.port)
  await captured.untilSo('one end of every request', () => oddEndings(told()).length === 0)
  return told()
}

/** The data of the events of one type. */
export function dataOf<Type extends EventDraft['type']>(drafts: readonly AnyDraft[], type: Type): EventDraft<Type>['data'][] {
  return drafts.filter((draft): draft is EventDraft<Type> => draft.type === type).map(({ data }) => data)
}

/** Responses of requests whose beginning nobody could see. */
export function lateResponses({ requests, responses }: Told): ResponseData[] {
  const started = new Set(requests.map(({ request_id }) => request_id))
  return responses.filter(({ late_attach, request_id }) => late_attach === true && !started.has(request_id))
}

/** The URL of every request that the stream tells: of its beginning, or of its response when it began unseen. In alphabetical order. */
export function toldUrls(told: Told): string[] {
  return [...told.requests, ...lateResponses(told)].map(({ url }) => url).sort()
}

/** The URL of every request that the server saw, in alphabetical order. */
export function seenUrls(server: Pick<PageServer, 'log'>): string[] {
  return server.log.map(({ host, path }) => `http://${host}${path}`).sort()
}

/** Requests that do not have exactly one end, as `url: ends/beginnings`. Hops of a redirect share an id, so both are counted. */
export function oddEndings(told: Told): string[] {
  const counts = new Map<string, { url: string; beginnings: number; ends: number }>()
  const count = (data: { request_id: string; url?: string | undefined }, beginnings: number, ends: number): void => {
    const known = counts.get(data.request_id) ?? { url: data.url ?? '', beginnings: 0, ends: 0 }
    counts.set(data.request_id, { ...known, beginnings: known.beginnings + beginnings, ends: known.ends + ends })
  }
  for (const request of told.requests) count(request, 1, 0)
  for (const response of lateResponses(told)) count(response, 1, 0)
  // A response told at its headers is the end of its request's story; that it broke off later is told all the same.
  const streams = new Set(told.responses.filter(({ body_complete }) => body_complete === false).map(({ request_id }) => request_id))
  for (const end of [...told.responses, ...told.failures.filter(({ request_id }) => !streams.has(request_id))]) count(end, 0, 1)
  return [...counts.values()]
    .filter(({ beginnings, ends }) => beginnings !== ends)
    .map(({ url, beginnings, ends }) => `${url}: ${ends}/${beginnings}`)
}
