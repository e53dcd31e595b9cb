// Connects to Chromium's DevTools on behalf of a client, with the client's own handshake, so that afterwards the two sockets can be joined.
// Only what the handshake needs goes on: no cookie, token, Origin or extension of the client reaches Chromium. Without extensions there is no
// compression, which would cost both sides more than the bytes it saves on one machine.
import { type IncomingMessage, request as requestPlain, STATUS_CODES } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { Socket } from 'node:net'
import type { Upgrade } from '@tabscope/http'
import { type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'

export interface DialOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A connection to Chromium whose handshake is done. */
export interface Dialled {
  readonly socket: Socket
  /** What Chromium has sent already. */
  readonly head: Buffer
  /** For the client's handshake. */
  readonly accept: string
}

/** Opens `url` (`ws:` or `wss:`). Rejects with `devtools_unreachable`, `devtools_refused`, or the signal's reason. */
export function dialUpstream(url: URL, { incoming }: Upgrade, { clock, signal }: DialOptions): Promise<Dialled> {
  const isSecure = url.protocol === 'wss:'
  const limit = deadline(clock, limits.cdpOpenMs, signal)
  const headers = {
    host: url.host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': incoming.headers['sec-websocket-key'] ?? '',
    'sec-websocket-version': incoming.headers['sec-websocket-version'] ?? '',
  }
  const target = new URL(url)
  target.protocol = isSecure ? 'https:' : 'http:'
  const request = (isSecure ? requestSecure : requestPlain)(target, { headers, signal: limit.signal, agent: false })
  return new Promise<Dialled>((resolve, reject) => {
    request.on('upgrade', (response, socket, head) => {
      resolve({ socket, head, accept: String(response.headers['sec-websocket-accept'] ?? '') })
    })
    request.on('response', (response) => {
      void readStart(response).then((answer) => {
        reject(new TelemetryError('devtools_refused', { path: url.pathname, answer: answer || `status ${response.statusCode}` }))
        response.destroy()
      })
    })
    request.on('error', (cause) => {
      if (signal.aborted) reject(signal.reason)
      else reject(new TelemetryError('devtools_unreachable', { endpoint: url.host, cause: cause.message }, { cause }))
    })
    request.end()
  }).finally(() => limit.cancel())
}

/** The first words of a refusal; who refuses says why in them. */
async function readStart(response: IncomingMessage): Promise<string> {
  let text = ''
  try {
    for await (const chunk of response) {
      text += String(chunk)
      if (text.length >= 200) break
    }
  } catch {
    // What came so far is all there is to tell.
  }
  return text.slice(0, 200)
}

/** The answer that makes the client's connection a WebSocket. */
export function acceptanceOf({ accept }: Dialled): string {
  const headers = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  return `HTTP/1.1 101 ${STATUS_CODES[101]}\r\n${headers.join('\r\n')}\r\n\r\n`
}
