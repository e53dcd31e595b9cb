// Opens the port of a server and closes it again without leaving a connection behind. It knows no route: what is not even HTTP
// is answered here, everything else goes to the handler.
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Clock, delay, limits, TelemetryError } from '@tabscope/schema'
import { problemOf } from './problem.ts'
import type { UpgradeHandler } from './upgrade.ts'

export interface ListenOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly handler: RequestListener
  /** Takes requests that ask for another protocol, and with them their sockets. Absent = they are requests like others. */
  readonly upgrade?: UpgradeHandler
  readonly clock: Clock
}

export interface Listening extends AsyncDisposable {
  readonly port: number
  /** Such as `http://127.0.0.1:10001`, without a slash at the end. */
  readonly url: string
  /** Takes no new connection, lets open answers end for a while, then cuts what is left. May be called twice. */
  close(): Promise<void>
}

/** Opens the port. Rejects with `port_in_use` or `host_not_available`. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const settings = {
    requireHostHeader: false,
    maxHeaderSize: limits.requestHeaderBytes,
    // Node's own 5 s: a client that uses its connection again in that moment is reset, and may not repeat a POST.
    keepAliveTimeout: limits.connectionIdleMs,
    // With Node's own 16 KiB nearly every write of a stream would be one that has to be waited for (measured: a quarter more CPU).
    highWaterMark: limits.streamWriteBytes,
  }
  const server = createServer(settings, options.handler)
  server.on('clientError', answerBrokenRequest)
  const { upgrade } = options
  if (upgrade !== undefined) server.on('upgrade', (incoming, socket, head) => upgrade({ incoming, socket, head }))
  await bind(server, options)
  const { port, family } = server.address() as AddressInfo
  const host = family === 'IPv6' ? `[${options.host}]` : options.host
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= closeServer(server, options.clock)
    return closing
  }
  return { port, url: `http://${host}:${port}`, close, [Symbol.asyncDispose]: close }
}

function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'port_in_use' : 'host_not_available'
      reject(
        code === 'port_in_use'
          ? new TelemetryError(code, { host, port }, { cause })
          : new TelemetryError(code, { host, port, problem: cause.message }, { cause }),
      )
    })
    server.listen({ host, port }, resolve)
  })
}

async function closeServer(server: Server, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const waiting = new AbortController()
  const graceOver = delay(clock, limits.serverCloseMs, waiting.signal).then(
    () => server.closeAllConnections(),
    // Aborted below: everything had closed before the grace was over.
    () => undefined,
  )
  await closed
  waiting.abort()
  await graceOver
}

/** Answers bytes that Node's parser refused. The socket may be gone, or an answer may be under way on it already. */
function answerBrokenRequest(cause: NodeJS.ErrnoException, duplex: NodeJS.WritableStream & { destroy(): void }): void {
  const socket = duplex as Socket
  if (cause.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const error = brokenRequestError(cause)
  const body = JSON.stringify(problemOf(error))
  socket.end(
    `HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus]}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function brokenRequestError(cause: NodeJS.ErrnoException): TelemetryError {
  if (cause.code === 'HPE_HEADER_OVERFLOW') return new TelemetryError('headers_too_large', { limitBytes: limits.requestHeaderBytes })
  if (cause.code === 'ERR_HTTP_REQUEST_TIMEOUT') return new TelemetryError('request_timeout', {})
  return new TelemetryError('malformed_http', { problem: cause.code ?? 'unreadable' })
}
