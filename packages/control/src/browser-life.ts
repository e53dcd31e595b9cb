// The life of one browser's server as its control plane sees it. Every end leads to the same place, whoever noticed it first.
//
//   starting ──ready──▶ running ──end()──▶ ending ──process gone──▶ ended
//      └──failed, called off──▶ ended        running, ending ──process gone by itself──▶ ended
//   after a restart: running, without a lease ──its server comes back──▶ running     ──it does not──▶ ended
import { abortable, type Clock, deadline, delay, limits, TelemetryError } from '@tabscope/schema'
import type { BrowserRecord } from './browser-record.ts'
import type { Lease, LeaseEvents } from './leases.ts'
import { isSameProcess, killProcess, lastWords, type ServerProcess, startOfProcess, terminateProcess } from './server-process.ts'

export interface LifeOptions {
  readonly clock: Clock
  readonly save: (record: BrowserRecord) => Promise<void>
  readonly logPath: string
  /** Told when the browser has ended, after that was saved. */
  readonly onEnded: (browser: LiveBrowser) => void
  readonly onTrouble: (what: string, cause: unknown) => void
}

export interface LiveBrowser {
  readonly id: string
  readonly options: LifeOptions
  record: BrowserRecord
  at: 'starting' | 'running' | 'ending' | 'ended'
  lease: Lease | undefined
  /** Why its server said that it ends. */
  reason: string | undefined
  /** Changes of it run one after the other. */
  lastChange: Promise<unknown>
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  readonly becameReady: Promise<string>
  readonly tell: { ended(): void; ready(url: string): void }
  isWatched: boolean
  /** Its process is a child of ours, whose end we are told with how it came. */
  isChild: boolean
}

/** A browser at the beginning of its life, or as an earlier control plane left it. */
export function liveBrowser(record: BrowserRecord, at: LiveBrowser['at'], options: LifeOptions): LiveBrowser {
  const tell = { ended: (): void => undefined, ready: (_url: string): void => undefined }
  const ended = new Promise<void>((resolve) => {
    tell.ended = resolve
  })
  const becameReady = new Promise<string>((resolve) => {
    tell.ready = resolve
  })
  const rest = { lease: undefined, reason: undefined, lastChange: Promise.resolve(), isWatched: false, isChild: false }
  return { id: record.id, options, record, at, ended, becameReady, tell, ...rest }
}

/** Remembers a changed record. */
export async function remember(browser: LiveBrowser, record: BrowserRecord): Promise<void> {
  browser.record = record
  await browser.options.save(record)
}

/** Brings a browser from its new process to running. Rejects with `browser_start_failed` or the signal's reason; the process is gone then. */
export async function bringUp(browser: LiveBrowser, spawn: () => ServerProcess, signal: AbortSignal): Promise<void> {
  const child = spawn()
  browser.isChild = child.pid !== undefined
  const died = child.exited.then((how) => diedError(browser, how))
  void child.exited.then((how) => settle(browser, browser.reason ?? `its server ${how}`))
  if (child.pid !== undefined) {
    const startedAt = startOfProcess(child.pid)
    browser.record = { ...browser.record, process: { pid: child.pid, ...(startedAt === undefined ? {} : { startedAt }) } }
  }
  try {
    const url = await abortable(Promise.race([browser.becameReady, died.then((error) => Promise.reject(error))]), signal)
    const known = browser.record.process
    if (known === undefined || browser.at !== 'starting') throw await died
    browser.at = 'running'
    await remember(browser, { ...browser.record, process: { ...known, url } })
  } catch (error) {
    await end(browser, 'it did not start')
    throw error
  }
}

async function diedError(browser: LiveBrowser, how: string): Promise<TelemetryError> {
  const words = await lastWords(browser.options.logPath).catch(() => '')
  return new TelemetryError('browser_start_failed', { problem: words === '' ? `its server ${how}` : words })
}

/** Takes on the lease of its server, the first one or that of one that came back. Undefined: this browser has no business living. */
export function takeLease(browser: LiveBrowser, lease: Lease): LeaseEvents | undefined {
  const isExpected = browser.record.process === undefined || browser.record.process.pid === lease.pid
  if (browser.at === 'ended' || browser.at === 'ending' || !isExpected) return undefined
  browser.lease?.close()
  browser.lease = lease
  return {
    onReady: (url) => browser.tell.ready(url),
    onEnding: (reason) => {
      browser.reason = reason
    },
    onExported: (exported) => {
      browser.record = { ...browser.record, exported }
    },
    onClosed: () => {
      if (browser.lease !== lease) return
      browser.lease = undefined
      watch(browser)
    },
  }
}

/** Looks after a server without a lease, until it has one again or is gone; one that hangs about for too long is killed. */
export function watch(browser: LiveBrowser): void {
  if (browser.isWatched || browser.at === 'ended') return
  browser.isWatched = true
  watchUntilClear(browser).then(
    () => {
      browser.isWatched = false
    },
    (cause: unknown) => browser.options.onTrouble('a server could not be looked after', cause),
  )
}

async function watchUntilClear(browser: LiveBrowser): Promise<void> {
  const { clock } = browser.options
  const untilMs = clock.monotonicMs() + limits.adoptionMs
  while (browser.at !== 'ended' && browser.lease === undefined) {
    const known = browser.record.process
    if (browser.isChild && (known === undefined || !isSameProcess(known))) return
    if (known === undefined || !isSameProcess(known)) return settle(browser, browser.reason ?? 'its server was gone')
    if (clock.monotonicMs() >= untilMs) killProcess(known)
    await delay(clock, limits.processCheckMs)
  }
}

/** Ends the browser; resolves when its process is gone and that is remembered. May be called at any time and twice. */
export async function end(browser: LiveBrowser, reason: string): Promise<void> {
  if (browser.at === 'ended') return browser.ended
  const { clock } = browser.options
  browser.at = 'ending'
  browser.reason ??= reason
  const known = browser.record.process
  if (browser.lease !== undefined) browser.lease.send({ kind: 'end' })
  else if (known !== undefined) terminateProcess(known)
  watch(browser)
  const patience = deadline(clock, limits.browserEndMs)
  patience.signal.addEventListener('abort', () => {
    if (known !== undefined) killProcess(known)
  })
  await browser.ended
  patience.cancel()
}

function settle(browser: LiveBrowser, reason: string): void {
  if (browser.at === 'ended') return
  browser.at = 'ended'
  const { clock, onEnded, onTrouble } = browser.options
  const endedAt = new Date(clock.wallUs() / 1000).toISOString()
  const finish = (): void => {
    browser.tell.ended()
    onEnded(browser)
  }
  browser.record = { ...browser.record, endedAt, endReason: reason }
  const save = async (): Promise<void> => {
    await untilSilent(browser)
    await remember(browser, browser.record)
  }
  save().then(finish, (cause: unknown) => {
    onTrouble('the end of a browser could not be saved', cause)
    finish()
  })
}

/** That the process is gone may be known before what it said last was read. */
async function untilSilent({ lease, options }: LiveBrowser): Promise<void> {
  if (lease === undefined) return
  const patience = deadline(options.clock, limits.serverFarewellMs)
  // Late is no failure: then what was read by now has to do.
  await abortable(lease.closed, patience.signal).catch(() => undefined)
  patience.cancel()
  lease.close()
}
