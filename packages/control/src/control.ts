// The composition root of the control plane: opens what it needs in the order of need, ends it in the opposite one. When it is closed no
// browser is left; when it is killed its browsers wait for the next one on the same data folder.
import { mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { createRouter, createTeardown, guarded, listen, type Teardown } from '@tabscope/http'
import { nodeFiles } from '@tabscope/log'
import {
  type Clock,
  configOff,
  limits,
  settableCategories,
  systemClock,
  type TelemetryConfig,
  TelemetryError,
  withCategories,
} from '@tabscope/schema'
import { apiKeysOf, openApiKeys } from './api-keys.ts'
import { createArchive } from './archive.ts'
import { applyTelemetry, drive } from './browser-change.ts'
import type { LiveBrowser } from './browser-life.ts'
import { createBrowserStore } from './browser-store.ts'
import { type Browsers, createBrowsers } from './browsers.ts'
import type { ControlOptions } from './config.ts'
import { createControlMetrics } from './control-metrics.ts'
import { openDestinations } from './destinations.ts'
import { keyed } from './entrance.ts'
import { routesOf } from './handlers.ts'
import { openLeases } from './leases.ts'
import { createRateLimit } from './rate-limit.ts'
import { startRetention } from './retention.ts'
import { hasXvfb, serverArguments, serverEnvironment } from './server-arguments.ts'
import { spawnServer } from './server-process.ts'
import type { Services } from './services.ts'
import { openSigningKeys, type SigningKeys } from './signing-keys.ts'

export interface RunningControl extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8400`. */
  readonly url: string
  /** The API key that was made at this start, to be shown once. */
  readonly generatedKey: string | undefined
  /** Ends all browsers, then itself. May be called twice. */
  close(): Promise<void>
}

/** Starts a control plane. Throws `data_folder_locked`, `data_folder_not_writable`, `port_in_use` and `host_not_available`. */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const teardown = createTeardown((name, cause) => options.logger.error({ err: cause, part: name }, 'a part failed to end'))
  try {
    return await start(options, teardown)
  } catch (error) {
    await teardown.run()
    throw error
  }
}

async function start(options: ControlOptions, teardown: Teardown): Promise<RunningControl> {
  const clock = options.clock ?? systemClock
  const directory = await lockedFolder(options.dataDirectory, teardown)
  const given = options.apiKeys ?? []
  const { keys: apiKeys, generated } =
    given.length > 0 ? { keys: apiKeysOf(given), generated: undefined } : await openApiKeys(join(directory, 'api-key.json'))
  if (options.s2?.at === 'off' && options.s2.isMeant) options.logger.error({ reason: options.s2.reason }, 'no S2: events are on disk only')
  const services = await assemble(options, { directory, clock, teardown })
  const counts = { refused: 0, limited: 0 }
  const rateLimit = createRateLimit(options.requestsPerSecond ?? limits.controlRequestsPerSecond, clock)
  const router = createRouter({
    routes: routesOf({
      ...services,
      metrics: createControlMetrics({ browsers: services.browsers, destinations: services.destinations, entrance: counts }),
    }),
    onDefect: (cause, call) => options.logger.error({ err: cause, ...call }, 'a request failed'),
  })
  const host = options.host ?? '127.0.0.1'
  const policy = { allowedHosts: options.allowedHosts ?? [], corsOrigins: options.corsOrigins ?? [], anyHost: !isLoopback(host) }
  const handler = guarded(keyed(router, { keys: apiKeys, rateLimit, counts }), policy)
  const listening = await listen({ host, port: options.port ?? 8400, handler, clock })
  teardown.add('port', () => listening.close())
  // Before the port is closed: the forwarded streams end with their browsers.
  teardown.add('browsers', () => services.browsers.close())
  const close = (): Promise<void> => teardown.run()
  return { url: listening.url, generatedKey: generated, close, [Symbol.asyncDispose]: close }
}

async function lockedFolder(path: string, teardown: Teardown): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const directory = await realpath(path)
    const lock = await nodeFiles.lock(directory)
    if (lock === undefined) throw new TelemetryError('data_folder_locked', { directory })
    teardown.add('lock', () => lock.release())
    return directory
  } catch (cause) {
    if (cause instanceof TelemetryError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TelemetryError('data_folder_not_writable', { directory: path, reason }, { cause })
  }
}

interface Surroundings {
  readonly directory: string
  readonly clock: Clock
  readonly teardown: Teardown
}

async function assemble(options: ControlOptions, surroundings: Surroundings): Promise<Omit<Services, 'metrics'>> {
  const { directory, clock, teardown } = surroundings
  const { logger } = options
  const keys = await openSigningKeys(join(directory, 'signing-keys.json'), options.keyChange ?? 'keep', clock)
  const destinations = await openDestinations(join(directory, 'destinations.json'), clock)
  const store = createBrowserStore(join(directory, 'browsers'))
  const archive = createArchive({ clock, s2: options.s2?.at === 'on' ? options.s2.access : undefined })
  const records = await store.load((id, cause) =>
    logger.error({ browser: id, err: cause }, 'what is remembered of a browser cannot be read'),
  )
  // A server may come back in the moment the socket is there, so its browser has to be known before.
  const socket = { path: '' }
  const region = options.region ?? 'us-east'
  const browsers: Browsers = createBrowsers({
    store,
    keys,
    clock,
    logger,
    most: options.mostBrowsers ?? limits.controlBrowsers,
    memory: options.memory ?? '8GiB',
    region,
    hasDisplay: hasXvfb(process.env),
    startServer: (record) =>
      spawnServer({
        program: options.program,
        args: serverArguments(record, { ...options, socketPath: socket.path, eventsFolder: store.eventsFolder(record.id) }),
        env: serverEnvironment(process.env, {
          tokens: keys.secretsFor(record),
          isStored: record.isStored,
          destination: record.destination === undefined ? undefined : destinations.get(record.destination),
        }),
        logPath: store.logPath(record.id),
      }),
    prepare: (browser, config) => prepare(browser, { config, browsers, clock, logger }),
    onEnded: () => forgetUnusedKeys(keys, browsers, (cause) => logger.error({ err: cause }, 'old signing keys could not be removed')),
  })
  browsers.adopt(records)
  const leases = await openLeases({ dataDirectory: directory, clock, claim: browsers.claim })
  socket.path = leases.socketPath
  teardown.add('leases', () => leases.close())
  const onTrouble = (cause: unknown): void => logger.error({ err: cause }, 'an old browser could not be removed')
  const retentionMs = options.retentionMs ?? limits.archiveRetentionMs
  teardown.add('retention', startRetention({ browsers, destinations, store, archive, clock, retentionMs, onTrouble }))
  return { browsers, store, destinations, archive, clock, logger, region }
}

interface Preparation {
  readonly config: TelemetryConfig | undefined
  readonly browsers: Browsers
  readonly clock: Clock
  readonly logger: ControlOptions['logger']
}

/** What the command line cannot say, before the browser is announced. A page that does not open is no reason to refuse the browser. */
async function prepare(browser: LiveBrowser, { config, browsers, clock, logger }: Preparation): Promise<void> {
  const access = await browsers.accessTo(browser)
  if (config !== undefined && !isSaidByFlags(config)) {
    const wanted = Object.fromEntries(Object.entries(config.browser).map(([name, category]) => [name, { ...category }]))
    await applyTelemetry(access, { kind: 'replace', browser: wanted }, clock)
  }
  const { startUrl: url, viewport } = browser.record
  if (url === undefined && viewport === undefined) return
  const problem = await drive(access, { url, viewport }, clock)
  if (problem !== undefined) logger.warn({ browser: browser.id, problem }, 'the start page was not opened')
}

/** Whether the list of categories on the server's command line says it all. */
function isSaidByFlags(config: TelemetryConfig): boolean {
  const enabled = new Set(settableCategories.filter((category) => config.browser[category].enabled))
  return JSON.stringify(config.browser) === JSON.stringify(withCategories(configOff, enabled).browser)
}

function forgetUnusedKeys(keys: SigningKeys, browsers: Browsers, onTrouble: (cause: unknown) => void): void {
  const used = browsers.all.filter((browser) => browser.at !== 'ended').map(({ record }) => record.keyId)
  keys.keepOnly(new Set(used)).catch(onTrouble)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
