// The server's end of WebSockets, written by hand: echoes, closes, refuses. https://www.rfc-editor.org/rfc/rfc6455
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Exchange } from '../web-server.ts'

const acceptor = new WebSocketServer({ noServer: true, perMessageDeflate: false })

/** `/socket/echo`, `/socket/close?code=…`, `/socket/cut`, `/socket/talk`; `/socket/refused` and all others get 403. */
export function acceptSocket(request: IncomingMessage, socket: Duplex, exchange: Exchange): void {
  // A page that goes away resets its connections.
  socket.on('error', () => undefined)
  const url = new URL(exchange.path, 'http://host')
  const kind = url.pathname.replace('/socket/', '')
  if (!Object.hasOwn(kinds, kind)) {
    exchange.status = 403
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    return
  }
  exchange.status = 101
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  exchange.responseHeaders = [['sec-websocket-accept', createHash('sha1').update(key).digest('base64')]]
  acceptor.handleUpgrade(request, socket, Buffer.alloc(0), (accepted) => kinds[kind]?.(accepted, url))
}

const kinds: Readonly<Record<string, (socket: WebSocket, url: URL) => void>> = {
  echo: (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  close: (socket, url) => socket.close(Number(url.searchParams.get('code') ?? '1000'), 'the server says goodbye'),
  cut: (socket) => socket.terminate(),
  talk: (socket) => {
    for (let n = 1; n <= 20; n++) socket.send(`message ${n}`)
  },
}
