// Remembers where the server of each browser is, from the browser objects that pass by, so that calls can go there directly.
// Holds tokens in memory only; never prints or stores them. Follows the rules of the published clients (see routing.ts).
import { limits } from '@tabscope/schema/limits'

/** Where a browser's own server is, and what lets us in. */
export interface Route {
  readonly baseUrl: string
  readonly jwt: string
  /** The browser's name, by which it may be deleted. */
  readonly name: string | undefined
}

export interface RouteCache {
  get(sessionId: string): Route | undefined
  set(sessionId: string, route: Route): void
  /** Forgets the browser with that id, and those with that name. */
  delete(idOrName: string): void
  clear(): void
  /** Takes the route of every browser object in a JSON value, however deep. */
  learn(value: unknown): void
}

/** A cache of at most `clientRoutes` routes; the oldest go first. */
export function createRouteCache(): RouteCache {
  const routes = new Map<string, Route>()
  const set = (sessionId: string, route: Route): void => {
    routes.delete(sessionId)
    routes.set(sessionId, route)
    const [oldest] = routes.keys()
    if (routes.size > limits.clientRoutes && oldest !== undefined) routes.delete(oldest)
  }
  const forget = (idOrName: string): void => {
    routes.delete(idOrName)
    for (const [sessionId, { name }] of routes) if (name === idOrName) routes.delete(sessionId)
  }
  return {
    get: (sessionId) => routes.get(sessionId),
    set,
    delete: forget,
    clear: () => routes.clear(),
    learn: (value) => {
      for (const { sessionId, route } of browsersIn(value, 0)) {
        if (route === undefined) routes.delete(sessionId)
        else set(sessionId, route)
      }
    },
  }
}

interface Found {
  readonly sessionId: string
  /** Undefined for a browser that has ended. */
  readonly route: Route | undefined
}

/** What somebody else wrote may look like a browser; it is never looked into. */
const foreignKeys: ReadonlySet<string> = new Set(['tags', 'chrome_policy'])

function* browsersIn(value: unknown, depth: number): Generator<Found, void, void> {
  if (typeof value !== 'object' || value === null || depth > limits.clientRouteDepth) return
  const found = browserOf(value)
  if (found !== undefined) yield found
  for (const [key, inner] of Object.entries(value)) if (!foreignKeys.has(key)) yield* browsersIn(inner, depth + 1)
}

function browserOf(value: object): Found | undefined {
  const sessionId = textOf(value, 'session_id')
  const baseUrl = textOf(value, 'base_url')
  const jwt = textOf(value, 'jwt') ?? tokenOf(textOf(value, 'cdp_ws_url'))
  if (sessionId === undefined || baseUrl === undefined || jwt === undefined || !isHttp(baseUrl)) return undefined
  // A list of all browsers has ended ones too; a route to them would only cost an attempt.
  if (textOf(value, 'deleted_at') !== undefined) return { sessionId, route: undefined }
  return { sessionId, route: { baseUrl, jwt, name: textOf(value, 'name') } }
}

/** A text that is not blank, trimmed. */
function textOf(value: object, key: string): string | undefined {
  const text: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
  const trimmed = typeof text === 'string' ? text.trim() : ''
  return trimmed === '' ? undefined : trimmed
}

function tokenOf(url: string | undefined): string | undefined {
  const token = url !== undefined && URL.canParse(url) ? new URL(url).searchParams.get('jwt')?.trim() : undefined
  return token === '' ? undefined : token
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}
