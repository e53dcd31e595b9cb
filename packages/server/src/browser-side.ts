// The browser that a server captures: launched and supervised, somebody else's, or none; and the monitor on it. It decides nothing about
// what is captured: the session tells it. Everything it publishes goes through the session's gate.
import { createMonitor, type Monitor } from '@tabscope/monitor'
import { browserCategories, type Clock, type HeldPart, type Publish, type TelemetryConfig } from '@tabscope/schema'
import { connectedBrowser, launchedBrowser } from './browser-source.ts'
import type { BrowserOption } from './config.ts'
import type { Logger } from './log-line.ts'
import type { Readiness } from './services.ts'
import type { Capture } from './telemetry-session.ts'

export interface BrowserSide {
  readonly capture: Capture
  /** Starts a browser that is ours; at once for others. Rejects when it cannot be started. */
  start(signal: AbortSignal): Promise<void>
  readonly monitorState: () => string
  /** How many targets are captured. */
  readonly captured: () => number
  /** What capture keeps in memory, beside its bounds. */
  readonly held: () => readonly HeldPart[]
  /** Resolves when capture is live; rejects with the signal's reason. */
  untilLive(signal: AbortSignal): Promise<void>
  readonly readiness: () => Promise<Readiness>
  /** The WebSocket URL of the browser. Rejects while there is none to be had. */
  endpoint(signal: AbortSignal): Promise<string>
  /** Calls back when a browser that is ours runs again after it ended by itself. One listener. */
  onRestart(listener: () => void): void
  /** Ends capture, then a browser that is ours. */
  close(): Promise<void>
}

export interface BrowserSideOptions {
  readonly browser: BrowserOption
  readonly publish: Publish
  readonly clock: Clock
  readonly logger: Logger
  /** Whether a request goes to this server. */
  readonly isOwnUrl: (url: string) => boolean
}

export function createBrowserSide(options: BrowserSideOptions): BrowserSide {
  return options.browser.at === 'none' ? noBrowser : withBrowser(options, options.browser)
}

const noBrowser: BrowserSide = {
  capture: { apply: async (config) => ({ warnings: capturesBrowser(config) ? [nothingComes] : [] }) },
  start: () => Promise.resolve(),
  monitorState: () => 'stopped',
  captured: () => 0,
  held: () => [],
  untilLive: () => Promise.resolve(),
  readiness: () => Promise.resolve({ ready: true }),
  endpoint: () => Promise.reject(new Error('this server has no browser')),
  onRestart: () => undefined,
  close: () => Promise.resolve(),
}

const nothingComes = 'This server has no browser: of console, network, page, interaction and screenshot only published events will come.'

function capturesBrowser(config: TelemetryConfig): boolean {
  return browserCategories.some((category) => config.browser[category].enabled)
}

type RealBrowser = Exclude<BrowserOption, { at: 'none' }>

function withBrowser(options: BrowserSideOptions, browser: RealBrowser): BrowserSide {
  const { publish, clock, logger } = options
  const source = browser.at === 'launch' ? launchedBrowser({ browser, publish, clock, logger }) : connectedBrowser(browser.endpoint, clock)
  const stateListeners = new Set<() => void>()
  const monitor = createMonitor({
    endpoint: source.endpoint,
    publish,
    isOwnUrl: options.isOwnUrl,
    grabDisplay: source.grabDisplay,
    clock,
    log: (level, text, fields) => logger[level](fields ?? {}, text),
    onState: () => {
      for (const look of [...stateListeners]) look()
    },
  })
  return {
    capture: monitor,
    start: source.start,
    monitorState: () => monitor.state.at,
    captured: () => monitor.state.sessions,
    held: () => monitor.state.held,
    untilLive: (signal) => untilLive(monitor, stateListeners, signal),
    readiness: async () => (monitor.state.at === 'stopped' ? source.readiness() : liveOrNot(monitor)),
    endpoint: source.endpoint,
    onRestart: source.onRestart,
    close: async () => {
      await monitor.close()
      await source.close()
    },
  }
}

function liveOrNot(monitor: Monitor): Readiness {
  const { at } = monitor.state
  return at === 'live' ? { ready: true } : { ready: false, reason: `the connection to the browser is ${at}` }
}

function untilLive(monitor: Monitor, listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      if (signal.aborted) reject(signal.reason)
      else if (monitor.state.at === 'live') resolve()
      else return
      listeners.delete(settle)
      signal.removeEventListener('abort', settle)
    }
    listeners.add(settle)
    signal.addEventListener('abort', settle)
    settle()
  })
}
