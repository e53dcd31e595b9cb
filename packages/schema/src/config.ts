// What is captured: the resolved configuration that the monitor, the log and the server work from.
// How a request body becomes one (replace, merge, defaults) is config-request.ts.
import type { SettableCategory } from './category.ts'
import type { DetailLevel } from './source.ts'

/** How new targets are attached; see docs/attach.md. `passive` never holds a target, `complete` misses nothing. */
export const attachModes = ['passive', 'complete'] as const
export type AttachMode = (typeof attachModes)[number]

/** What every category can be told. */
export interface CategoryConfig {
  readonly enabled: boolean
  readonly detail_level: DetailLevel
  /** Capture only these types of the category. Absent = all of them. */
  readonly types?: readonly string[]
}

export interface PageConfig extends CategoryConfig {
  /** Whether `page_layout_settled` and `page_navigation_settled` are computed (and what they need is enabled). */
  readonly settled_events: boolean
}

export interface NetworkConfig extends CategoryConfig {
  /** Most bytes of a response body kept in an event; absent = by detail level. 0 = no bodies. */
  readonly body_limit_bytes?: number
  /** URL patterns (`*` matches any run of characters). Only matching requests are captured. */
  readonly url_include?: readonly string[]
  readonly url_exclude?: readonly string[]
  /** CDP resource types, such as `Document` or `XHR`. */
  readonly resource_types?: readonly string[]
}

export const screenshotTriggers = [
  'error',
  'page_load',
  'page_navigation_settled',
  'page_layout_settled',
  'network_idle',
  'interaction_scroll_settled',
] as const
export type ScreenshotTrigger = (typeof screenshotTriggers)[number]

export interface ScreenshotConfig extends CategoryConfig {
  readonly triggers: readonly ScreenshotTrigger[]
  readonly min_interval_ms: number
  readonly scope?: 'display' | 'page'
}

export interface InteractionConfig extends CategoryConfig {
  /** Whether key presses are captured at all. */
  readonly keys: boolean
}

export interface ControlConfig extends CategoryConfig {
  readonly cdp: { readonly excluded_methods: readonly string[] }
}

/** Per-category configuration, resolved: every category is there with an explicit `enabled`. */
export interface BrowserConfig {
  readonly console: CategoryConfig
  readonly network: NetworkConfig
  readonly page: PageConfig
  readonly interaction: InteractionConfig
  readonly control: ControlConfig
  readonly platform: CategoryConfig
  readonly connection: CategoryConfig
  readonly system: CategoryConfig
  readonly screenshot: ScreenshotConfig
  readonly captcha: CategoryConfig
}

/** What is redacted beyond the built-in rules, and where nothing is. */
export interface RedactionConfig {
  readonly enabled: boolean
  /** More header names whose values are secret. */
  readonly headers: readonly string[]
  /** More names whose values are secret in queries, fragments, forms, JSON bodies and text. */
  readonly parameters: readonly string[]
  /** Categories whose events are not redacted. */
  readonly except: readonly SettableCategory[]
}

/** The whole configuration, resolved. `GET /telemetry` shows it as `config`. */
export interface TelemetryConfig {
  readonly browser: BrowserConfig
  readonly attach_mode: AttachMode
  readonly redaction: RedactionConfig
  readonly export: { readonly otlp: { readonly enabled: boolean } }
  readonly storage: { readonly enabled: boolean }
  /** A string map for the session, such as the egress IP; shown in the state, in no event. */
  readonly labels: Readonly<Record<string, string>>
}

const off: CategoryConfig = { enabled: false, detail_level: 'standard' }

/** Everything off; the base that requests are merged onto. */
export const configOff: TelemetryConfig = {
  browser: {
    console: off,
    network: off,
    page: { ...off, settled_events: true },
    interaction: { ...off, keys: true },
    control: { ...off, cdp: { excluded_methods: [] } },
    platform: off,
    connection: off,
    system: off,
    screenshot: { ...off, triggers: ['error', 'page_navigation_settled'], min_interval_ms: 2000 },
    captcha: off,
  },
  attach_mode: 'passive',
  redaction: { enabled: true, headers: [], parameters: [], except: [] },
  export: { otlp: { enabled: false } },
  storage: { enabled: true },
  labels: {},
}

/** The configuration with exactly these categories switched on and everything else as it was. */
export function withCategories(config: TelemetryConfig, enabled: ReadonlySet<SettableCategory>): TelemetryConfig {
  const browser = Object.fromEntries(
    Object.entries(config.browser).map(([name, category]) => [name, { ...category, enabled: enabled.has(name as SettableCategory) }]),
  ) as unknown as BrowserConfig
  return { ...config, browser }
}
