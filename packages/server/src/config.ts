// What a server is started with. The command line and the environment are turned into this by the cli package.
import type { LogLimits } from '@tabscope/log'
import {
  type AttachMode,
  browserCategories,
  type Clock,
  defaultCategories,
  type SettableCategory,
  type TelemetryConfig,
  withCategories,
} from '@tabscope/schema'
import type { OtlpChoice, S2Choice } from '@tabscope/sinks'
import type { CurlPolicy } from './curl/policy.ts'
import type { Logger } from './log-line.ts'

/** Where the browser comes from. `none`: there is none, only outside programs publish. */
export type BrowserOption =
  | { readonly at: 'launch'; readonly chromium?: string; readonly headful?: boolean }
  | { readonly at: 'connect'; readonly endpoint: string }
  | { readonly at: 'none' }

/** What is captured from the start. `all`: everything that comes from the browser and the operational categories. */
export type TelemetryOption = 'all' | 'off' | readonly SettableCategory[]

export interface ServeOptions {
  /** Default 10001; 0 = any free port. */
  readonly port?: number
  /** Default 127.0.0.1. Anything beyond loopback needs `tokenSecrets`. */
  readonly host?: string
  /** The folder of the log. Absent = events are kept in memory only. */
  readonly dataDirectory?: string
  /** Bounds of the log that are not the usual ones, such as how much disk it may take. */
  readonly logLimits?: Partial<LogLimits>
  readonly browser: BrowserOption
  /** Default `off`. */
  readonly telemetry?: TelemetryOption
  /** Default `passive`. */
  readonly attachMode?: AttachMode
  /** Pages to open once capture works. */
  readonly openUrls?: readonly string[]
  /** Labels of this server, shown in its state. */
  readonly labels?: Readonly<Record<string, string>>
  /** Secrets of tokens, the newest first. With any, every route but health asks for a token of `browserId`. */
  readonly tokenSecrets?: readonly string[]
  /** Which browser this is: what tokens are for, and the last part of the base path. */
  readonly browserId?: string
  /** Where the routes are, beside the root. Default `/browser/<browserId>`, or none without one. */
  readonly basePath?: string
  /** The socket of the control plane that owns this server. It ends when that tells it to, or stays away for longer than a grace. */
  readonly ownerSocket?: string
  /** Default `limits.ownerGraceMs`. */
  readonly ownerGraceMs?: number
  /** Ends when nobody used the browser for this long. Absent = never. */
  readonly idleTimeoutMs?: number
  /** Which addresses `/curl` may ask for. Default `any`, with tokens `public`; never this server or its browser's DevTools. */
  readonly curl?: CurlPolicy
  /** Further `Host` names that requests may carry. */
  readonly allowedHosts?: readonly string[]
  /** Origins whose pages may read the answers. */
  readonly corsOrigins?: readonly string[]
  /** Most open streams; default `limits.streamClients`. */
  readonly mostStreams?: number
  /** Where events go to in S2; default nowhere. Without a name of its own the stream is that of the browser, or of the data folder. */
  readonly s2?: S2Choice
  /** The OpenTelemetry collector that events go to while the configuration says `export.otlp.enabled`. */
  readonly otlp?: OtlpChoice
  /** Whether it does from the start, and when a configuration does not say. */
  readonly exportsOtlp?: boolean
  /** A folder for one file for each category, beside the log. */
  readonly categoryFiles?: string
  readonly clock?: Clock
  readonly logger?: Logger
  /** Ends the start; a server that runs is ended with `close`. */
  readonly signal?: AbortSignal
}

/** The configuration to start with; undefined for `off`. */
export function initialConfig(option: TelemetryOption, defaults: TelemetryConfig): TelemetryConfig | undefined {
  if (option === 'off') return undefined
  const everything = [...browserCategories, ...defaultCategories]
  return withCategories(defaults, new Set(option === 'all' ? everything : option))
}
