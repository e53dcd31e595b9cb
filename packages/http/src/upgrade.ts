// Requests that want to become a WebSocket: the same checks as for every other request, and an answer for those that may not come in.
// What a WebSocket then carries is its handler's business.
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TelemetryError } from '@tabscope/schema'
import { type AccessPolicy, corsHeaders, refusal } from './access.ts'
import type { Entrance } from './entrance.ts'
import { hostMissing } from './guard.ts'
import { problemOf } from './problem.ts'

/** A connection that asks to be upgraded. */
export interface Upgrade {
  readonly incoming: IncomingMessage
  readonly socket: Duplex
  /** What the client has sent already beyond its request. */
  readonly head: Buffer
}

export type UpgradeHandler = (upgrade: Upgrade) => void

/** The handler behind the checks of `policy` and the entrance. */
export function guardedUpgrade(
  handler: UpgradeHandler,
  { policy, entrance }: { policy: AccessPolicy; entrance: Entrance },
): UpgradeHandler {
  return (upgrade) => {
    const { incoming, socket } = upgrade
    // A client that goes away meanwhile is no failure of the server; whoever takes the socket sees that it is closed.
    socket.on('error', () => socket.destroy())
    const refused = hostMissing(incoming) ?? refusal(incoming.headers, policy)
    if (refused !== undefined) {
      refuseUpgrade(upgrade, refused)
      return
    }
    void entrance.admit(incoming).then((unwelcome) => {
      if (unwelcome !== undefined) refuseUpgrade(upgrade, unwelcome, corsHeaders(incoming.headers, policy))
      else if (!socket.destroyed) handler(upgrade)
    })
  }
}

/** Answers a problem instead of the upgrade, and closes the connection. */
export function refuseUpgrade({ socket }: Upgrade, error: TelemetryError, headers: Readonly<Record<string, string>> = {}): void {
  const body = JSON.stringify(problemOf(error))
  const lines = Object.entries({
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...(error.httpStatus === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus]}\r\n${lines.join('')}\r\n${body}`)
}
