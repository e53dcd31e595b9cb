// What the routes of the control plane work with; put together in control.ts.
import type { Call, Metrics } from '@tabscope/http'
import type { Clock } from '@tabscope/schema'
import type { Logger } from 'pino'
import type { Archive } from './archive.ts'
import type { BrowserStore } from './browser-store.ts'
import type { Browsers } from './browsers.ts'
import type { Destinations } from './destinations.ts'

export interface Services {
  readonly browsers: Browsers
  readonly store: BrowserStore
  readonly destinations: Destinations
  readonly archive: Archive
  readonly metrics: Metrics
  readonly clock: Clock
  readonly logger: Logger
  readonly region: string
}

export type Handler = (services: Services, call: Call) => Response | Promise<Response>

/** Handlers by operation id. */
export type Handlers = Readonly<Record<string, Handler>>
