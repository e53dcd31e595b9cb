// Events in and out one by one: publishing from outside, and pages of history. What may be published is publish-request.ts's to say,
// what a page holds is the log's.
import { type Call, readJsonBody } from '@tabscope/http'
import { parsePublishRequest, TelemetryError } from '@tabscope/schema'
import type { Handlers } from '../handlers.ts'
import type { Services } from '../services.ts'

export const eventHandlers: Handlers = { ReadTelemetryEvents: readPage, PublishTelemetryEvent: publishEvent }

function readPage({ storage, session }: Services): Response {
  if (storage === 'memory' || !session.isStored) throw new TelemetryError('storage_off', {})
  throw new TelemetryError('storage_off', {})
}

/** Publishes what an outside program hands in: 200 with the envelope, or 204 when nobody captures it. */
export async function publishEvent({ session }: Services, call: Call): Promise<Response> {
  const draft = parsePublishRequest(await readJsonBody(call.incoming))
  const record = session.publish(draft)
  if (record === undefined) return new Response(null, { status: 204 })
  return new Response(Buffer.from(record.bytes), { status: 200, headers: { 'content-type': 'application/json' } })
}
