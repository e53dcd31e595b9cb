// A port that nobody listens on, for servers whose address a test has to know before they run.
import { once } from 'node:events'
import { createServer } from 'node:net'

export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
