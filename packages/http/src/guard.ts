// Stands before the routes of a server: refuses requests that access.ts refuses, answers preflights, and puts the CORS headers on
// every answer, also on those that a route writes by itself. It never reads a body.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { TelemetryError } from '@tabscope/schema'
import { type AccessPolicy, corsHeaders, preflightHeaders, refusal } from './access.ts'
import { problemOf } from './problem.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** The listener behind the checks of `policy`. */
export function guarded(listener: RequestListener, policy: AccessPolicy): RequestListener {
  return (incoming, outgoing) => {
    const refused = hostMissing(incoming) ?? refusal(incoming.headers, policy)
    if (refused !== undefined) {
      sendProblem(outgoing, refused)
      return
    }
    setHeaders(outgoing, corsHeaders(incoming.headers, policy))
    if (isPreflight(incoming)) {
      setHeaders(outgoing, preflightHeaders(incoming.headers, methods))
      outgoing.writeHead(204).end()
      return
    }
    listener(incoming, outgoing)
  }
}

/** Writes a problem on a raw response whose head is not sent yet. */
export function sendProblem(outgoing: ServerResponse, error: TelemetryError, headers: Readonly<Record<string, string>> = {}): void {
  const body = JSON.stringify(problemOf(error))
  const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  outgoing.writeHead(error.httpStatus, { ...length, 'cache-control': 'no-store', ...headers }).end(body)
}

/** What is wrong with a request that names no host; HTTP/1.0 need not. */
export function hostMissing(incoming: IncomingMessage): TelemetryError | undefined {
  const isMissing = incoming.headers.host === undefined && incoming.httpVersion !== '1.0'
  return isMissing ? new TelemetryError('malformed_http', { problem: 'no Host header' }) : undefined
}

function isPreflight(incoming: IncomingMessage): boolean {
  const { headers } = incoming
  return incoming.method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

function setHeaders(outgoing: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value)
}
