// What is captured: shown, replaced and merged. The rules of PUT and PATCH are config-request.ts's; switching is the session's.
import { type Call, type Route, readJsonBody } from '@tabscope/http'
import { mergeConfig, replaceConfig, TelemetryError, warningsFor } from '@tabscope/schema'
import type { Services } from '../services.ts'
import type { Decision, TelemetryState } from '../telemetry-session.ts'

export function telemetryRoutes(services: Services): readonly Route[] {
  return [
    { method: 'GET', path: '/telemetry', handle: () => showState(services) },
    { method: 'PUT', path: '/telemetry', handle: (call) => replace(services, call) },
    { method: 'PATCH', path: '/telemetry', handle: (call) => merge(services, call) },
  ]
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

async function replace({ session, defaults }: Services, call: Call): Promise<Response> {
  const body = await readJsonBody(call.incoming)
  const change = await session.change((current) => decisionFor(replaceConfig(current, body, defaults)))
  return stateResponse(change.state, change.started ? 201 : 200)
}

async function merge({ session }: Services, call: Call): Promise<Response> {
  const body = await readJsonBody(call.incoming)
  const change = await session.change((current) => {
    if (current === undefined) throw new TelemetryError('telemetry_not_configured', {})
    const merged = mergeConfig(current, body)
    // A body that asks for nothing changes nothing: the time of the last real change stays.
    return saysNothing(body) ? { config: undefined, warnings: [] } : decisionFor(merged)
  })
  return stateResponse(change.state)
}

function saysNothing(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0)
}

function decisionFor(config: Exclude<Decision['config'], undefined>): Decision {
  return { config, warnings: warningsFor(config).map((warning) => warning.message) }
}
