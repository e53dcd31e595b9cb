// A TCP proxy that is far away: every byte takes its time, in order, and any number may be on the way. What throughput costs that waits for
// answers shows only at a distance.
import { connect, createServer, type Socket } from 'node:net'
import type { Clock } from '@tabscope/schema'

export interface Distance extends AsyncDisposable {
  readonly port: number
}

function carry(from: Socket, to: Socket, { clock, oneWayMs }: { clock: Clock; oneWayMs: number }): void {
  const onTheWay: Buffer[] = []
  from.on('data', (chunk: Buffer) => {
    onTheWay.push(chunk)
    // Timers of the same length may fire in another order; the bytes do not.
    clock.schedule(clock.monotonicMs() + oneWayMs, () => {
      const next = onTheWay.shift()
      if (next !== undefined && !to.destroyed) to.write(next)
    })
  })
  from.on('error', () => undefined).on('close', () => to.destroy())
}

/** A free loopback port that leads to `port`, `oneWayMs` away in each direction. */
export async function startDistance(port: number, oneWayMs: number, clock: Clock): Promise<Distance> {
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true })
    near.setNoDelay(true)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
    carry(near, far, { clock, oneWayMs })
    carry(far, near, { clock, oneWayMs })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
