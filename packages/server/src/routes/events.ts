// Events in and out one by one: publishing from outside, and pages of history. What may be published is publish-request.ts's to say,
// what a page holds is the past's (@tabscope/sinks).
import { type Call, pagingHeaders, queryRecord, readJsonBody } from '@tabscope/http'
import { type EventRecord, parsePublishRequest, TelemetryError } from '@tabscope/schema'
import { type Past, readPast } from '@tabscope/sinks'
import type { Handlers } from '../handlers.ts'
import { pageRequestOf } from '../history-page.ts'
import type { Services } from '../services.ts'

export const eventHandlers: Handlers = { ReadTelemetryEvents: showPage, PublishTelemetryEvent: publishEvent }

/** Publishes what an outside program hands in: 200 with the envelope, or 204 when nobody captures it. */
export async function publishEvent({ session }: Services, call: Call): Promise<Response> {
  const draft = parsePublishRequest(await readJsonBody(call.incoming))
  const record = session.publish(draft)
  if (record === undefined) return new Response(null, { status: 204 })
  return new Response(Buffer.from(record.bytes), { status: 200, headers: { 'content-type': 'application/json' } })
}

async function showPage({ log, storage, archive, clock }: Services, call: Call): Promise<Response> {
  const request = pageRequestOf(queryRecord(call.query), clock.wallUs())
  const past: Past = { log, isKept: storage === 'disk', archive: archive() }
  if (!past.isKept && past.archive === undefined) throw new TelemetryError('storage_off', {})
  const gone = new AbortController()
  call.outgoing.once('close', () => gone.abort(new TelemetryError('request_aborted', {})))
  // Whoever published something may look for it here at once.
  if (log.durableSeq < log.seq) await log.flush()
  const { records, nextOffset } = await readPast(past, { ...request, signal: gone.signal })
  return new Response(jsonArray(records), { headers: { 'content-type': 'application/json', ...pagingHeaders(nextOffset) } })
}

/** The envelopes as they were published, byte for byte, as one JSON array. */
function jsonArray(records: readonly EventRecord[]): Buffer<ArrayBuffer> {
  const parts: Uint8Array[] = [Buffer.from('[')]
  for (const [position, record] of records.entries()) {
    if (position > 0) parts.push(comma)
    parts.push(record.bytes)
  }
  parts.push(Buffer.from(']'))
  return Buffer.concat(parts)
}

const comma = Buffer.from(',')
