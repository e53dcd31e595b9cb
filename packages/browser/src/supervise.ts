// Keeps one Chromium running: starts it again after a crash, with growing waits, and says where the current one is.
// Never attaches to it and never looks at what it shows.
//
//   running --ended by itself--> waiting --back-off over, started--> running
//   waiting --too many failures in a row--> gave_up          any --close--> closed
import { delay, limits, TelemetryError } from '@tabscope/schema'
import { type LaunchOptions, launchBrowser, type RunningBrowser } from './launch.ts'

/** A Chromium ended without being told to. `gave_up`: it will not be started again. */
export interface BrowserCrash {
  readonly phase: 'startup' | 'running' | 'gave_up'
  /** Absent after giving up, and when not even a process came to be. */
  readonly pid?: number
}

export interface SuperviseOptions extends LaunchOptions {
  readonly onCrash?: (crash: BrowserCrash) => void
  /** A new Chromium runs in the place of one that ended by itself. It has none of its pages. */
  readonly onRestart?: () => void
}

export interface BrowserSupervisor extends AsyncDisposable {
  /** The DevTools endpoint of the current Chromium; waits for the next one while there is none. Rejects when there will be none. */
  endpoint(signal: AbortSignal): Promise<string>
  /** The running Chromium, or undefined between two. */
  readonly current: RunningBrowser | undefined
  close(): Promise<void>
}

type Life =
  | { at: 'running'; browser: RunningBrowser; sinceMs: number }
  | { at: 'waiting' }
  | { at: 'gave_up'; error: unknown }
  | { at: 'closed' }

interface State {
  life: Life
  /** Called at each change of `life`. */
  waiters: Set<() => void>
}

/** Starts a Chromium and keeps it running. Rejects like `launchBrowser` when the first start fails. */
export async function superviseBrowser(options: SuperviseOptions): Promise<BrowserSupervisor> {
  const first = await launchBrowser(options)
  const state: State = { life: { at: 'running', browser: first, sinceMs: options.clock.monotonicMs() }, waiters: new Set() }
  const stopping = new AbortController()
  const loop = keepRunning(state, { ...options, signal: stopping.signal })
  const close = async (): Promise<void> => {
    const browser = state.life.at === 'running' ? state.life.browser : undefined
    changeLife(state, { at: 'closed' })
    stopping.abort(new Error('the browser supervisor was closed'))
    await browser?.close()
    await loop
  }
  return {
    endpoint: (signal) => waitForEndpoint(state, signal),
    get current() {
      return state.life.at === 'running' ? state.life.browser : undefined
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Runs until closed or given up. Never rejects. */
async function keepRunning(state: State, options: SuperviseOptions & { signal: AbortSignal }): Promise<void> {
  let failures = 0
  while (state.life.at === 'running') {
    const { browser, sinceMs } = state.life
    const exit = await browser.exited
    if (options.signal.aborted) return
    failures = options.clock.monotonicMs() - sinceMs >= limits.chromiumSteadyMs ? 1 : failures + 1
    options.log?.warn({ pid: browser.pid, ...exit }, 'Chromium ended by itself')
    changeLife(state, { at: 'waiting' })
    options.onCrash?.({ phase: 'running', pid: browser.pid })
    failures = await startAgain(state, failures, options)
  }
}

/** Tries until one runs, or until there were too many failures. Answers how many there have been in a row. */
async function startAgain(state: State, failuresBefore: number, options: SuperviseOptions & { signal: AbortSignal }): Promise<number> {
  let failures = failuresBefore
  let lastError: unknown
  while (failures < limits.chromiumFailures) {
    try {
      await delay(options.clock, backOffMs(failures), options.signal)
      const browser = await launchBrowser(options)
      if (options.signal.aborted) await browser.close()
      changeLife(state, { at: 'running', browser, sinceMs: options.clock.monotonicMs() })
      if (!options.signal.aborted) options.onRestart?.()
      return failures
    } catch (error) {
      if (options.signal.aborted) return failures
      failures += 1
      lastError = error
      const pid =
        error instanceof TelemetryError && error.code === 'chromium_start_failed'
          ? (error as TelemetryError<'chromium_start_failed'>).detail.pid
          : undefined
      options.log?.warn({ error, failures }, 'Chromium did not start')
      options.onCrash?.({ phase: 'startup', ...(pid === undefined ? {} : { pid }) })
    }
  }
  changeLife(state, { at: 'gave_up', error: lastError })
  options.onCrash?.({ phase: 'gave_up' })
  return failures
}

function backOffMs(failures: number): number {
  return Math.min(limits.chromiumRestartMostMs, limits.chromiumRestartFirstMs * 2 ** Math.max(0, failures - 1))
}

function changeLife(state: State, life: Life): void {
  if (state.life.at === 'closed') return
  state.life = life
  for (const wake of [...state.waiters]) wake()
}

async function waitForEndpoint(state: State, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted()
    if (state.life.at === 'running') return state.life.browser.endpoint
    if (state.life.at === 'gave_up') throw state.life.error
    if (state.life.at === 'closed') throw new Error('the browser supervisor was closed')
    await nextChange(state, signal)
  }
}

function nextChange(state: State, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      state.waiters.delete(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    state.waiters.add(wake)
    signal.addEventListener('abort', wake, { once: true })
  })
}
