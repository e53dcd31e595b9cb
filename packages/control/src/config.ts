// What a control plane is started with. The command line and the environment are turned into this by the cli package.
import type { Clock } from '@tabscope/schema'
import type { S2Choice } from '@tabscope/sinks'
import type { Logger } from 'pino'
import type { ServerProgram } from './server-process.ts'
import type { KeyChange } from './signing-keys.ts'

export interface ControlOptions {
  /** How to start the server of a browser: what runs `tabscope`. */
  readonly program: ServerProgram
  /** Everything that is remembered. One control plane per folder. */
  readonly dataDirectory: string
  /** Default 127.0.0.1. The servers of browsers listen there too. */
  readonly host?: string
  /** Default 8400; 0 = any free port. */
  readonly port?: number
  /** Keys that let a request in. None = the one of the data folder, made at the first start. */
  readonly apiKeys?: readonly string[]
  readonly keyChange?: KeyChange
  /** The browser that servers launch; absent = as they find it. */
  readonly chromium?: string
  readonly mostBrowsers?: number
  readonly requestsPerSecond?: number
  /** How long ended browsers are kept. */
  readonly retentionMs?: number
  /** How long browsers wait for a control plane that was killed; default `limits.ownerGraceMs`. */
  readonly graceSeconds?: number
  /** What `curl` of a browser may ask for; absent = as its server has it: public addresses. */
  readonly curl?: 'public' | 'any' | 'off'
  /** Where the servers of browsers write to, each in a stream of its own, and where the past of ended ones is read. Default nowhere. */
  readonly s2?: S2Choice
  /** Shown on every browser, because the published Python client requires them; they promise nothing. */
  readonly memory?: string
  readonly region?: string
  /** Further `Host` names that requests may carry. */
  readonly allowedHosts?: readonly string[]
  /** Origins whose pages may read the answers. */
  readonly corsOrigins?: readonly string[]
  readonly clock?: Clock
  readonly logger: Logger
}
