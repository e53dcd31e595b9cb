// A TCP relay that treats connections badly, each as it is told: cuts them, ends them early, or lets nothing through any more, after so many
// bytes of the answer. Never looks at what goes over it, so the cut is anywhere: in a header, a frame, a character.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What happens after so many bytes of the answer. `cut`: a reset; `truncate`: a clean end of the connection; `stall`: silence for good. */
export interface Trouble {
  readonly kind: 'cut' | 'truncate' | 'stall'
  readonly afterBytes: number
}

export interface RoughProxy extends AsyncDisposable {
  readonly url: string
  /** How many connections were made. */
  readonly connections: number
}

/** The n-th connection gets the n-th trouble; those beyond the last are left alone. */
export async function startRoughProxy(serverUrl: string, troubles: readonly (Trouble | undefined)[]): Promise<RoughProxy> {
  const { hostname, port } = new URL(serverUrl)
  const sockets = new Set<Socket>()
  let connections = 0
  const relay = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket)
      // A broken socket closes; its partner goes with it.
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    client.pipe(server)
    handOn(server, { client, trouble: troubles[connections++] })
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      relay.close()
      await once(relay, 'close')
    },
  }
}

function handOn(server: Socket, { client, trouble }: { client: Socket; trouble: Trouble | undefined }): void {
  if (trouble === undefined) {
    server.pipe(client)
    return
  }
  let left = trouble.afterBytes
  server.on('data', (bytes) => {
    const passed = bytes.subarray(0, left)
    left -= passed.byteLength
    if (passed.byteLength > 0) client.write(passed)
    if (left > 0) return
    server.pause()
    if (trouble.kind === 'truncate') client.end()
    else if (trouble.kind === 'cut') client.write('', () => client.resetAndDestroy())
  })
}
