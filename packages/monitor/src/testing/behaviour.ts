// What a behaviour is: what is served, what the browser is made to do, and when it is over.
import type { Driver, Page, PageHandler, PageServer, UpgradeHandler } from '@tabscope/cdp/testing'
import type { CategoryConfig } from '@tabscope/schema'
import type { Captured } from './captured.ts'
import type { TcpProxy } from './tcp-proxy.ts'

export interface Stage {
  readonly server: PageServer
  readonly driver: Driver
  readonly captured: Captured
  /** Captures by other overrides of the categories from now on; a replay does the same at the same time. */
  readonly change: (categories: NonNullable<Behaviour['categories']>) => Promise<void>
  /** The wire to Chromium, for cutting it. The driver has another. */
  readonly proxy: TcpProxy
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
  /** Paths that the page server sees and Chromium tells nobody of. */
  readonly unseen?: readonly string[]
  /** How long a replay goes on after the last message, for what comes out of silence; default 3 s. */
  readonly tailMs?: number
}
