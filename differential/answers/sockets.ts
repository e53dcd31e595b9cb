// The server's end of WebSockets, written by hand: echoes, closes, refuses. https://www.rfc-editor.org/rfc/rfc6455
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Exchange, SocketMessage } from '../web-server.ts'

const acceptor = new WebSocketServer({ noServer: true, perMessageDeflate: false })

interface Asking {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly exchange: Exchange
  /** Called after each change of the exchange. */
  readonly changed: () => void
}

/** `/socket/echo`, `/socket/close?code=…`, `/socket/cut`, `/socket/talk`; `/socket/refused` and all others get 403. */
export function acceptSocket({ request, socket, exchange, changed }: Asking): void {
  // A page that goes away resets its connections.
  socket.on('error', () => undefined)
  socket.once('close', () => {
    exchange.isComplete = true
    changed()
  })
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
  const note = (direction: SocketMessage['direction'], data: Buffer, isBinary: boolean): void => {
    exchange.messages.push({ direction, bytes: data.length, text: isBinary ? undefined : data.toString() })
    changed()
  }
  acceptor.handleUpgrade(request, socket, Buffer.alloc(0), (accepted) => {
    const send = (data: Buffer, isBinary: boolean): void => {
      note('received', data, isBinary)
      accepted.send(data, { binary: isBinary })
    }
    accepted.on('message', (data: Buffer, isBinary) => note('sent', data, isBinary))
    kinds[kind]?.(accepted, { send, url })
  })
}

interface Line {
  readonly url: URL
  readonly send: (data: Buffer, isBinary: boolean) => void
}

const kinds: Readonly<Record<string, (socket: WebSocket, line: Line) => void>> = {
  echo: (socket, { send }) => socket.on('message', (data: Buffer, isBinary) => send(data, isBinary)),
  close: (socket, { url }) => socket.close(Number(url.searchParams.get('code') ?? '1000'), 'the server says goodbye'),
  cut: (socket) => socket.terminate(),
  talk: (_socket, { send }) => {
    for (let n = 1; n <= 20; n++) send(Buffer.from(`message ${n}`), false)
  },
}
