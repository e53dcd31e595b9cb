// Puts the routes of one browser's server together behind the access checks. It starts nothing: serve.ts does.
import type { RequestListener } from 'node:http'
import { createRouter, entered, guarded, guardedUpgrade, refuseUpgrade, type UpgradeHandler } from '@tabscope/http'
import { servedRoutes, TelemetryError } from '@tabscope/schema'
import type { Access } from './access.ts'
import { routesOf } from './handlers.ts'
import { browserHandlers } from './routes/browser.ts'
import { curlHandlers } from './routes/curl.ts'
import { devtoolsHandlers } from './routes/devtools.ts'
import { eventHandlers } from './routes/events.ts'
import { firstGenerationHandlers } from './routes/first-generation.ts'
import { serviceHandlers } from './routes/service.ts'
import { streamHandlers } from './routes/stream.ts'
import { telemetryHandlers } from './routes/telemetry.ts'
import type { Services } from './services.ts'

const handlers = {
  ...telemetryHandlers,
  ...streamHandlers,
  ...eventHandlers,
  ...serviceHandlers,
  ...devtoolsHandlers,
  ...curlHandlers,
  ...firstGenerationHandlers,
  ...browserHandlers,
}

/** What the port of the server is given. */
export interface App {
  readonly handler: RequestListener
  readonly upgrade: UpgradeHandler
}

export function createApp(services: Services, { policy, entrance }: Access): App {
  const router = createRouter({
    routes: routesOf(servedRoutes, handlers, services),
    onDefect: (cause, call) => services.logger.error({ err: cause, ...call }, 'a request failed'),
  })
  return {
    handler: guarded(entered(withoutSlash(router), entrance), policy),
    upgrade: guardedUpgrade(upgradesOf(services), { policy, entrance }),
  }
}

/** Playwright asks for `/json/version/`, which Chromium takes for the same. */
function withoutSlash(listener: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    incoming.url = incoming.url?.replace(/^(\/json(?:\/[a-z]+)?)\/(?=$|\?)/, '$1')
    listener(incoming, outgoing)
  }
}

function upgradesOf({ devtools }: Services): UpgradeHandler {
  return (upgrade) => {
    const path = (upgrade.incoming.url ?? '').split('?')[0] ?? ''
    if (path === '/cdp' || /^\/devtools\/[a-z]+\/[^/]+$/.test(path)) devtools.take(upgrade)
    else refuseUpgrade(upgrade, new TelemetryError('not_found', { path }))
  }
}
