// The web server of the pages, and the first witness: it writes down every request that it got and what it answered, and knows nothing
// of browsers. Serves fixtures/pages, the answers of answers/, and pages out of npm packages.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { serveFile } from './answers/files.ts'
import { findAnswer } from './answers/index.ts'
import { acceptSocket } from './answers/sockets.ts'

/** One request as the server saw it, and its own answer. */
export interface Exchange {
  readonly method: string
  readonly host: string
  /** Path and query. */
  readonly path: string
  readonly url: string
  /** As received, in order: name, value, name, value… */
  readonly rawHeaders: readonly string[]
  /** What the client sent; grows until it has sent everything. */
  requestBody: Buffer
  status: number | undefined
  responseHeaders: readonly (readonly [string, string])[]
  /** The text of the answer before any compression; undefined for one that is no text. */
  text: string | undefined
  /** False while the answer goes on, and for ever when it broke off; true of a WebSocket that is closed. */
  isComplete: boolean
  /** The answer had no end when its connection was closed. */
  brokeOff: boolean
  readonly isUpgrade: boolean
  /** Of a WebSocket, what went over it. */
  readonly messages: SocketMessage[]
}

/** A message of a WebSocket. */
export interface SocketMessage {
  /** As the browser sees it. */
  readonly direction: 'sent' | 'received'
  readonly bytes: number
  /** Undefined for a binary one. */
  readonly text: string | undefined
}

export interface WebServer extends AsyncDisposable {
  readonly port: number
  readonly exchanges: readonly Exchange[]
  /** Called after each change of what it knows. */
  onChange: () => void
}

/** What an answer gets: the request with its body, and where to write to. */
export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly exchange: Exchange
  readonly url: URL
  readonly body: Buffer
}

export async function startWebServer(): Promise<WebServer> {
  const exchanges: Exchange[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ keepAliveTimeout: 60_000 })
  const web: WebServer = {
    port: 0,
    exchanges,
    onChange: () => undefined,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (request, response) => {
    const exchange = begin(request, false)
    exchanges.push(exchange)
    record(exchange, response, () => web.onChange())
    web.onChange()
    void takeRequest(request, response, exchange)
  })
  server.on('upgrade', (request, socket) => {
    const exchange = begin(request, true)
    exchanges.push(exchange)
    acceptSocket({ request, socket, exchange, changed: () => web.onChange() })
    web.onChange()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(web, { port: (server.address() as AddressInfo).port })
}

function begin(request: IncomingMessage, isUpgrade: boolean): Exchange {
  const host = request.headers.host ?? ''
  const path = request.url ?? '/'
  return {
    method: request.method ?? '',
    host,
    path,
    url: `${isUpgrade ? 'ws' : 'http'}://${host}${path}`,
    rawHeaders: request.rawHeaders,
    requestBody: Buffer.alloc(0),
    status: undefined,
    responseHeaders: [],
    text: undefined,
    isComplete: false,
    brokeOff: false,
    isUpgrade,
    messages: [],
  }
}

// Notes what the answer becomes, whoever writes it.
function record(exchange: Exchange, response: ServerResponse, changed: () => void): void {
  const note = (): void => {
    exchange.status = response.statusCode
    exchange.responseHeaders = headersOf(response)
    changed()
  }
  const flush = response.flushHeaders.bind(response)
  response.flushHeaders = () => {
    flush()
    note()
  }
  response.on('finish', () => {
    exchange.isComplete = true
    note()
  })
  response.on('close', () => {
    exchange.brokeOff = !exchange.isComplete
    if (response.headersSent) note()
  })
}

function headersOf(response: ServerResponse): (readonly [string, string])[] {
  return Object.entries(response.getHeaders()).map(([name, value]) => [name, Array.isArray(value) ? value.join('\n') : String(value)])
}

async function takeRequest(request: IncomingMessage, response: ServerResponse, exchange: Exchange): Promise<void> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    // The client broke off while it sent; there is nobody to answer.
    return
  }
  exchange.requestBody = Buffer.concat(chunks)
  const url = new URL(exchange.path, `http://${exchange.host}`)
  const asked: Asked = { request, response, exchange, url, body: exchange.requestBody }
  const answer = findAnswer(url.pathname)
  if (answer === undefined) await serveFile(asked)
  else await answer(asked)
}
