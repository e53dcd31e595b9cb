// The transport to a real Chromium: one WebSocket without compression, pings or Origin header.
// Compression would cost 4.5 times the CPU per event; Chromium refuses most Origin headers; a ping of a library drops
// connections that are only busy. It never interprets a message.
import type { Socket } from 'node:net'
import { limits, TelemetryError } from '@tabscope/schema'
import { type ClientOptions, type RawData, WebSocket } from 'ws'
import type { OpenTransport, Transport, TransportEvents } from './transport.ts'

/** Opens `url` (`ws://` or `wss://`). Errors: `devtools_bad_url`, `devtools_unreachable`. */
export function openWebSocket(url: string): OpenTransport {
  return (events, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const webSocket = dial(url)
      let socket: Socket | undefined
      let failure = 'the socket ended'
      const abort = (): void => {
        webSocket.terminate()
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      webSocket.on('upgrade', (response) => {
        socket = response.socket
      })
      webSocket.on('open', () => {
        signal.removeEventListener('abort', abort)
        resolve(wrap(webSocket, socket))
      })
      // After 'error' ws always emits 'close'; before 'open' that is the failure of the dial.
      webSocket.on('error', (error) => {
        failure = error.message
        signal.removeEventListener('abort', abort)
        reject(new TelemetryError('devtools_unreachable', { endpoint: url, cause: error.message }, { cause: error }))
      })
      listen(webSocket, events, () => failure)
    })
}

// `closeTimeout` is new in ws 8.19 and not yet in its types.
const dialOptions: ClientOptions & { closeTimeout: number } = {
  perMessageDeflate: false,
  maxPayload: limits.cdpMessageBytes,
  handshakeTimeout: limits.cdpOpenMs,
  closeTimeout: limits.cdpCloseMs,
  // Chromium serialises valid UTF-8; should it ever not, decoding replaces the bad bytes instead of ending the connection.
  skipUTF8Validation: true,
}

function dial(url: string): WebSocket {
  try {
    return new WebSocket(url, dialOptions)
  } catch (error) {
    throw new TelemetryError('devtools_bad_url', { endpoint: url }, { cause: error })
  }
}

function listen(webSocket: WebSocket, events: TransportEvents, failure: () => string): void {
  let wasOpen = false
  webSocket.on('open', () => {
    wasOpen = true
  })
  webSocket.on('message', (data: RawData) => {
    // With the default binaryType 'nodebuffer' a message is always one Buffer.
    if (data instanceof Uint8Array) events.message(data)
  })
  webSocket.on('close', (code, reason) => {
    if (!wasOpen) return
    const text = reason.toString()
    events.closed(code === 1006 ? failure() : `closed with code ${code}${text === '' ? '' : `: ${text}`}`)
  })
}

function wrap(webSocket: WebSocket, socket: Socket | undefined): Transport {
  let isCorked = false
  const flush = (): void => {
    isCorked = false
    socket?.uncork()
  }
  return {
    // What one chunk of messages leads to leaves in one write: a system call for each command was what cost most of all (measured).
    send: (text) => {
      if (webSocket.readyState !== WebSocket.OPEN) return
      if (!isCorked) {
        isCorked = true
        socket?.cork()
        queueMicrotask(flush)
      }
      webSocket.send(text)
    },
    cork: (run) => {
      socket?.cork()
      try {
        run()
      } finally {
        socket?.uncork()
      }
    },
    close: () => webSocket.close(),
  }
}
