// Puts the routes of one browser's server together behind the access checks. It starts nothing: serve.ts does.
import type { RequestListener } from 'node:http'
import { type AccessPolicy, createRouter, guarded, type Route } from '@tabscope/http'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { streamRoutes } from './routes/stream.ts'
import { telemetryRoutes } from './routes/telemetry.ts'
import type { Services } from './services.ts'

/** The request listener of the server. */
export function createApp(services: Services, policy: AccessPolicy): RequestListener {
  const router = createRouter({
    routes: allRoutes(services),
    onDefect: (cause, call) => services.logger.error({ err: cause, ...call }, 'a request failed'),
  })
  return guarded(router, policy)
}

function allRoutes(services: Services): readonly Route[] {
  return [...healthRoutes(services), ...telemetryRoutes(services), ...streamRoutes(services), ...eventRoutes(services)]
}
