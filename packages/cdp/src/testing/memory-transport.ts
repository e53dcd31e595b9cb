// A transport without a wire: the test plays Chromium by hand.
import type { OpenTransport } from '../transport.ts'

export interface MemoryTransport {
  readonly open: OpenTransport
  /** What was sent, parsed; messages of one `cork` share a burst number. */
  readonly sent: readonly { readonly burst: number; readonly message: unknown }[]
  /** A message from Chromium: an object, or the bytes themselves. */
  receive(message: object | Uint8Array): void
  /** The other side ends the connection. */
  lose(cause: string): void
  isClosed(): boolean
}

export function createMemoryTransport(): MemoryTransport {
  const sent: { burst: number; message: unknown }[] = []
  let burst = 0
  let depth = 0
  let closed = false
  let deliver: (bytes: Uint8Array) => void = () => undefined
  let end: (cause: string) => void = () => undefined
  return {
    open: async (events) => {
      deliver = events.message
      end = events.closed
      return {
        send: (text) => {
          if (depth === 0) burst++
          const message: unknown = JSON.parse(text)
          sent.push({ burst, message })
        },
        cork: (run) => {
          if (depth === 0) burst++
          depth++
          run()
          depth--
        },
        close: () => {
          closed = true
        },
      }
    },
    sent,
    receive: (message) => deliver(message instanceof Uint8Array ? message : Buffer.from(JSON.stringify(message))),
    lose: (cause) => end(cause),
    isClosed: () => closed,
  }
}
