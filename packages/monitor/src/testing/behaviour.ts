// What a behaviour is: what is served, what the browser is made to do, and when it is over.
import type { Driver, Page, PageHandler, PageServer, UpgradeHandler } from '@tabscope/cdp/testing'
import type { CategoryConfig, TelemetryConfig } from '@tabscope/schema'
import type { Captured } from './captured.ts'

export interface Stage {
  readonly server: PageServer
  readonly driver: Driver
  readonly captured: Captured
  /** Captures something else from now on. */
  readonly apply: (config: TelemetryConfig) => Promise<unknown>
}

export interface Behaviour {
  readonly name: string
  /** One sentence: what the recording shows. */
  readonly shows: string
  readonly pages: Readonly<Record<string, Page>> | PageHandler
  /** Answers WebSocket handshakes. */
  readonly upgrade?: UpgradeHandler
  readonly mode?: 'passive' | 'complete'
  readonly chromiumArgs?: readonly string[]
  /** Overrides of the categories; by default console, network and page are on at `standard`. */
  readonly categories?: Readonly<Record<string, Partial<CategoryConfig>>>
  /** Runs before capture begins, for tabs that were there before. */
  readonly before?: (stage: Pick<Stage, 'server' | 'driver'>) => Promise<void>
  readonly drive: (stage: Stage) => Promise<void>
}
