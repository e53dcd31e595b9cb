// Every route of the server of one browser, and of the control plane, declared once. The OpenAPI documents and the reference are derived
// from it, and the servers' own lists are tested against it.
import { browserRoutes } from './api/browser.ts'
import { manyBrowserRoutes } from './api/control.ts'
import { firstGenerationRoutes } from './api/first-generation.ts'
import type { RouteDeclaration } from './api/route.ts'
import { serviceRoutes } from './api/service.ts'
import { telemetryRoutes } from './api/telemetry.ts'

/** The routes, in the order of the documents. Those with `isPlanned` are of the design only. */
export const api: readonly RouteDeclaration[] = [...telemetryRoutes, ...serviceRoutes, ...browserRoutes, ...firstGenerationRoutes]

/** The routes that a server has. */
export const servedRoutes: readonly RouteDeclaration[] = api.filter((route) => route.isPlanned !== true)

/** The route with that operation id, or undefined. */
export function routeNamed(operationId: string): RouteDeclaration | undefined {
  return api.find((route) => route.operationId === operationId)
}

/** The routes of the control plane. */
export const controlRoutes: readonly RouteDeclaration[] = [...manyBrowserRoutes, ...serviceRoutes]
