// Puts the routes of one browser's server together behind the access checks. It starts nothing: serve.ts does.
import type { RequestListener } from 'node:http'
import { createRouter, entered, guarded } from '@tabscope/http'
import { servedRoutes } from '@tabscope/schema'
import type { Access } from './access.ts'
import { routesOf } from './handlers.ts'
import { eventHandlers } from './routes/events.ts'
import { firstGenerationHandlers } from './routes/first-generation.ts'
import { serviceHandlers } from './routes/service.ts'
import { streamHandlers } from './routes/stream.ts'
import { telemetryHandlers } from './routes/telemetry.ts'
import type { Services } from './services.ts'

const handlers = { ...telemetryHandlers, ...streamHandlers, ...eventHandlers, ...serviceHandlers, ...firstGenerationHandlers }

/** The request listener of the server. */
export function createApp(services: Services, { policy, entrance }: Access): RequestListener {
  const router = createRouter({
    routes: routesOf(servedRoutes, handlers, services),
    onDefect: (cause, call) => services.logger.error({ err: cause, ...call }, 'a request failed'),
  })
  return guarded(entered(router, entrance), policy)
}
