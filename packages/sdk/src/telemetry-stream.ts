// The live stream of one browser, by its direct route where there is one. Each connection asks for the route again, so that a stream
// finds its way back to the control plane when the browser's server is not there any more.
import type { Envelope } from './event-types.ts'
import { type ConnectionStart, type FollowBehaviour, follow } from './follow.ts'
import { linkedAbort } from './linked-abort.ts'
import { browserPath } from './paths.ts'
import { type StreamFilters, streamQuery } from './stream-url.ts'
import { send, type TransportOptions } from './transport.ts'

/** From where, what, and how to follow. */
export interface StreamParams extends StreamFilters, Omit<FollowBehaviour, 'clock' | 'random' | 'untilSeq'> {
  /** As the published clients spell `lastEventId`. */
  readonly 'Last-Event-ID'?: number | string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** An open stream: one iteration over its events. Leaving the loop closes it. */
export interface TelemetryStream extends AsyncIterable<Envelope> {
  /** Ends the iteration, also from outside of the loop. May be called twice. */
  close(): Promise<void>
}

/** A stream that can be awaited until it is open, or iterated at once. */
export type TelemetryStreamPromise = Promise<TelemetryStream> & TelemetryStream

/** Connects at once. The promise rejects when no stream can be opened; the iteration tells it as well. */
export function openTelemetryStream(
  transport: TransportOptions,
  { idOrName, params }: { idOrName: string; params: StreamParams },
): TelemetryStreamPromise {
  const closing = linkedAbort([params.signal])
  let onLive = (): void => {}
  const live = new Promise<void>((resolve) => {
    onLive = resolve
  })
  const events = follow({
    ...params,
    lastEventId: params.lastEventId ?? seqOf(params['Last-Event-ID']),
    signal: closing.signal,
    clock: transport.clock,
    random: transport.random,
    onConnection: (change) => {
      if (change.at === 'live') onLive()
      params.onConnection?.(change)
    },
    open: (start) => connect(transport, { idOrName, params, start }),
    untilTypes: new Set(params.untilType),
    endsWhenGone: true,
  })
  const first = events.next()
  const iteration = iterate(events, { first, closed: closing.signal, release: closing.unlink })
  const stream: TelemetryStream = {
    [Symbol.asyncIterator]: () => iteration,
    close: async () => {
      closing.abort(closedByCaller)
      // Whatever went wrong before is told to who iterates.
      await first.catch(() => {})
      await events.return()
    },
  }
  const opened = Promise.race([live, first]).then(() => stream)
  opened.catch(() => {})
  return Object.assign(opened, stream)
}

const closedByCaller = new Error('the stream was closed')

interface Iteration {
  readonly first: Promise<IteratorResult<Envelope, void>>
  readonly closed: AbortSignal
  /** Called once the stream is over. */
  readonly release: () => void
}

async function* iterate(
  events: AsyncGenerator<Envelope, void, void>,
  { first, closed, release }: Iteration,
): AsyncGenerator<Envelope, void, void> {
  try {
    for (let next = await first; next.done !== true; next = await events.next()) yield next.value
  } catch (error) {
    // Who closes a stream has read enough of it.
    if (closed.reason !== closedByCaller) throw error
  } finally {
    release()
    await events.return()
  }
}

interface Connection {
  readonly idOrName: string
  readonly params: StreamParams
  readonly start: ConnectionStart
}

function connect(transport: TransportOptions, { idOrName, params, start }: Connection): Promise<Response> {
  const { lastEventId, replayAll, signal } = start
  return send(
    transport,
    {
      method: 'GET',
      path: `${browserPath(idOrName)}/telemetry/stream`,
      query: streamQuery({ filters: params, replayAll }),
      accept: 'text/event-stream',
      headers: { ...params.headers, ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }) },
      signal,
      // Reconnecting has its own patience.
      maxRetries: 0,
      staysOpen: true,
    },
    async (response) => response,
  )
}

/** Only a positive integer is a place to go on from; anything else means from now, as everywhere. */
function seqOf(value: number | string | undefined): number | undefined {
  const seq = Number(value)
  return Number.isSafeInteger(seq) && seq >= 1 ? seq : undefined
}
