// Waits for one event of a browser: what an agent does instead of sleeping.
import { type Clock, deadline } from '@tabscope/schema/clock'
import { limits } from '@tabscope/schema/limits'
import { StreamError } from './errors.ts'
import type { Envelope } from './event-types.ts'
import { linkedAbort } from './linked-abort.ts'
import type { StreamFilters } from './stream-url.ts'
import type { StreamParams, TelemetryStreamPromise } from './telemetry-stream.ts'

export interface WaitOptions extends Pick<StreamFilters, 'category' | 'sourceKind' | 'targetId' | 'detailLevel'> {
  /** `clientWaitMs` unless said otherwise. */
  readonly timeoutMs?: number | undefined
  /** Look behind this event first. */
  readonly lastEventId?: number | undefined
  /** `all`: look at everything that is kept first. */
  readonly replay?: 'all' | undefined
  readonly signal?: AbortSignal | undefined
}

/** The awaited event, and the moment from which on it cannot be missed. */
export interface Waiting<Found> extends Promise<Found> {
  readonly listening: Promise<void>
}

interface Wait {
  readonly idOrName: string
  readonly what: string | readonly string[] | ((envelope: Envelope) => boolean)
  readonly options: WaitOptions
  readonly clock: Clock
}

/** Begins to listen at once. */
export function waitFor(stream: (idOrName: string, params: StreamParams) => TelemetryStreamPromise, wait: Wait): Waiting<Envelope> {
  const { what, options } = wait
  const timeoutMs = options.timeoutMs ?? limits.clientWaitMs
  const limit = deadline(wait.clock, timeoutMs)
  const abort = linkedAbort([options.signal, limit.signal])
  const types = typeof what === 'function' ? undefined : typeof what === 'string' ? [what] : what
  const events = stream(wait.idOrName, {
    ...options,
    signal: abort.signal,
    ...(types === undefined ? {} : { type: types, untilType: types }),
  })
  const found = firstOf(events, typeof what === 'function' ? what : () => true)
    .catch((error: unknown) => {
      throw limit.signal.aborted && abort.signal.reason === limit.signal.reason ? timedOut(wait, timeoutMs) : error
    })
    .finally(() => {
      limit.cancel()
      abort.unlink()
    })
  const listening = events.then(() => {})
  // `found` tells the same failure; an agent that never asks for `listening` must not die of it.
  listening.catch(() => {})
  return Object.assign(found, { listening })
}

async function firstOf(events: TelemetryStreamPromise, matches: (envelope: Envelope) => boolean): Promise<Envelope> {
  for await (const envelope of events) if (matches(envelope)) return envelope
  throw new StreamError('wait_ended', 'The stream ended before the awaited event came: the browser is gone.')
}

function timedOut({ idOrName, what }: Wait, timeoutMs: number): StreamError {
  const awaited = typeof what === 'function' ? 'event that the function accepts' : [what].flat().join(' or ')
  return new StreamError(
    'wait_timeout',
    `No ${awaited} of browser ${idOrName} within ${timeoutMs} ms. Is its category captured? \`timeoutMs\` sets how long to wait.`,
  )
}
