// A real HTTP server on a free port that remembers what it was asked for and answers by a function of the test. Tests put two of them
// together as control plane and browser's server, to see what goes where.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Recorded {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | readonly string[]>>
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface RecordingServer extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Recorded[]
  /** `GET /path` of everything that was asked for, in order. */
  readonly lines: readonly string[]
  /** Refuses new connections and cuts the open ones. */
  stop(): Promise<void>
}

export type Reply = (response: ServerResponse, request: Recorded) => void

export async function startRecordingServer(reply: Reply): Promise<RecordingServer> {
  const asked: Recorded[] = []
  const server = createServer((incoming, outgoing) => {
    let body = ''
    incoming.setEncoding('utf8')
    incoming.on('data', (text: string) => {
      body += text
    })
    incoming.on('end', () => {
      const request = recordOf(incoming, body)
      asked.push(request)
      reply(outgoing, request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    get lines() {
      return asked.map(({ method, path }) => `${method} ${path}`)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function recordOf(incoming: IncomingMessage, body: string): Recorded {
  const url = new URL(incoming.url ?? '/', 'http://localhost')
  const query = Object.fromEntries(
    [...new Set(url.searchParams.keys())].map((name) => {
      const values = url.searchParams.getAll(name)
      return [name, values.length > 1 ? values : (values[0] ?? '')]
    }),
  )
  return { method: incoming.method ?? '', path: url.pathname, query, headers: incoming.headers, body }
}

/** Answers with JSON. */
export function replyJson(
  response: ServerResponse,
  value: unknown,
  more: { status?: number; headers?: Record<string, string> } = {},
): void {
  response.writeHead(more.status ?? 200, { 'content-type': 'application/json', ...more.headers }).end(JSON.stringify(value))
}

/** Answers with an error as the servers of the contract write it. */
export function replyProblem(response: ServerResponse, status: number, code: string): void {
  replyJson(response, { code, message: `about ${code}` }, { status })
}
