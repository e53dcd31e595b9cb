// One connection to a stream: opens it, refuses what is not one, and hands out its blocks until it ends or falls silent.
// Never reconnects: see resume.ts.
import type { Clock } from '@tabscope/schema'
import { deadline } from '@tabscope/schema/clock'
import { limits } from '@tabscope/schema/limits'
import { StreamError } from './errors.ts'
import { refusalOf } from './refusal.ts'
import { createSseDecoder, type SseId, type SseMessage } from './sse.ts'

export interface ConnectOptions {
  readonly url: URL
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Called when the answer turned out to be a stream. */
  readonly onOpen?: () => void
}

/** Answers that may be better next time; all others mean that asking again is of no use. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** Whether a failed attempt is worth another one. Anything but a refusal is: sockets break. */
export function isWorthRetrying(error: unknown): boolean {
  if (!(error instanceof StreamError)) return true
  return error.status !== undefined && passingStatuses.has(error.status)
}

/** The blocks of one connection. Returns at its clean end; throws when it breaks, falls silent or is no stream. */
export async function* readConnection(options: ConnectOptions): AsyncGenerator<SseMessage | SseId, void, void> {
  const connection = new AbortController()
  const signal = AbortSignal.any([options.signal, connection.signal])
  try {
    const response = await open({ ...options, signal })
    options.onOpen?.()
    const decoder = createSseDecoder()
    for await (const bytes of chunksOf(response, options.clock, connection)) yield* decoder.push(bytes)
  } finally {
    connection.abort()
  }
}

async function open(options: ConnectOptions): Promise<Response> {
  const limit = deadline(options.clock, limits.clientConnectMs)
  try {
    const response = await options.fetch(options.url, {
      headers: { accept: 'text/event-stream', ...options.headers },
      signal: AbortSignal.any([options.signal, limit.signal]),
    })
    if (!response.ok) throw await refusalOf(response)
    const type = response.headers.get('content-type') ?? 'nothing'
    if (type.startsWith('text/event-stream')) return response
    throw new StreamError(
      'not_a_stream',
      `${options.url.origin}${options.url.pathname} answered with ${type}, not with an event stream. Is the address right?`,
      {
        status: response.status,
      },
    )
  } finally {
    limit.cancel()
  }
}

/** The body's chunks. A silence of `clientSilenceMs` ends the connection: keepalives come three times as often. */
async function* chunksOf(response: Response, clock: Clock, connection: AbortController): AsyncGenerator<Uint8Array, void, void> {
  if (response.body === null) return
  const reader = response.body.getReader()
  try {
    for (;;) {
      const silence = deadline(clock, limits.clientSilenceMs)
      const onSilence = (): void => connection.abort(new Error(`nothing was heard for ${limits.clientSilenceMs} ms`))
      silence.signal.addEventListener('abort', onSilence, { once: true })
      const chunk = await reader.read().finally(silence.cancel)
      if (chunk.done) return
      yield chunk.value
    }
  } finally {
    reader.releaseLock()
  }
}
