// The events of one browser: live, of the past, and one that is waited for.

import { APIError } from './api-errors.ts'
import { isEnvelope } from './envelope-frame.ts'
import type { Envelope, EnvelopeOf, EventType } from './event-types.ts'
import { type PagePromise, paged } from './page.ts'
import { browserPath } from './paths.ts'
import { queryOf } from './query.ts'
import { openTelemetryStream, type StreamParams, type TelemetryStreamPromise } from './telemetry-stream.ts'
import { type RequestOptions, sendForJson, type TransportOptions } from './transport.ts'
import { type Waiting, type WaitOptions, waitFor } from './wait-for.ts'

export interface EventsParams {
  /** Events of one page: 1 to 100, 20 unless said otherwise. */
  limit?: number | undefined
  /** Where a page begins: `nextOffset` of the one before. Not a `seq`. */
  offset?: number | undefined
  order?: 'asc' | 'desc' | undefined
  /** RFC 3339, or how long ago, such as `5m`; five minutes unless said otherwise. */
  since?: string | undefined
  /** The same forms; exclusive. */
  until?: string | undefined
  category?: readonly string[] | undefined
  type?: readonly string[] | undefined
}

export interface Telemetry {
  /**
   * Follows what happens, from now on unless told otherwise. It reconnects by itself and resumes behind the last event. Awaited, it is
   * there once the stream is open: what happens afterwards is in it.
   */
  stream(idOrName: string, params?: StreamParams): TelemetryStreamPromise
  /** Events of the past, page by page; also of a browser that has ended. */
  events(idOrName: string, params?: EventsParams, options?: RequestOptions): PagePromise<Envelope>
  /**
   * The first event of a type, or for which a function says so, from now on. Its `listening` resolves when nothing can be missed any
   * more: await it before doing what causes the event. Rejects with code `wait_timeout` after `timeoutMs` (`clientWaitMs`).
   */
  waitFor<Type extends EventType>(idOrName: string, type: Type | readonly Type[], options?: WaitOptions): Waiting<EnvelopeOf<Type>>
  waitFor(idOrName: string, what: string | readonly string[] | ((envelope: Envelope) => boolean), options?: WaitOptions): Waiting<Envelope>
}

export function createTelemetry(transport: TransportOptions): Telemetry {
  const stream = (idOrName: string, params: StreamParams = {}): TelemetryStreamPromise =>
    openTelemetryStream(transport, { idOrName, params })
  return {
    stream,
    events: (idOrName, params = {}, options = {}) =>
      paged((offset = params.offset) => {
        const query = queryOf({ ...params, since: offset === undefined ? params.since : undefined, offset })
        return sendForJson(transport, { ...options, method: 'GET', path: `${browserPath(idOrName)}/telemetry/events`, query })
      }, parseEvent),
    waitFor: <Found extends Envelope>(
      idOrName: string,
      what: string | readonly string[] | ((envelope: Envelope) => boolean),
      options: WaitOptions = {},
    ) => waitFor(stream, { idOrName, what, options, clock: transport.clock }) as Waiting<Found>,
  }
}

function parseEvent(value: unknown): Envelope {
  if (isEnvelope(value)) return value
  throw new APIError('malformed_answer', `An event is not what it should be: ${JSON.stringify(value).slice(0, 200)}`)
}
