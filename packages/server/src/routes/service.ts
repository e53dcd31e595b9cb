// About the server itself: whether it lives, whether it can capture, its figures, its document. Tells nothing of what is captured.
import { openApiDocument } from '@tabscope/schema'
import type { Handlers } from '../handlers.ts'
import type { Services } from '../services.ts'

export const serviceHandlers: Handlers = {
  Healthz: () => Response.json({ status: 'ok' }),
  Readyz: showReadiness,
  Metrics: showMetrics,
  OpenApi: showDocument,
}

let openApiText: string | undefined

/** The document takes some tens of milliseconds to build and never changes, so it is kept once somebody asked. */
function showDocument(): Response {
  openApiText ??= JSON.stringify(openApiDocument())
  return new Response(openApiText, { headers: { 'content-type': 'application/json' } })
}

/** A sink that is behind is shown and makes nothing less ready: capture goes on, and what waits is on disk. */
async function showReadiness({ readiness, sinks }: Services): Promise<Response> {
  const state = await readiness()
  const detail = sinks.states().map(({ name, phase, isBehind, lagEvents, lost }) => ({
    name,
    state: phase,
    behind: isBehind,
    lag_events: lagEvents,
    lost_events: lost,
  }))
  const about = detail.length === 0 ? {} : { sinks: detail }
  if (state.ready) return Response.json({ status: 'ready', ...about })
  return Response.json({ status: 'not_ready', reason: state.reason, ...about }, { status: 503 })
}

async function showMetrics({ metrics }: Services): Promise<Response> {
  return new Response(await metrics.render(), { headers: { 'content-type': metrics.contentType } })
}
