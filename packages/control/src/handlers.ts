// How the routes of the control plane get their handlers: each by the operation id of its declaration, so that document and server cannot
// drift apart.
import type { Route } from '@tabscope/http'
import { controlRoutes } from '@tabscope/schema'
import { browserHandlers } from './routes/browsers.ts'
import { destinationHandlers } from './routes/destinations.ts'
import { serviceHandlers } from './routes/service.ts'
import { telemetryHandlers } from './routes/telemetry.ts'
import type { Handlers, Services } from './services.ts'

const handlers: Handlers = { ...browserHandlers, ...telemetryHandlers, ...destinationHandlers, ...serviceHandlers }

/** Every declared route with its handler. */
export function routesOf(services: Services): readonly Route[] {
  const undeclared = Object.keys(handlers).filter((name) => !controlRoutes.some(({ operationId }) => operationId === name))
  if (undeclared.length > 0) throw new Error(`handlers without a declared route: ${undeclared.join(', ')}`)
  return controlRoutes.map(({ method, path, operationId }) => {
    const handler = handlers[operationId]
    if (handler === undefined) throw new Error(`no handler for ${operationId}`)
    return { method, path, handle: (call) => handler(services, call) }
  })
}
