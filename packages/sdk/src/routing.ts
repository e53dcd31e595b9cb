// Which calls go directly to a browser's own server, and how they look there. Pure but for the cache that it reads; never sends
// anything. Follows the published clients, so that one server serves them and us; what is done better here is said where it is.
import type { Route, RouteCache } from './route-cache.ts'

/** A request before it is sent, the same for every way it may take. */
export interface PlainRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  /** JSON text. */
  readonly body: string | undefined
}

/** The same request as it goes to the browser's server, and the route that it takes. */
export interface RoutedRequest extends PlainRequest {
  readonly sessionId: string
  readonly route: Route
}

/** What is answered by a browser's server itself. Everything else goes to the control plane: slower, but never wrong. */
export const defaultSubresources: readonly string[] = ['curl', 'telemetry/stream']

/** The list in an environment variable: unset = the default; empty or blank = nothing is routed. */
export function parseSubresources(text: string | undefined): readonly string[] {
  if (text === undefined) return defaultSubresources
  return tidySubresources(text.split(','))
}

/** The entries without blanks and without slashes at their ends. */
export function tidySubresources(names: readonly string[]): readonly string[] {
  return names.map((name) => name.trim().replace(/^\/+|\/+$/g, '')).filter((name) => name !== '')
}

/** The request for the browser's server, or undefined when it is none of its business or its server is not known. */
export function routeRequest(request: PlainRequest, router: Router): RoutedRequest | undefined {
  const target = targetOf(request.url, router)
  const route = target === undefined ? undefined : router.cache.get(target.sessionId)
  if (target === undefined || route === undefined) return undefined
  const headers = new Headers(request.headers)
  // The key of the control plane is not for a browser's server: the token is.
  headers.delete('authorization')
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  return {
    method: request.method,
    url: directUrl(request.url, { path: target.path, route }),
    headers,
    body: hasBody ? request.body : undefined,
    sessionId: target.sessionId,
    route,
  }
}

export interface Router {
  readonly baseUrl: URL
  readonly subresources: readonly string[]
  readonly cache: RouteCache
}

const subresourcePath = /^\/(?:v\d+\/)?browsers\/([^/]+)\/(.+)$/

function targetOf(url: URL, { baseUrl, subresources }: Router): { sessionId: string; path: string } | undefined {
  if (url.origin !== baseUrl.origin) return undefined
  const [, id, path] = subresourcePath.exec(url.pathname) ?? []
  const sessionId = id === undefined ? undefined : decoded(id)
  if (sessionId === undefined || path === undefined) return undefined
  const isDirect = subresources.some((name) => path === name || path.startsWith(`${name}/`))
  return isDirect ? { sessionId, path } : undefined
}

function directUrl(url: URL, { path, route }: { path: string; route: Route }): URL {
  const direct = new URL(route.baseUrl)
  direct.pathname = `${direct.pathname.replace(/\/+$/, '')}/${path}`
  for (const [name, value] of url.searchParams) if (name !== 'jwt') direct.searchParams.append(name, value)
  if (!direct.searchParams.has('jwt')) direct.searchParams.set('jwt', route.jwt)
  return direct
}

/** An answer of the control plane in which browsers are to be looked for. */
export function mayHoldBrowsers(url: URL, { baseUrl }: Router): boolean {
  return url.origin === baseUrl.origin && /^\/(?:v\d+\/)?(?:browsers(?:\/[^/]+)?|browser_pools\/[^/]+\/acquire)\/?$/.test(url.pathname)
}

/** Which browser, by id or name, is gone once this request was answered with success. */
export function endedBy({ method, url, body }: PlainRequest, { baseUrl }: Router): string | undefined {
  if (url.origin !== baseUrl.origin) return undefined
  const [, browser] = /^\/(?:v\d+\/)?browsers\/([^/]+)\/?$/.exec(url.pathname) ?? []
  if (method === 'DELETE' && browser !== undefined) return decoded(browser)
  const isRelease = method === 'POST' && /^\/(?:v\d+\/)?browser_pools\/[^/]+\/release\/?$/.test(url.pathname)
  return isRelease ? releasedSession(body) : undefined
}

function releasedSession(body: string | undefined): string | undefined {
  try {
    const value: unknown = JSON.parse(body ?? '')
    return typeof value === 'object' && value !== null && 'session_id' in value && typeof value.session_id === 'string'
      ? value.session_id
      : undefined
  } catch {
    // Not JSON: then it names no session.
    return undefined
  }
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    // A broken escape is no id that the cache could know.
    return undefined
  }
}
