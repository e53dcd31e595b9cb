// A real HTTP server on a free port whose answers a test scripts one by one, for what a healthy server never does: break off, fall
// silent, repeat itself. It knows nothing of events.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly query: Record<string, string>
  readonly lastEventId: string | undefined
}

/** Answers one request. Leaving without `end` keeps the stream open. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  /** What was asked for, in order. */
  readonly asked: readonly Asked[]
}

/** The n-th request gets the n-th answer; the last one is repeated. */
export async function startScriptedServer(answers: readonly Answer[]): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const lastEventId = request.headers['last-event-id']
    const query = Object.fromEntries(new URL(request.url ?? '/', 'http://localhost').searchParams)
    asked.push({ query, lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined })
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    answer?.(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/telemetry/stream`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Begins a stream. */
export function openStream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  return response
}

/** A frame as the server writes it. */
export function frame(seq: number, type = 'console_log'): string {
  return `id: ${seq}\ndata: ${JSON.stringify({ seq, capture_session_id: 's', event: { ts: seq, type, category: 'console', source: { kind: 'cdp' }, data: {} } })}\n\n`
}
