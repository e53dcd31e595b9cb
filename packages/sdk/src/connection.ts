// One connection to a stream: refuses what is not a stream, and hands out its blocks until it ends or falls silent.
// Never reconnects: see follow.ts.
import { type Clock, deadline } from '@tabscope/schema/clock'
import { limits } from '@tabscope/schema/limits'
import { StreamError } from './errors.ts'
import { linkedAbort } from './linked-abort.ts'
import { createSseDecoder, type SseId, type SseMessage } from './sse.ts'

export interface ConnectOptions {
  /** Answers when the headers are there. The body must end when the signal aborts. */
  readonly open: (signal: AbortSignal) => Promise<Response>
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called when the answer turned out to be a stream. */
  readonly onOpen?: () => void
}

/** The blocks of one connection. Returns at its clean end; throws when it breaks, falls silent or is no stream. */
export async function* readConnection(options: ConnectOptions): AsyncGenerator<SseMessage | SseId, void, void> {
  const connection = linkedAbort([options.signal])
  try {
    const response = await options.open(connection.signal)
    const reader = readerOf(response)
    // Not every fetch ends a body whose signal aborts after the headers; every body can be cancelled.
    connection.signal.addEventListener('abort', () => void reader?.cancel(connection.signal.reason).catch(() => {}), { once: true })
    options.onOpen?.()
    const decoder = createSseDecoder()
    const chunks = reader === undefined ? [] : chunksOf(reader, { clock: options.clock, fail: connection.abort })
    for await (const bytes of chunks) yield* decoder.push(bytes)
    // A cancelled body ends as if it were complete.
    connection.signal.throwIfAborted()
  } finally {
    connection.abort(new Error('the reader of the stream has left'))
    connection.unlink()
  }
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> | undefined {
  const type = response.headers.get('content-type') ?? 'nothing'
  if (type.startsWith('text/event-stream')) return response.body?.getReader()
  const { origin, pathname } = URL.canParse(response.url) ? new URL(response.url) : { origin: 'The server', pathname: '' }
  throw new StreamError('not_a_stream', `${origin}${pathname} answered with ${type}, not with an event stream. Is the address right?`, {
    status: response.status,
  })
}

interface Silence {
  readonly clock: Clock
  readonly fail: (reason: Error) => void
}

/** The body's chunks. A silence of `clientSilenceMs` ends the connection: keepalives come three times as often. */
async function* chunksOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { clock, fail }: Silence,
): AsyncGenerator<Uint8Array, void, void> {
  for (;;) {
    const silence = deadline(clock, limits.clientSilenceMs)
    const onSilence = (): void => fail(new Error(`nothing was heard for ${limits.clientSilenceMs} ms`))
    silence.signal.addEventListener('abort', onSilence, { once: true })
    const chunk = await reader.read().finally(silence.cancel)
    if (chunk.done) return
    yield chunk.value
  }
}
