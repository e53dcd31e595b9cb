// Whether the server lives, whether it can capture, and its figures. Needs no token, tells nothing of what is captured.
import type { Route } from '@tabscope/http'
import type { Services } from '../services.ts'

export function healthRoutes(services: Services): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', handle: () => Response.json({ status: 'ok' }) },
    { method: 'GET', path: '/readyz', handle: () => showReadiness(services) },
    { method: 'GET', path: '/metrics', handle: () => showMetrics(services) },
  ]
}

function showReadiness({ readiness }: Services): Response {
  const state = readiness()
  if (state.ready) return Response.json({ status: 'ready' })
  return Response.json({ status: 'not_ready', reason: state.reason }, { status: 503 })
}

async function showMetrics({ metrics }: Services): Promise<Response> {
  return new Response(await metrics.render(), { headers: { 'content-type': metrics.contentType } })
}
