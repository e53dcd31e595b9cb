// What an end-to-end test needs around a monitor: a real Chromium, a page server as witness, a second CDP client that drives, and
// everything that the monitor publishes and sends. It leaves a shared Chromium as it found it.
import type { OpenTransport } from '@tabscope/cdp'
import {
  type DrivenPage,
  type Driver,
  launchTestChromium,
  openDriver,
  type Page,
  type PageHandler,
  type PageServer,
  servePages,
  type TestChromium,
} from '@tabscope/cdp/testing'
import { type CategoryConfig, type Clock, systemClock, type TelemetryConfig } from '@tabscope/schema'
import { createMonitor, type Monitor } from '../supervisor.ts'
import { type Captured, createCaptured } from './captured.ts'
import { behaviourConfig } from './recorded.ts'
import { createWire, type Wire } from './wire.ts'

export interface SceneOptions {
  readonly pages: Readonly<Record<string, Page>> | PageHandler
  readonly mode?: 'passive' | 'complete'
  /** Overrides of the categories; by default console, network and page are on at `standard`. */
  readonly categories?: Readonly<Record<string, Partial<CategoryConfig>>>
  /** A Chromium that somebody else ends; by default the scene has one of its own. */
  readonly chromium?: TestChromium
  readonly chromiumArgs?: readonly string[]
  /** How a URL becomes the monitor's connection; a WebSocket if not given. */
  readonly transport?: (url: string) => OpenTransport
  /** Runs before capture begins, for tabs that were there before. */
  readonly before?: (stage: { readonly server: PageServer; readonly driver: Driver }) => Promise<void>
}

export interface Scene extends AsyncDisposable {
  readonly chromium: TestChromium
  readonly server: PageServer
  readonly driver: Driver
  readonly captured: Captured
  readonly monitor: Monitor
  readonly wire: Wire
  readonly config: TelemetryConfig
  /** A new tab that is captured and shows nothing yet. */
  emptyTab(): Promise<DrivenPage>
  /** A new tab that is captured before it goes to `path`; its load event has fired. */
  visit(path: string, host?: string): Promise<DrivenPage>
}

/** Starts everything and returns when capture works. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const owned = options.chromium === undefined ? await launchTestChromium({ args: options.chromiumArgs ?? [] }) : undefined
  const chromium = options.chromium ?? owned
  if (chromium === undefined) throw new Error('no Chromium')
  const server = await servePages(options.pages)
  const driver = await openDriver(chromium.wsUrl)
  const before = await pageTargets(driver)
  await options.before?.({ server, driver })
  const captured = createCaptured()
  const wire = createWire(options.transport)
  const config = behaviourConfig(options)
  const monitor = await startMonitor({ endpoint: async () => chromium.wsUrl, captured, wire, config })
  const emptyTab = async (): Promise<DrivenPage> => {
    const tab = await driver.openPage('about:blank')
    await wire.setUp(tab.targetId)
    return tab
  }
  return {
    chromium,
    server,
    driver,
    captured,
    monitor,
    wire,
    config,
    emptyTab,
    visit: async (path, host = '127.0.0.1') => {
      const tab = await emptyTab()
      await tab.navigate(`http://${host}:${server.port}${path}`)
      return tab
    },
    [Symbol.asyncDispose]: async () => {
      await monitor.close()
      if (owned === undefined) await closePages(driver, before)
      await driver[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await owned?.[Symbol.asyncDispose]()
    },
  }
}

export interface MonitorParts {
  readonly endpoint: (signal: AbortSignal) => Promise<string>
  readonly captured: Captured
  readonly wire: Wire
  readonly config: TelemetryConfig
  readonly clock?: Clock
}

/** A monitor that captures; returns when it is live. */
export async function startMonitor({ endpoint, captured, wire, config, clock = systemClock }: MonitorParts): Promise<Monitor> {
  let isLive = (): void => undefined
  const live = new Promise<void>((resolve) => {
    isLive = resolve
  })
  const monitor = createMonitor({
    endpoint,
    publish: captured.publish,
    clock,
    transport: wire.transport,
    onState: (at) => at === 'live' && isLive(),
  })
  await monitor.apply(config, 'test')
  await live
  return monitor
}

async function pageTargets(driver: Driver): Promise<readonly string[]> {
  const { targetInfos } = await driver.send('Target.getTargets')
  const infos = Array.isArray(targetInfos) ? (targetInfos as { type: string; targetId: string }[]) : []
  return infos.filter(({ type }) => type === 'page').map(({ targetId }) => targetId)
}

async function closePages(driver: Driver, kept: readonly string[]): Promise<void> {
  for (const targetId of await pageTargets(driver)) {
    // One may close by itself meanwhile.
    if (!kept.includes(targetId)) await driver.send('Target.closeTarget', { targetId }).catch(() => undefined)
  }
}
