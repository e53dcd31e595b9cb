// The browsers of a control plane: create, find, change, end, and requests through their own network stack.
import type { Browser, BrowserCreateParams, BrowserListParams, BrowserUpdateParams, CurlParams, CurlResult } from './browser-types.ts'
import { type PagePromise, paged } from './page.ts'
import { browserPath } from './paths.ts'
import { queryOf } from './query.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'
import { type RequestOptions, send, sendForJson, type TransportOptions } from './transport.ts'

export interface Browsers {
  /** Starts a browser; answers when it is ready. A repeat after a lost answer can start a second one: `maxRetries: 0` rules that out. */
  create(params?: BrowserCreateParams, options?: RequestOptions): Promise<Browser>
  retrieve(idOrName: string, params?: { include_deleted?: boolean }, options?: RequestOptions): Promise<Browser>
  list(params?: BrowserListParams, options?: RequestOptions): PagePromise<Browser>
  update(idOrName: string, params: BrowserUpdateParams, options?: RequestOptions): Promise<Browser>
  /** Ends it. Its streams end cleanly, its events stay readable. */
  delete(idOrName: string, options?: RequestOptions): Promise<void>
  /** The name that the published clients have for `delete`. */
  deleteByID(idOrName: string, options?: RequestOptions): Promise<void>
  /** A request with the browser's cookies, proxy and user agent. */
  curl(id: string, params: CurlParams, options?: RequestOptions): Promise<CurlResult>
  readonly telemetry: Telemetry
}

export function createBrowsers(transport: TransportOptions): Browsers {
  const ask = async <Answer>(call: { method: string; path: string; body?: unknown; query?: URLSearchParams } & RequestOptions) =>
    (await sendForJson(transport, call)).value as Answer
  const end = (idOrName: string, options: RequestOptions = {}): Promise<void> =>
    send(transport, { ...options, method: 'DELETE', path: browserPath(idOrName), accept: '*/*' }, discard)
  return {
    create: (params = {}, options = {}) => ask<Browser>({ ...options, method: 'POST', path: '/browsers', body: params }),
    retrieve: async (idOrName, params = {}, options = {}) =>
      ask<Browser>({ ...options, method: 'GET', path: browserPath(idOrName), query: queryOf(params) }),
    list: ({ limit, offset: first, status, query, tags } = {}, options = {}) =>
      paged(
        (offset = first) =>
          sendForJson(transport, { ...options, method: 'GET', path: '/browsers', query: queryOf({ limit, offset, status, query, tags }) }),
        (item) => item as Browser,
      ),
    update: async (idOrName, params, options = {}) =>
      ask<Browser>({ ...options, method: 'PATCH', path: browserPath(idOrName), body: params }),
    delete: async (idOrName, options) => end(idOrName, options),
    deleteByID: async (idOrName, options) => end(idOrName, options),
    curl: async (id, params, options = {}) =>
      ask<CurlResult>({ ...options, method: 'POST', path: `${browserPath(id)}/curl`, body: params }),
    telemetry: createTelemetry(transport),
  }
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel()
}
