// A TCP relay in front of a server, whose connections a test can cut: what a broken network looks like to a client.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttableProxy extends AsyncDisposable {
  readonly url: string
  /** Breaks every open connection; new ones are let through. */
  cut(): void
  /** Ends the open connections after everything that was received for their clients. */
  end(): void
  /** Resolves when that text was handed on to a client. */
  untilRelayed(text: string): Promise<void>
  /** The values of a request header of all requests so far, in order. */
  asked(header: string): readonly string[]
}

export async function cuttableProxy(serverUrl: string): Promise<CuttableProxy> {
  const { hostname, port } = new URL(serverUrl)
  const sockets = new Set<Socket>()
  const clients = new Set<Socket>()
  let requests = ''
  let relayed = ''
  let look = (): void => undefined
  const relay = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) })
    client.pipe(server)
    server.pipe(client)
    clients.add(client)
    client.on('close', () => clients.delete(client))
    client.on('data', (chunk) => {
      requests += chunk.toString()
    })
    server.on('data', (chunk) => {
      relayed += chunk.toString()
      look()
    })
    for (const socket of [client, server]) {
      sockets.add(socket)
      // A cut connection errs at both ends; 'close' follows.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        server.destroy()
      })
    }
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    cut,
    end: () => {
      for (const client of clients) client.end()
    },
    asked: (header) => [...requests.matchAll(new RegExp(`^${header}: (.*)$`, 'gim'))].map(([, value]) => value?.trim() ?? ''),
    untilRelayed: (text) =>
      new Promise((resolve) => {
        look = () => {
          if (relayed.includes(text)) resolve()
        }
        look()
      }),
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => relay.close(resolve))
    },
  }
}
