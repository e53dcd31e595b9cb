// Events in and out one by one: publishing from outside, and pages of history. What may be published is publish-request.ts's to say,
// what a page holds is the log's.
import { type Call, type Route, readJsonBody } from '@tabscope/http'
import { parsePublishRequest } from '@tabscope/schema'
import type { Services } from '../services.ts'

export function eventRoutes(services: Services): readonly Route[] {
  return [{ method: 'POST', path: '/telemetry/events', handle: (call) => publishEvent(services, call) }]
}

/** Publishes what an outside program hands in: 200 with the envelope, or 204 when nobody captures it. */
export async function publishEvent({ session }: Services, call: Call): Promise<Response> {
  const draft = parsePublishRequest(await readJsonBody(call.incoming))
  const record = session.publish(draft)
  if (record === undefined) return new Response(null, { status: 204 })
  return new Response(Buffer.from(record.bytes), { status: 200, headers: { 'content-type': 'application/json' } })
}
