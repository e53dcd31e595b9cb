// The doors through which clients of this server reach the browser itself: its DevTools over WebSocket and over HTTP, and
// requests through its network stack. Each is made here, from
// the session that says what is told of them and the browser that they lead to.
import { type Clock, deadline, limits } from '@tabscope/schema'
import type { Activity } from './activity.ts'
import { type Curl, createCurl } from './curl/curl.ts'
import { type CurlPolicy, createCurlFence } from './curl/policy.ts'
import { createDevtoolsJson, type DevtoolsJson } from './devtools/json.ts'
import { createDevtoolsProxy, type DevtoolsProxy } from './devtools/proxy.ts'
import type { Logger } from './log-line.ts'
import type { TelemetrySession } from './telemetry-session.ts'

export interface Doors {
  readonly devtools: DevtoolsProxy
  readonly devtoolsJson: DevtoolsJson
  readonly curl: Curl
  /** Ends what goes through them, and tells it. */
  closeDoors(): Promise<void>
}

export interface DoorsOptions {
  readonly session: TelemetrySession
  readonly browser: { endpoint(signal: AbortSignal): Promise<string> }
  /** An open DevTools connection is use of the browser. */
  readonly activity: Activity
  readonly curlPolicy: CurlPolicy
  /** Our own port, once it is known. */
  readonly ownUrl: () => string | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export function createDoors(options: DoorsOptions): Doors {
  const { session, browser, activity, clock, logger } = options
  const rules = {
    isCaptured: () => session.captures('control', 'cdp_command'),
    isExcluded: (method: string) => session.config.browser.control.cdp.excluded_methods.includes(method),
  }
  const { endpoint } = browser
  // Asked each time: a Chromium that was started again has another port.
  const ownPorts = async (): Promise<readonly number[]> => {
    const limit = deadline(clock, limits.cdpDiscoverMs)
    const devtoolsUrl = await endpoint(limit.signal).catch(() => undefined)
    limit.cancel()
    return [options.ownUrl(), devtoolsUrl].flatMap((url) => (url === undefined ? [] : [Number(new URL(url).port)]))
  }
  const devtools = createDevtoolsProxy({ endpoint, publish: session.publish, rules, hold: activity.hold, clock, logger })
  const curl = createCurl({ endpoint, clock, fence: createCurlFence({ policy: options.curlPolicy, ownPorts }) })
  return {
    devtools,
    devtoolsJson: createDevtoolsJson({ endpoint, clock, isHidden: curl.owns }),
    curl,
    closeDoors: async () => {
      curl.close()
      await devtools.close()
    },
  }
}
