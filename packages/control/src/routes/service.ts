// About the control plane itself: whether it lives, its figures, its document.
import { controlOpenApiDocument } from '@tabscope/schema'
import type { Handlers } from '../services.ts'

export const serviceHandlers: Handlers = {
  Healthz: () => Response.json({ status: 'ok' }),
  // It listens only once everything it needs is open.
  Readyz: () => Response.json({ status: 'ready' }),
  Metrics: async ({ metrics }) => new Response(await metrics.render(), { headers: { 'content-type': metrics.contentType } }),
  OpenApi: () => new Response(documentText(), { headers: { 'content-type': 'application/json' } }),
}

let kept: string | undefined

/** The document takes some tens of milliseconds to build and never changes, so it is kept once somebody asked. */
function documentText(): string {
  kept ??= JSON.stringify(controlOpenApiDocument())
  return kept
}
