// JSON messages over a socket, one a line, each checked against a schema. Whoever says something else is cut off. It never waits for a
// reader: the messages are few and short, and a socket whose other side does not read is cut at a bound.
import type { Socket } from 'node:net'
import { limits } from '@tabscope/schema'
import type { z } from 'zod'

export interface LineSocket<Outgoing> {
  send(message: Outgoing): void
  /** Lets what was sent go out, then closes. May be called twice. */
  close(): void
}

export interface LineSocketOptions<Incoming> {
  readonly schema: z.ZodType<Incoming>
  readonly onMessage: (message: Incoming) => void
  /** Called once, whoever closed it. */
  readonly onClosed: () => void
}

/** Speaks lines on a connected socket. */
export function lineSocket<Incoming, Outgoing>(socket: Socket, options: LineSocketOptions<Incoming>): LineSocket<Outgoing> {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (socket.destroyed) return
      const message = options.schema.safeParse(jsonOf(line))
      if (message.success) options.onMessage(message.data)
      else socket.destroy()
    }
    if (rest.length > limits.ownerLineBytes) socket.destroy()
  })
  // 'close' follows, and says all that anybody needs to know.
  socket.on('error', () => undefined)
  socket.once('close', options.onClosed)
  return {
    send: (message) => {
      if (!socket.writable) return
      socket.write(`${JSON.stringify(message)}\n`)
      if (socket.writableLength > limits.ownerLineBytes) socket.destroy()
    },
    close: () => {
      socket.end()
      // The other side may never close its own.
      socket.destroySoon()
    },
  }
}

/** A line as a value; what is not JSON is undefined, which no schema here takes. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
