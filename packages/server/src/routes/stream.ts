// The event stream: where it starts, what it carries, and the headers that go out before the first event. The writing itself is
// stream-writer.ts's. Every row of the start table in design http-api ("The stream") is decided in `startOf`.
import { alreadySent, type Call, queryRecord } from '@tabscope/http'
import { type Cursor, invalidRequest, parseFilterQuery, parseLastEventId, valuesOf } from '@tabscope/schema'
import type { GapStyle } from '../frame.ts'
import type { Handlers } from '../handlers.ts'
import type { Services } from '../services.ts'
import type { StreamRequest } from '../streams.ts'

export const streamHandlers: Handlers = { StreamTelemetry: openStream }

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const

/** Answers with an event stream. Bad filter values are errors before anything is sent. */
export function openStream({ streams }: Pick<Services, 'streams'>, call: Call): Response {
  const request = streamRequestOf(call)
  streams.ensureRoom()
  const { incoming, outgoing } = call
  outgoing.writeHead(200, streamHeaders)
  if (incoming.method === 'HEAD') {
    outgoing.end()
    return alreadySent
  }
  // Published clients give their stream to the program only when the headers are there, so these do not wait for an event.
  outgoing.flushHeaders()
  streams.open(outgoing, request)
  return alreadySent
}

function streamRequestOf(call: Call): StreamRequest {
  const query = queryRecord(call.query)
  const untilTypes = valuesOf(query, 'until_type')
  return {
    selection: { filter: parseFilterQuery(query), untilTypes: untilTypes.length > 0 ? new Set(untilTypes) : undefined },
    from: startOf(call),
    gapStyle: gapStyleOf(call.query.get('gaps')),
  }
}

/** The header wins over the query: the reconnect of a browser's EventSource sends both, and the header is the newer. */
function startOf(call: Call): Cursor {
  const header = call.incoming.headers['last-event-id']
  const asked = typeof header === 'string' && header !== '' ? header : (call.query.get('last_event_id') ?? '')
  if (asked === '') return call.query.get('replay') === 'all' ? { at: 'oldest' } : { at: 'now' }
  const seq = parseLastEventId(asked)
  return seq === undefined ? { at: 'now' } : { at: 'after', seq }
}

function gapStyleOf(value: string | null): GapStyle {
  if (value === null || value === '' || value === 'comment') return 'comment'
  if (value === 'event') return 'event'
  throw invalidRequest('query.gaps', `${JSON.stringify(value.slice(0, 64))} is not one of comment, event`)
}
