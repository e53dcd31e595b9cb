// Decides whether a request may come in at all, before any route sees it: the defence of a server on loopback against pages in
// somebody's browser (DNS rebinding by `Host`, cross-site requests by `Origin` and `Sec-Fetch-Site`). It never looks at tokens.
// Measured: a cross-site `<img>` comes with a valid `Host`, no `Origin`, and `Sec-Fetch-Site: cross-site`; hence all three are checked.
// Refusals are 400 and 421, never 401 or 403: the published clients drop their route on those, so they mean a bad token only.
import type { IncomingHttpHeaders } from 'node:http'
import { TelemetryError } from '@tabscope/schema'
import { pagingHeaderNames } from './paging.ts'

/** Who may come in. Loopback names are always allowed as hosts. */
export interface AccessPolicy {
  /** Further `Host` names, without a port, such as the name of the machine. */
  readonly allowedHosts: readonly string[]
  /** Origins that may read answers from a page, such as `https://app.example`. Empty = CORS is closed. */
  readonly corsOrigins: readonly string[]
  /** Every host name is let in: for a server beyond loopback, where a token decides. */
  readonly anyHost?: boolean
}

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Why the request is refused, or undefined when it may come in. */
export function refusal(headers: IncomingHttpHeaders, policy: AccessPolicy): TelemetryError | undefined {
  const { host, origin } = headers
  // A browser always sends a Host; a client of HTTP/1.0 that does not cannot be a rebound page.
  if (host !== undefined && policy.anyHost !== true && !hostAllowed(host, policy)) return new TelemetryError('host_not_allowed', { host })
  if (origin !== undefined && !sameOrigin(origin, host) && !policy.corsOrigins.includes(origin)) {
    return new TelemetryError('origin_not_allowed', { origin })
  }
  const site = headers['sec-fetch-site']
  const crossSite = site === 'cross-site' || site === 'same-site'
  if (crossSite && (origin === undefined || !policy.corsOrigins.includes(origin))) {
    return new TelemetryError('origin_not_allowed', { origin: origin ?? `a ${site} page` })
  }
  return undefined
}

function hostAllowed(host: string, policy: AccessPolicy): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  return (
    loopbackNames.has(name) || /^127(\.\d{1,3}){3}$/.test(name) || policy.allowedHosts.some((allowed) => allowed.toLowerCase() === name)
  )
}

function sameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
}

/** The headers that let an allowed origin's page read the answer; empty for everybody else. */
export function corsHeaders(headers: IncomingHttpHeaders, policy: AccessPolicy): Record<string, string> {
  if (policy.corsOrigins.length === 0) return {}
  const { origin } = headers
  if (origin === undefined || !policy.corsOrigins.includes(origin)) return { vary: 'origin' }
  return { vary: 'origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': pagingHeaderNames.join(', ') }
}

/** The further headers of an answer to a preflight request for a route with these methods. */
export function preflightHeaders(headers: IncomingHttpHeaders, methods: readonly string[]): Record<string, string> {
  const answer: Record<string, string> = {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': headers['access-control-request-headers'] ?? 'content-type, last-event-id',
    'access-control-max-age': '600',
  }
  // A page of a public site that asks for a loopback address needs this as well (Private Network Access).
  if (headers['access-control-request-private-network'] === 'true') answer['access-control-allow-private-network'] = 'true'
  return answer
}
