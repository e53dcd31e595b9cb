// What the routes of a server work with; put together in serve.ts, and by tests.
import type { Metrics } from '@tabscope/http'
import type { EventLog } from '@tabscope/log'
import type { Clock, ShowRequest, TelemetryConfig } from '@tabscope/schema'
import type { Archive } from '@tabscope/sinks'
import type { Activity } from './activity.ts'
import type { Storage } from './decision.ts'
import type { Doors } from './doors.ts'
import type { Logger } from './log-line.ts'
import type { SinkSide } from './sink-side.ts'
import type { Streams } from './streams.ts'
import type { TelemetrySession } from './telemetry-session.ts'

/** Whether capture is possible at this moment, and if not, why. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string }

export interface Services extends Doors {
  readonly log: EventLog
  readonly session: TelemetrySession
  readonly streams: Streams
  readonly metrics: Metrics
  readonly activity: Activity
  /** Lets the browser show something. */
  readonly show: (request: ShowRequest) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
  /** What a PUT does not say is as the server was started with. */
  readonly defaults: TelemetryConfig
  readonly storage: Storage
  /** Where older events are than the disk has; undefined while there is nothing that may be read. */
  readonly archive: () => Pick<Archive, 'read'> | undefined
  readonly sinks: Pick<SinkSide, 'states'>
  readonly readiness: () => Promise<Readiness>
}
