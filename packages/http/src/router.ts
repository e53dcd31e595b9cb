// Turns a list of routes into one request listener: finds the route, makes every failure a JSON answer, and knows which methods a path
// has. It knows nothing of what the routes do, and checks no access: see guard.ts.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { TelemetryError } from '@tabscope/schema'
import { type Context, Hono } from 'hono'
import { problemResponse, shownError } from './problem.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One request as a route sees it. The raw request and response are there for bodies and streams. */
export interface Call {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** The values of `{name}` in the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/** The answer of a route that writes to `outgoing` by itself. */
export const alreadySent: Response = RESPONSE_ALREADY_SENT

export interface Route {
  readonly method: Method
  /** Such as `/telemetry/stream`; `/browsers/{id}` matches any one segment. */
  readonly path: string
  readonly handle: (call: Call) => Response | Promise<Response>
}

export interface RouterOptions {
  readonly routes: readonly Route[]
  /** Told of every error that is a defect of the server, before the client gets `internal_error`. */
  readonly onDefect: (cause: unknown, call: { method: string; path: string }) => void
}

/** The listener for these routes. `HEAD` works wherever `GET` does. */
export function createRouter(options: RouterOptions): RequestListener {
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const route of options.routes)
    app.on(route.method, route.path.replace(/\{(\w+)\}/g, ':$1'), (context) => route.handle(callOf(context)))
  app.notFound((context) => problemResponse(...missing(options.routes, context.req.method, context.req.path)))
  app.onError((error, context) => failed(options, error, { method: context.req.method, path: context.req.path }))
  return getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // For clients of HTTP/1.0, which need not name a host.
    hostname: 'localhost',
    errorHandler: (error) => problemResponse(new TelemetryError('malformed_http', { problem: messageOf(error) }, { cause: error })),
  })
}

function callOf(context: Context<{ Bindings: HttpBindings }>): Call {
  const { method, path, url } = context.req
  return {
    method,
    path,
    query: new URL(url).searchParams,
    params: context.req.param(),
    incoming: context.env.incoming,
    outgoing: context.env.outgoing,
  }
}

function missing(routes: readonly Route[], method: string, path: string): [TelemetryError, Record<string, string>] {
  const methods = routes.filter((route) => fits(route.path, path)).map((route) => route.method)
  if (methods.length === 0) return [new TelemetryError('not_found', { path }), {}]
  const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ')
  return [new TelemetryError('method_not_allowed', { method, path, allowed }), { allow: allowed }]
}

function fits(pattern: string, path: string): boolean {
  const parts = pattern.split('/')
  const given = path.split('/')
  return parts.length === given.length && parts.every((part, position) => part === given[position] || part.startsWith('{'))
}

function failed(options: RouterOptions, error: unknown, call: { method: string; path: string }): Response {
  const shown = shownError(error)
  if (shown.code === 'internal_error') options.onDefect(error, call)
  // What the client was still sending is not read any more, so the connection cannot carry another request.
  return problemResponse(shown, shown.code === 'body_too_large' ? { connection: 'close' } : {})
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
