// Writes down everything that goes over a transport, one JSON line a message, so that it can be replayed without a browser.
// It changes nothing and delays nothing. A recording holds what the pages held: record only pages that may be seen.
import type { Clock } from '@tabscope/schema'
import type { OpenTransport, Transport, TransportEvents } from './transport.ts'

/** One line of a recording. `at_ms` counts from the making of the recorder; `connection` counts its openings from 1. */
export type RecordedLine = {
  readonly at_ms: number
  readonly wall_us: number
  readonly connection: number
} & (
  | { readonly direction: 'in' | 'out'; readonly message: unknown }
  // The other side ended the connection.
  | { readonly direction: 'closed'; readonly cause: string }
)

export interface RecordOptions {
  readonly clock: Clock
  /** Takes one line, without a line feed. */
  readonly write: (line: string) => void
}

/** `open`, with everything that goes over its transports written down. */
export function recordTransport(open: OpenTransport, options: RecordOptions): OpenTransport {
  const { clock, write } = options
  const startMs = clock.monotonicMs()
  let connections = 0
  return async (events, signal) => {
    const connection = ++connections
    const writeLine = (direction: string, key: 'message' | 'cause', json: string): void => {
      const atMs = Math.round((clock.monotonicMs() - startMs) * 1000) / 1000
      write(`{"at_ms":${atMs},"wall_us":${clock.wallUs()},"connection":${connection},"direction":"${direction}","${key}":${json}}`)
    }
    let isClosing = false
    const transport = await open(
      {
        message: (bytes) => {
          writeLine('in', 'message', oneLine(Buffer.from(bytes).toString('utf8')))
          events.message(bytes)
        },
        closed: (cause) => {
          // An end that our side asked for is no part of what the browser did.
          if (!isClosing) writeLine('closed', 'cause', JSON.stringify(cause))
          events.closed(cause)
        },
      } satisfies TransportEvents,
      signal,
    )
    return {
      ...transport,
      send: (text) => {
        writeLine('out', 'message', oneLine(text))
        transport.send(text)
      },
      close: () => {
        isClosing = true
        transport.close()
      },
    } satisfies Transport
  }
}

// A message is embedded as it is; one that is no JSON or has line breaks (Chromium sends neither) must not spoil the file.
function oneLine(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    return text.includes('\n') ? JSON.stringify(value) : text
  } catch {
    // The line says what came, as a string; the reader of the recording counts it as unparsable, as the connection did.
    return JSON.stringify(text)
  }
}
