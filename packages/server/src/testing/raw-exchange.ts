// Bytes to a server and all bytes back, for requests that no HTTP client would make.
import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends `text` and resolves with everything that came until the server closed the connection. */
export async function exchange(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write(text)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}
