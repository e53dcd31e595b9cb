// The doors through which clients of this server reach the browser itself: its DevTools over WebSocket and over HTTP. Each is made here, from
// the session that says what is told of them and the browser that they lead to.
import type { Clock } from '@tabscope/schema'
import type { Activity } from './activity.ts'
import type { BrowserSide } from './browser-side.ts'
import { createDevtoolsJson, type DevtoolsJson } from './devtools/json.ts'
import { createDevtoolsProxy, type DevtoolsProxy } from './devtools/proxy.ts'
import type { Logger } from './log-line.ts'
import type { TelemetrySession } from './telemetry-session.ts'

export interface Doors {
  readonly devtools: DevtoolsProxy
  readonly devtoolsJson: DevtoolsJson
}

export interface DoorsOptions {
  readonly session: TelemetrySession
  readonly browser: Pick<BrowserSide, 'endpoint'>
  /** An open DevTools connection is use of the browser. */
  readonly activity: Activity
  readonly clock: Clock
  readonly logger: Logger
}

export function createDoors({ session, browser, activity, clock, logger }: DoorsOptions): Doors {
  const { endpoint } = browser
  const rules = {
    isCaptured: () => session.captures('control', 'cdp_command'),
    isExcluded: (method: string) => session.config.browser.control.cdp.excluded_methods.includes(method),
  }
  return {
    devtools: createDevtoolsProxy({ endpoint, publish: session.publish, rules, hold: activity.hold, clock, logger }),
    devtoolsJson: createDevtoolsJson({ endpoint, clock }),
  }
}
