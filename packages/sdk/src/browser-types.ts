// What the control plane says about browsers and takes for them: the fields of the published contract, in its own spelling.
import type { Category, DetailLevel } from './event-types.ts'

/** Categories that can be switched on and off; `monitor` comes along with those that need the DevTools Protocol. */
export type SettableCategory = Exclude<Category, 'monitor'>

/** What one category is told; further keys of a newer server pass. */
export interface CategoryRequest {
  enabled?: boolean
  detail_level?: DetailLevel
  /** Capture only these types of the category. */
  types?: readonly string[]
  [key: string]: unknown
}

/**
 * What to capture. `enabled: true` alone is the default set (control, connection, system, captcha), reset on update; with `browser` it
 * replaces; `browser` alone adds to the default set on create and to what is captured on update; `enabled: false` stops capture.
 */
export interface TelemetryRequest {
  enabled?: boolean
  browser?: { [Name in SettableCategory]?: CategoryRequest }
  export?: { otlp?: { enabled?: boolean; destination?: { id?: string; name?: string } } }
  /** Keep the events after the browser has ended; true unless said otherwise. */
  storage?: { enabled?: boolean }
  [key: string]: unknown
}

export interface Viewport {
  width: number
  height: number
  refresh_rate?: number
}

export interface BrowserCreateParams {
  name?: string
  /** At most 50. */
  tags?: { [key: string]: string }
  /** Without a window; the contract's default is false. */
  headless?: boolean
  start_url?: string
  /** How long it lives without activity: 10 to 259200, 60 unless said otherwise. */
  timeout_seconds?: number
  telemetry?: TelemetryRequest | null
  viewport?: Viewport
  /** What this release does not know; the server says when it does not either. */
  [key: string]: unknown
}

export interface BrowserUpdateParams {
  name?: string
  /** Replaces all of them. */
  tags?: { [key: string]: string }
  start_url?: string
  telemetry?: TelemetryRequest | null
  viewport?: Viewport & { force?: boolean }
  [key: string]: unknown
}

export interface BrowserListParams {
  /** 1 to 100, 20 unless said otherwise. */
  limit?: number | undefined
  /** Where a page begins: `nextOffset` of the one before. */
  offset?: number | undefined
  status?: 'active' | 'deleted' | 'all' | undefined
  /** Part of an id or name. */
  query?: string | undefined
  /** Browsers that have all of these. */
  tags?: { [key: string]: string } | undefined
}

/** One browser as the control plane tells it. */
export interface Browser {
  session_id: string
  /** For Playwright's `connectOverCDP` and Puppeteer's `connect`. Holds a token. */
  cdp_ws_url: string
  webdriver_ws_url: string
  created_at: string
  headless: boolean
  stealth: boolean
  timeout_seconds: number
  /** Of its own server; calls that are routed go there. */
  base_url?: string
  browser_live_view_url?: string
  deleted_at?: string
  name?: string
  start_url?: string
  tags?: { [key: string]: string }
  /** What is captured, per category; null or absent when nothing is. */
  telemetry?: { browser?: { [Name in SettableCategory]?: { enabled?: boolean } }; [key: string]: unknown } | null
  usage?: { uptime_ms?: number }
  viewport?: Viewport
  memory?: string
  region?: string
  [key: string]: unknown
}

export interface CurlParams {
  url: string
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  headers?: { [name: string]: string }
  body?: string
  /** How the answer's body is given back; `base64` for what is not text. */
  response_encoding?: 'utf8' | 'base64'
  timeout_ms?: number
}

export interface CurlResult {
  status: number
  headers: { [name: string]: string[] }
  body: string
  duration_ms: number
}
