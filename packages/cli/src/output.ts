// Writes lines to a stream that may be slow or gone. A reader that goes away (`tabscope tail | head`) is a wish to stop, not an error.
import { once } from 'node:events'
import type { Writable } from 'node:stream'

export interface Output {
  /** Writes the line; resolves when the next one may come. Rejects with the reason of `gone` once nobody reads any more. */
  line(text: string): Promise<void>
  /** Aborts when the reader went away. */
  readonly gone: AbortSignal
}

/** Why an output is gone: whoever read it has closed it. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

/** Wraps a stream, such as standard output. Any other failure than a reader gone is reported as it is. */
export function createOutput(stream: Writable): Output {
  const gone = new AbortController()
  stream.on('error', (error: NodeJS.ErrnoException) => {
    gone.abort(error.code === 'EPIPE' ? new OutputClosed('the reader of the output went away') : error)
  })
  return {
    gone: gone.signal,
    line: async (text) => {
      gone.signal.throwIfAborted()
      if (stream.write(`${text}\n`)) return
      await once(stream, 'drain', { signal: gone.signal }).catch(() => {})
      gone.signal.throwIfAborted()
    },
  }
}
