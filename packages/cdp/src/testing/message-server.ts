// A WebSocket server for measuring: it writes ready-made frames as fast as the client reads, so that its own cost hardly counts.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'

export interface MessageServer extends AsyncDisposable {
  readonly url: string
}

/** Each client that has said something gets all `messages`, `rounds` times, then the end of the connection. */
export async function serveMessages(messages: readonly Buffer[], rounds: number): Promise<MessageServer> {
  const block = Buffer.concat(messages.flatMap((message) => [frameHeader(message.length), message]))
  const server = createServer()
  const sockets = new Set<Duplex>()
  server.on('upgrade', (request, socket) => {
    sockets.add(socket)
    // RFC 6455, section 4.2.2: the key and this constant, hashed.
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`)
    socket.once('data', () => writeRounds(socket, block, rounds))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    url: `ws://127.0.0.1:${isAddress(address) ? address.port : 0}/devtools/browser/recorded`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function writeRounds(socket: Duplex, block: Buffer, rounds: number): void {
  let written = 0
  const writeMore = (): void => {
    while (written < rounds) {
      written++
      if (!socket.write(block)) {
        socket.once('drain', writeMore)
        return
      }
    }
    socket.end()
  }
  // A client that goes away early is no failure of the server.
  finished(socket).catch(() => undefined)
  socket.resume()
  writeMore()
}

/** An unmasked text frame, RFC 6455, section 5.2. */
function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length])
  const header = Buffer.alloc(length < 65_536 ? 4 : 10)
  header[0] = 0x81
  header[1] = length < 65_536 ? 126 : 127
  if (length < 65_536) header.writeUInt16BE(length, 2)
  else header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
