// All browsers of the control plane: found by id or name, created, listed, ended, and taken on again after a restart. It knows no HTTP; what a
// browser's server captures is asked of that server, not kept here.
import { type Browser, type Clock, deadline, limits, type TelemetryConfig, TelemetryError } from '@tabscope/schema'
import type { Logger } from 'pino'
import { bringUp, end, type LifeOptions, type LiveBrowser, liveBrowser, remember, takeLease, watch } from './browser-life.ts'
import { type BrowserRecord, browserView } from './browser-record.ts'
import { type ChangeRequest, type CreationRequest, capturedAtStart } from './browser-request.ts'
import type { BrowserStore } from './browser-store.ts'
import type { Lease, LeaseEvents } from './leases.ts'
import { newRecord } from './new-record.ts'
import type { ServerAccess } from './server-client.ts'
import { isSameProcess, type ServerProcess } from './server-process.ts'
import type { SigningKeys } from './signing-keys.ts'
import { createStartGate, type StartGate } from './start-gate.ts'

export interface BrowsersOptions {
  readonly store: BrowserStore
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly logger: Logger
  readonly most: number
  /** Shown on every browser; the published Python client requires them. */
  readonly memory: string
  readonly region: string
  /** Whether a browser with a window can be had. */
  readonly hasDisplay: boolean
  readonly startServer: (record: BrowserRecord) => ServerProcess
  /** Makes its server what the record cannot tell it on its command line. */
  readonly prepare: (browser: LiveBrowser, config: TelemetryConfig | undefined) => Promise<void>
  readonly onEnded: (record: BrowserRecord) => void
}

export interface Browsers {
  /** Starts one and resolves when it is ready. `signal` calls it off; what was begun is undone. */
  create(request: CreationRequest, options: { destination: string | undefined; signal: AbortSignal }): Promise<LiveBrowser>
  /** A browser that is there, by id or name. Throws `browser_not_found`, also for one that has ended. */
  active(idOrName: string): LiveBrowser
  /** The same, also one that has ended; of several with that name the newest. */
  any(idOrName: string): LiveBrowser
  /** Where its server is. Throws `browser_gone` when it has ended. */
  accessTo(browser: LiveBrowser): Promise<ServerAccess>
  /** Name and tags, at once. Throws `name_taken`. */
  rename(browser: LiveBrowser, request: ChangeRequest): Promise<void>
  view(browser: LiveBrowser): Promise<Browser>
  /** All, the newest first. */
  readonly all: readonly LiveBrowser[]
  /** How many there are in that state. */
  count(state: LiveBrowser['at']): number
  /** Forgets one that has ended. */
  forget(browser: LiveBrowser): Promise<void>
  claim(id: string, lease: Lease): LeaseEvents | undefined
  /** Takes on what an earlier control plane left behind. */
  adopt(records: readonly BrowserRecord[]): void
  readonly counts: { readonly created: number; readonly failed: number; readonly ended: number }
  /** Ends all of them. */
  close(): Promise<void>
}

interface State {
  readonly options: BrowsersOptions
  readonly byId: Map<string, LiveBrowser>
  readonly gate: StartGate
  readonly closing: AbortController
  readonly counts: { created: number; failed: number; ended: number }
}

export function createBrowsers(options: BrowsersOptions): Browsers {
  const state: State = {
    options,
    byId: new Map(),
    gate: createStartGate(limits.browserStartsAtOnce),
    closing: new AbortController(),
    counts: { created: 0, failed: 0, ended: 0 },
  }
  return {
    create: (request, { destination, signal }) => create(state, { request, destination, signal }),
    active: (idOrName) => find(state, idOrName, isActive),
    any: (idOrName) => find(state, idOrName, (browser) => browser.at !== 'starting'),
    accessTo: (browser) => accessTo(state, browser),
    rename: (browser, request) => rename(state, browser, request),
    view: (browser) => viewOf(state, browser),
    get all() {
      return newestFirst(state).filter((browser) => browser.at !== 'starting')
    },
    count: (at) => [...state.byId.values()].filter((browser) => browser.at === at).length,
    forget: async ({ id }) => {
      // The files first: while they go, it is still listed, and nothing that is not listed stays behind.
      await options.store.remove(id)
      state.byId.delete(id)
    },
    claim: (id, lease) => {
      const browser = state.byId.get(id)
      const events = browser === undefined ? undefined : takeLease(browser, lease)
      // One that comes back may know keys that were taken back meanwhile.
      if (browser !== undefined && events !== undefined)
        lease.send({ kind: 'secrets', secrets: [...options.keys.secretsFor(browser.record)] })
      return events
    },
    adopt: (records) => {
      for (const record of records) adopt(state, record)
    },
    counts: state.counts,
    close: async () => {
      state.closing.abort(new TelemetryError('browser_start_failed', { problem: 'the control plane is being stopped' }))
      await Promise.all([...state.byId.values()].map((browser) => end(browser, 'the control plane was stopped')))
    },
  }
}

/** One that is still being started was announced to nobody. */
function isActive(browser: LiveBrowser): boolean {
  return browser.at === 'running'
}

function newestFirst(state: State): readonly LiveBrowser[] {
  const byTime = (one: LiveBrowser, other: LiveBrowser): number => (one.record.createdAt < other.record.createdAt ? 1 : -1)
  return [...state.byId.values()].sort(byTime)
}

function find(state: State, idOrName: string, isWanted: (browser: LiveBrowser) => boolean): LiveBrowser {
  const byId = state.byId.get(idOrName)
  if (byId !== undefined && isWanted(byId)) return byId
  const named = newestFirst(state).filter((browser) => browser.record.name === idOrName && isWanted(browser))
  const found = named.find(isActive) ?? named[0]
  if (found === undefined) throw new TelemetryError('browser_not_found', { id: idOrName.slice(0, limits.browserNameChars) })
  return found
}

function lifeOptions({ options, counts }: State, id: string): LifeOptions {
  const { clock, store, logger } = options
  return {
    clock,
    save: store.save,
    logPath: store.logPath(id),
    onEnded: ({ record }) => {
      counts.ended += 1
      logger.info({ browser: id, reason: record.endReason }, 'a browser has ended')
      options.onEnded(record)
    },
    onTrouble: (what, cause) => logger.error({ browser: id, err: cause }, what),
  }
}

interface Creation {
  readonly request: CreationRequest
  readonly destination: string | undefined
  readonly signal: AbortSignal
}

async function create(state: State, creation: Creation): Promise<LiveBrowser> {
  const { options, closing } = state
  const { request, destination } = creation
  closing.signal.throwIfAborted()
  const there = [...state.byId.values()].filter((browser) => browser.at !== 'ended').length
  if (there >= options.most) throw new TelemetryError('too_many_browsers', { limit: options.most })
  const config = capturedAtStart(request)
  const { name } = request
  if (name !== undefined) checkName(state, name)
  const record = newRecord(options, request, { config, destination })
  const browser = liveBrowser(record, 'starting', lifeOptions(state, record.id))
  // In the map from here on, so that the name is taken and the limit counts what is being started.
  state.byId.set(record.id, browser)
  const late = deadline(options.clock, limits.browserStartMs, AbortSignal.any([creation.signal, closing.signal]))
  try {
    await options.store.makeFolder(record.id)
    await options.store.save(record)
    await state.gate.run(() => bringUp(browser, () => options.startServer(record), late.signal), late.signal)
    await options.prepare(browser, config)
    state.counts.created += 1
    return browser
  } catch (error) {
    state.counts.failed += 1
    await discard(state, browser)
    throw late.signal.aborted && isTimeout(late.signal.reason) ? tooLate() : error
  } finally {
    late.cancel()
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

function tooLate(): TelemetryError {
  return new TelemetryError('browser_start_failed', { problem: `it was not ready within ${limits.browserStartMs} ms` })
}

/** Nobody was told of it: nothing of it stays. */
async function discard(state: State, browser: LiveBrowser): Promise<void> {
  if (browser.record.process === undefined) browser.at = 'ended'
  else await end(browser, 'it did not start')
  state.byId.delete(browser.id)
  await state.options.store.remove(browser.id)
}

function checkName(state: State, name: string, except?: LiveBrowser): void {
  const isTaken = [...state.byId.values()].some((other) => other !== except && other.at !== 'ended' && other.record.name === name)
  if (isTaken) throw new TelemetryError('name_taken', { name, what: 'browser' })
}

async function rename(state: State, browser: LiveBrowser, { name, tags }: ChangeRequest): Promise<void> {
  if (name === undefined && tags === undefined) return
  if (name !== undefined) checkName(state, name, browser)
  await remember(browser, { ...browser.record, ...(name === undefined ? {} : { name }), ...(tags === undefined ? {} : { tags }) })
}

async function accessTo({ options }: State, browser: LiveBrowser): Promise<ServerAccess> {
  const { id, record } = browser
  if (!isActive(browser) || record.process?.url === undefined) throw new TelemetryError('browser_gone', { browser: id })
  return { id, baseUrl: `${record.process.url}/browser/${id}`, token: await options.keys.tokenFor(record) }
}

async function viewOf({ options }: State, browser: LiveBrowser): Promise<Browser> {
  const { memory, region, clock, keys } = options
  const token = isActive(browser) ? await keys.tokenFor(browser.record) : undefined
  return browserView(browser.record, { memory, region, token, nowMs: clock.wallUs() / 1000 })
}

/** A browser whose server may still live waits for it to come back; any other has ended without anybody to see it. */
function adopt(state: State, record: BrowserRecord): void {
  const life = lifeOptions(state, record.id)
  if (record.endedAt !== undefined) {
    state.byId.set(record.id, endedBrowser(record, life))
    return
  }
  const mayLive = record.process?.url !== undefined && isSameProcess(record.process)
  const browser = liveBrowser({ ...record, keyId: state.options.keys.keyIdOf(record) }, 'running', life)
  state.byId.set(record.id, browser)
  if (mayLive) state.options.logger.info({ browser: record.id }, 'waiting for the server of a browser to come back')
  watch(browser)
}

function endedBrowser(record: BrowserRecord, life: LifeOptions): LiveBrowser {
  const browser = liveBrowser(record, 'ended', life)
  browser.tell.ended()
  return browser
}
