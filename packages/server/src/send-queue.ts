// How much of what was written to a connection the other end has not taken yet. Node only tells when a whole write was taken by the operating
// system, and Linux takes no more before a third of its buffer (4 MB on loopback) is free again: measured, a client that reads 20 KB/s looks
// dead to Node for more than a minute. So the operating system is asked. Only for clients that seem to stand still; never on the way of events.
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/** The state of all connections at one moment, read when the first one is asked for. */
export interface SendQueues {
  /** Bytes on their way to the other end; a number that stays the same means that nothing was taken. */
  of(socket: Socket | null): number
}

/** Where Linux lists its connections, with the bytes in the send queue of each. */
const tables = ['/proc/self/net/tcp', '/proc/self/net/tcp6'] as const

export function createSendQueues(): SendQueues {
  let kernel: ReadonlyMap<string, number> | undefined
  return {
    of: (socket) => {
      if (socket === null) return 0
      kernel ??= readKernelQueues()
      return handleQueue(socket) + (kernel.get(`${socket.localPort}:${socket.remotePort}`) ?? 0)
    },
  }
}

/** What Node itself still holds. Its own socket timeout looks at the same number: net.js, Socket.prototype._onTimeout. */
function handleQueue(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle')
  const size: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : undefined
  return typeof size === 'number' ? size : 0
}

/** Send queues by local and remote port. Connections that share both (other addresses) are added up: movement in one is seen all the same. */
function readKernelQueues(): ReadonlyMap<string, number> {
  const queues = new Map<string, number>()
  for (const table of tables) {
    for (const line of linesOf(table)) {
      const [, local, remote, , sizes] = line.trim().split(/\s+/)
      if (local === undefined || remote === undefined || sizes === undefined) continue
      const key = `${portOf(local)}:${portOf(remote)}`
      queues.set(key, (queues.get(key) ?? 0) + Number.parseInt(sizes, 16))
    }
  }
  return queues
}

function linesOf(table: string): readonly string[] {
  try {
    return readFileSync(table, 'latin1').split('\n').slice(1)
  } catch {
    // Not Linux: what Node itself knows has to do.
    return []
  }
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16)
}
