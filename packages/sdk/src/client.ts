// The client of a control plane. Its constructor reads options and environment; the work is done by the modules that it puts together.
import { type Clock, foregroundClock } from '@tabscope/schema/clock'
import { type Browsers, createBrowsers } from './browsers.ts'
import { environmentVariable } from './environment.ts'
import { TabscopeError } from './errors.ts'
import { createRouteCache, type RouteCache } from './route-cache.ts'
import { parseSubresources, tidySubresources } from './routing.ts'
import { sendForJson, type TransportOptions } from './transport.ts'

export interface ClientOptions {
  /** Of the control plane. Else `TABSCOPE_API_KEY`. */
  readonly apiKey?: string | undefined
  /** Of the control plane. Else `TABSCOPE_BASE_URL`, else `http://127.0.0.1:8400`. */
  readonly baseURL?: string | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Longest wait for the answer of each attempt. */
  readonly timeoutMs?: number | undefined
  /** How often a failed attempt is repeated. */
  readonly maxRetries?: number | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * What goes directly to a browser's own server; `[]` = nothing. Else `TABSCOPE_BROWSER_ROUTING_SUBRESOURCES`, else
   * `KERNEL_BROWSER_ROUTING_SUBRESOURCES`, both separated by commas, else `curl` and `telemetry/stream`.
   */
  readonly routing?: readonly string[] | undefined
  readonly clock?: Clock | undefined
  /** A number from 0 up to 1 for the jitter of waits. */
  readonly random?: (() => number) | undefined
}

export interface RawCall {
  readonly query?: URLSearchParams | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

const defaultBaseUrl = 'http://127.0.0.1:8400'

/**
 * A control plane and its browsers.
 *
 *     const client = new Tabscope({ apiKey: 'key', baseURL: 'http://127.0.0.1:8400' })
 *     const browser = await client.browsers.create({ telemetry: { enabled: true } })
 */
// A class, so that a program of the published client changes nothing but its import.
export class Tabscope {
  readonly browsers: Browsers
  readonly baseURL: string
  /** The direct routes that were learnt; shared with what `withOptions` makes. */
  readonly browserRouteCache: RouteCache
  readonly #options: ClientOptions
  readonly #transport: TransportOptions

  constructor(options: ClientOptions = {}, browserRouteCache: RouteCache = createRouteCache()) {
    this.#options = options
    this.browserRouteCache = browserRouteCache
    this.#transport = transportOf(options, browserRouteCache)
    this.baseURL = this.#transport.router.baseUrl.href
    this.browsers = createBrowsers(this.#transport)
  }

  /** The same client with other options; both share their routes. */
  withOptions(options: ClientOptions): Tabscope {
    return new Tabscope({ ...this.#options, ...options }, this.browserRouteCache)
  }

  /** Any other call of the control plane whose answer is JSON; `path` begins with a slash. */
  async request(method: string, path: string, call: RawCall = {}): Promise<unknown> {
    return (await sendForJson(this.#transport, { ...call, method, path })).value
  }
}

function transportOf(options: ClientOptions, cache: RouteCache): TransportOptions {
  const apiKey = options.apiKey ?? environmentVariable('TABSCOPE_API_KEY')
  if (apiKey === undefined || apiKey === '') {
    throw new TabscopeError(
      'invalid_argument',
      'There is no API key. Give `apiKey`, or set TABSCOPE_API_KEY; `tabscope control` prints it.',
    )
  }
  const subresources = options.routing === undefined ? subresourcesOfEnvironment() : tidySubresources(options.routing)
  return {
    apiKey,
    router: { baseUrl: baseUrlOf(options), subresources, cache },
    // Called as a method of something else, the fetch of a page refuses.
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    clock: options.clock ?? foregroundClock,
    random: options.random ?? Math.random,
    timeoutMs: options.timeoutMs,
    maxRetries: options.maxRetries,
    headers: options.headers,
  }
}

function baseUrlOf(options: ClientOptions): URL {
  const given = options.baseURL ?? environmentVariable('TABSCOPE_BASE_URL')
  const text = given === undefined || given.trim() === '' ? defaultBaseUrl : given
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url
  throw new TabscopeError(
    'invalid_argument',
    `${JSON.stringify(text)} is not the address of a control plane. Give \`baseURL\` such as ${defaultBaseUrl}.`,
  )
}

function subresourcesOfEnvironment(): readonly string[] {
  return parseSubresources(
    environmentVariable('TABSCOPE_BROWSER_ROUTING_SUBRESOURCES') ?? environmentVariable('KERNEL_BROWSER_ROUTING_SUBRESOURCES'),
  )
}
