// Where the endpoint of the browser comes from: a Chromium that we launch and supervise, or one that somebody else runs.
// It never captures anything; the only event it makes is that our own Chromium crashed.
import { type BrowserCrash, type BrowserSupervisor, grabDisplay, superviseBrowser } from '@tabscope/browser'
import { resolveEndpoint } from '@tabscope/cdp'
import type { GrabDisplay } from '@tabscope/monitor'
import { abortable, type Clock, type EventDraft, limits, type Publish, TelemetryError } from '@tabscope/schema'
import type { BrowserOption } from './config.ts'
import type { Logger } from './log-line.ts'
import type { Readiness } from './services.ts'

/** Where the browser's endpoint comes from. */
export interface BrowserSource {
  /** Starts a browser that is ours. Rejects when it cannot be started. */
  start(signal: AbortSignal): Promise<void>
  endpoint(signal: AbortSignal): Promise<string>
  /** Calls back when a browser that is ours runs again after it ended by itself; never for somebody else's. */
  onRestart(listener: () => void): void
  /** A picture of the display that the windows are on; undefined when there is none that may be pictured. */
  readonly grabDisplay: GrabDisplay
  /** Asked while nothing is connected. */
  readiness(): Promise<Readiness>
  close(): Promise<void>
}

/** Somebody else's browser. It is never started and never ended. */
export function connectedBrowser(endpoint: string, clock: Clock): BrowserSource {
  const resolve = (signal: AbortSignal): Promise<string> => resolveEndpoint(endpoint, { clock, signal })
  const readiness = async (): Promise<Readiness> => {
    try {
      await resolveEndpoint(endpoint, { clock, signal: new AbortController().signal, timeoutMs: limits.readinessMs })
      return { ready: true }
    } catch (error) {
      // Not an error of the server: the answer is that there is no browser to capture yet.
      return { ready: false, reason: error instanceof Error ? error.message : String(error) }
    }
  }
  // Somebody else's browser need not be there yet, but an endpoint that can never be one is refused at once.
  const start = async (signal: AbortSignal): Promise<void> => {
    await resolve(signal).catch((error: unknown) => {
      if (error instanceof TelemetryError && error.code === 'devtools_bad_url') throw error
    })
  }
  // Its display may be DISPLAY or not: only who configures it knows.
  const display = process.env['DISPLAY']
  const grab: GrabDisplay = async ({ isExplicit, signal }) =>
    isExplicit && display !== undefined && display !== '' ? grabDisplay({ display, signal }) : undefined
  return { start, endpoint: resolve, onRestart: () => undefined, grabDisplay: grab, readiness, close: () => Promise.resolve() }
}

export interface LaunchedOptions {
  readonly browser: Extract<BrowserOption, { at: 'launch' }>
  readonly publish: Publish
  readonly clock: Clock
  readonly logger: Logger
}

/** A Chromium of our own: started again when it crashes, ended with the server. */
export function launchedBrowser({ browser, publish, clock, logger }: LaunchedOptions): BrowserSource {
  let started: Promise<BrowserSupervisor> | undefined
  let supervisor: BrowserSupervisor | undefined
  let restarted = (): void => undefined
  const onCrash = (crash: BrowserCrash): void => {
    publish(crashDraft(crash))
  }
  const { chromium, headful } = browser
  return {
    start: async (signal) => {
      // An empty page: the new-tab page of Chromium makes some hundred requests of its own.
      const onRestart = (): void => restarted()
      const starting = superviseBrowser({ clock, chromium, headful, args: ['about:blank'], signal, log: logger, onCrash, onRestart })
      // That a start failed is told to who asked for it, once; whoever waits for the endpoint is let go when the server ends.
      started = starting.catch(() => new Promise<never>(() => undefined))
      supervisor = await starting
    },
    endpoint: async (signal) => {
      if (started === undefined) throw new Error('Chromium is not started yet')
      const { endpoint } = await abortable(started, signal)
      return endpoint(signal)
    },
    onRestart: (listener) => {
      restarted = listener
    },
    // Without being asked for by name only a display that is ours; never somebody's desktop beside a headless browser.
    grabDisplay: async ({ isExplicit, signal }) => {
      const display = supervisor?.current?.display
      return display !== undefined && (display.isPrivate || isExplicit) ? grabDisplay({ display: display.name, signal }) : undefined
    },
    readiness: async () => (supervisor?.current === undefined ? { ready: false, reason: 'Chromium is not running' } : { ready: true }),
    close: async () => supervisor?.close(),
  }
}

function crashDraft({ phase, pid }: BrowserCrash): EventDraft<'service_crashed'> {
  return {
    type: 'service_crashed',
    category: 'system',
    detailLevel: 'standard',
    source: { kind: 'kernel_api' },
    data: { service_name: 'chromium', phase, ...(pid === undefined ? {} : { pid }) },
  }
}
