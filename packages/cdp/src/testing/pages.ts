// A local web server for tests, with a log of what it was asked: the independent witness that captured traffic is compared with.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly host: string
  readonly headers: IncomingMessage['headers']
}

/** Takes over a connection that asks to become a WebSocket. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void

/** A body (HTML), or an answer in full. */
export type Page =
  | string
  | { readonly type?: string; readonly body: string; readonly status?: number; readonly headers?: Record<string, string> }

export interface PageServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** The same server under another host name; every `*.localhost` is another site to Chromium. */
  urlOf(host: string): string
  readonly log: readonly SeenRequest[]
  /** Resolves when a request of this path has come (or had come before). */
  seen(path: string): Promise<SeenRequest>
}

/** Serves `pages` (by path without query; others get 404) or whatever `pages` does as a handler. */
export async function servePages(
  pages: Readonly<Record<string, Page>> | PageHandler,
  options: { readonly upgrade?: UpgradeHandler } = {},
): Promise<PageServer> {
  const log: SeenRequest[] = []
  const waiting = new Set<{ path: string; resolve: (request: SeenRequest) => void }>()
  const handler = typeof pages === 'function' ? pages : answerFrom(pages)
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    const seen: SeenRequest = { method, path, host: headers.host ?? '', headers }
    log.push(seen)
    for (const wait of waiting) {
      if (wait.path !== path) continue
      waiting.delete(wait)
      wait.resolve(seen)
    }
    handler(request, response)
  })
  const { upgrade } = options
  if (upgrade !== undefined) {
    server.on('upgrade', (request, socket, head) => {
      log.push({ method: request.method ?? '', path: request.url ?? '', host: request.headers.host ?? '', headers: request.headers })
      upgrade(request, socket, head)
    })
  }
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    urlOf: (host) => `http://${host}:${port}`,
    log,
    seen: (path) =>
      new Promise((resolve) => {
        const found = log.find((request) => request.path === path)
        if (found === undefined) waiting.add({ path, resolve })
        else resolve(found)
      }),
    [Symbol.asyncDispose]: () => close(server, sockets),
  }
}

function answerFrom(pages: Readonly<Record<string, Page>>): PageHandler {
  return (request, response) => {
    const page = pages[(request.url ?? '/').split('?')[0] ?? '/']
    if (page === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('no such page')
      return
    }
    const answer = typeof page === 'string' ? { body: page } : page
    response.writeHead(answer.status ?? 200, {
      'content-type': answer.type ?? 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      ...answer.headers,
    })
    response.end(answer.body)
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(isAddress(address) ? address.port : 0)
    })
  })
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

function close(server: Server, sockets: Iterable<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Chromium keeps connections open; waiting for them would wait for ever.
    for (const socket of sockets) socket.destroy()
  })
}
