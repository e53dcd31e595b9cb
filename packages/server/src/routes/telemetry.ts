// What is captured: shown, replaced and merged. The rules of PUT and PATCH are config-request.ts's; switching is the session's.
import { type Call, readJsonBody } from '@tabscope/http'
import { mergeConfig, replaceConfig, type TelemetryConfig, TelemetryError } from '@tabscope/schema'
import { decisionFor } from '../decision.ts'
import type { Handlers } from '../handlers.ts'
import type { Services } from '../services.ts'
import type { TelemetryState } from '../telemetry-session.ts'

export const telemetryHandlers: Handlers = {
  GetTelemetry: showState,
  PutTelemetry: replace,
  PatchTelemetry: merge,
}

/** The state as an answer. */
export function stateResponse(state: TelemetryState, status = 200): Response {
  return Response.json(state, { status, headers: { 'cache-control': 'no-store' } })
}

function showState({ session }: Services): Response {
  const state = session.state()
  if (state === undefined) throw new TelemetryError('telemetry_not_configured', {})
  return stateResponse(state)
}

async function replace({ session, defaults, storage }: Services, call: Call): Promise<Response> {
  const body = await readJsonBody(call.incoming)
  const change = await session.change((current) => decisionFor(replaceConfig(current, body, defaults), storage))
  return stateResponse(change.state, change.started ? 201 : 200)
}

async function merge({ session, storage }: Services, call: Call): Promise<Response> {
  const body = await readJsonBody(call.incoming)
  const change = await session.change((current) => {
    if (current === undefined) throw new TelemetryError('telemetry_not_configured', {})
    const merged = mergeConfig(current, body)
    // What changes nothing is not applied again: the time of the last real change stays.
    return sameConfig(current, merged) ? { config: undefined, warnings: [] } : decisionFor(merged, storage)
  })
  return stateResponse(change.state)
}

/** Both come from the same merge, so their keys are in the same order. */
function sameConfig(one: TelemetryConfig, other: TelemetryConfig): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
