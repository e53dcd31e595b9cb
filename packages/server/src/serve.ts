// The composition root: the only place where log, monitor, browser and HTTP meet. Starts them in the order in which they need each
// other and ends them in the opposite one, so that a failure anywhere leaves nothing behind.
import { createTeardown, listen, type Teardown } from '@tabscope/http'
import { type EventLog, openEventLog } from '@tabscope/log'
import { createRedactor } from '@tabscope/monitor'
import { type Clock, configOff, type Publish, systemClock, type TelemetryConfig, TelemetryError } from '@tabscope/schema'
import { type Access, createAccess } from './access.ts'
import { createActivity, watchIdle } from './activity.ts'
import { createApp } from './app.ts'
import { type BrowserSide, createBrowserSide } from './browser-side.ts'
import { initialConfig, type ServeOptions } from './config.ts'
import { decisionFor, type Storage } from './decision.ts'
import { createDoors } from './doors.ts'
import { reportExports } from './export-report.ts'
import { keepPagesOpen } from './kept-pages.ts'
import { createLogger, type Logger } from './log-line.ts'
import { tellTrouble } from './log-trouble.ts'
import { checkPageUrls } from './open-pages.ts'
import { createOwner, type Owner } from './owner.ts'
import { sayWithoutS2 } from './s2-plan.ts'
import { createServerMetrics } from './server-metrics.ts'
import { prepareSinks } from './server-sinks.ts'
import type { Services } from './services.ts'
import { showPage } from './show-page.ts'
import { createStreams } from './streams.ts'
import { type Capture, createTelemetrySession } from './telemetry-session.ts'
import { untilCaptured } from './until-captured.ts'

export interface RunningServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:10001`. */
  readonly url: string
  /** `url` with the base path: where clients of a control plane are sent. */
  readonly baseUrl: string
  readonly log: EventLog
  /** The last number given before this start; a reader behind it gets everything of this run. 0 = none ever. */
  readonly startSeq: number
  /** The DevTools WebSocket URL of the browser, for other CDP clients. Rejects when there is no browser. */
  browserEndpoint(signal: AbortSignal): Promise<string>
  /** Resolves with the reason when this server is to end by itself: its owner says so or is gone, or nobody used the browser. `close` it then. */
  readonly finished: Promise<string>
  /** Ends streams cleanly, flushes the log, ends a launched Chromium. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts the server of one browser; resolves when it listens, captures what it was told to, and has opened its pages.
 * Throws what access.ts does, `port_in_use`, `host_not_available`, `page_not_opened` for a URL that is none, and what log and browser throw.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1'
  const clock = options.clock ?? systemClock
  const access = createAccess(options, { host, clock })
  checkPageUrls(options.openUrls ?? [])
  const logger = options.logger ?? createLogger('info')
  const teardown = createTeardown((name, cause) => logger.error({ err: cause, part: name }, 'a part of the server failed to end'))
  const ending = createEnding()
  try {
    const owner = ownerOf(options, { access, clock, onOver: ending.end })
    if (owner !== undefined) teardown.add('owner', () => owner.close())
    return await start(options, { host, access, logger, teardown, clock, own: { url: undefined }, owner, ending })
  } catch (error) {
    await teardown.run()
    throw error
  }
}

interface Frame {
  readonly host: string
  readonly access: Access
  readonly logger: Logger
  readonly teardown: Teardown
  readonly clock: Clock
  /** Where this server listens, once it does. */
  readonly own: { url: string | undefined }
  readonly owner: Owner | undefined
  readonly ending: Ending
}

/** The wish to end that comes from within. */
interface Ending {
  readonly signal: AbortSignal
  readonly finished: Promise<string>
  end(reason: string): void
}

function createEnding(): Ending {
  const controller = new AbortController()
  const finished = new Promise<string>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(String(controller.signal.reason.message)), { once: true })
  })
  return { signal: controller.signal, finished, end: (reason) => controller.abort(new Error(reason)) }
}

const endTexts = { told: 'its control plane ended it', owner_gone: 'its control plane was gone' } as const

function ownerOf(
  { ownerSocket, ownerGraceMs, browserId }: ServeOptions,
  { access, clock, onOver }: { access: Access; clock: Clock; onOver: (reason: string) => void },
): Owner | undefined {
  if (ownerSocket === undefined) return undefined
  if (browserId === undefined) throw new TelemetryError('browser_id_missing', {})
  return createOwner({
    socketPath: ownerSocket,
    browserId,
    clock,
    ...(ownerGraceMs === undefined ? {} : { graceMs: ownerGraceMs }),
    onOver: (ending) => onOver(endTexts[ending]),
    onSecrets: access.useSecrets,
  })
}

async function start(options: ServeOptions, frame: Frame): Promise<RunningServer> {
  const { teardown, clock } = frame
  const services = await assemble(options, frame)
  const { log, session, browser, defaults, storage } = services
  const startSeq = log.seq
  // The port first: a second server on it is told so before a Chromium is started for it.
  const listening = await listen({ host: frame.host, port: options.port ?? 10001, ...createApp(services, frame.access), clock })
  frame.own.url = listening.url
  teardown.add('port', () => listening.close())
  teardown.add('streams', () => services.streams.end())
  teardown.add('session', () => session.close())
  teardown.add('browser', () => browser.close())
  teardown.add('doors', () => services.closeDoors())
  const stopping = new AbortController()
  teardown.add('start', () => stopping.abort(new Error('the server was closed')))
  const given = options.signal === undefined ? [] : [options.signal]
  const signal = AbortSignal.any([stopping.signal, frame.ending.signal, ...given])
  // Both at once: who asks or changes while the browser still starts finds the configuration that the server was started with.
  const config = initialConfig(options.telemetry ?? 'off', defaults)
  const configured = config === undefined ? undefined : session.change(() => decisionFor(config, storage))
  await Promise.all([configured, browser.start(signal)])
  const urls = options.openUrls ?? []
  const step = { browser, clock, logger: frame.logger, signal }
  // Somebody else's browser may be started much later: only pages are a reason to wait for it.
  if (urls.length > 0) await keepPagesOpen(urls, step)
  else if (options.browser.at === 'launch') await untilCaptured(step)
  const close = (): Promise<void> => teardown.run()
  endWhenIdle(options, services, frame)
  sayWithoutS2(options, frame.logger)
  frame.owner?.ready(listening.url)
  return {
    finished: frame.ending.finished,
    url: listening.url,
    baseUrl: `${listening.url}${frame.access.basePath}`,
    log,
    startSeq,
    browserEndpoint: browser.endpoint,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function endWhenIdle({ idleTimeoutMs }: ServeOptions, { activity, clock }: Services, { teardown, ending, owner }: Frame): void {
  if (idleTimeoutMs === undefined) return
  const onIdle = (): void => {
    const reason = `nobody used it for ${idleTimeoutMs / 1000} s`
    owner?.ending(reason)
    ending.end(reason)
  }
  activity.touch()
  teardown.add('idle', watchIdle(activity, { clock, timeoutMs: idleTimeoutMs, onIdle }))
}

/** What a configuration does not say is as the server was started with. */
function startDefaults({ attachMode = 'passive', exportsOtlp = false }: ServeOptions, storage: Storage): TelemetryConfig {
  return { ...configOff, attach_mode: attachMode, export: { otlp: { enabled: exportsOtlp } }, storage: { enabled: storage === 'disk' } }
}

/** Everything but the port, none of it running yet. Only the log has something to close. */
async function assemble(options: ServeOptions, frame: Frame): Promise<Services & { readonly browser: BrowserSide }> {
  const { logger, clock } = frame
  const storage: Storage = options.dataDirectory === undefined ? 'memory' : 'disk'
  const defaults = startDefaults(options, storage)
  const directory = options.dataDirectory === undefined ? {} : { directory: options.dataDirectory }
  // Trouble may be told while the log is being opened; there is nobody to publish to yet.
  let publish: Publish = () => undefined
  const sinks = await prepareSinks(options, { clock, logger, config: initialConfig(options.telemetry ?? 'off', defaults) ?? configOff })
  const log = await openEventLog({
    ...directory,
    clock,
    limits: options.logLimits ?? {},
    protect: sinks.side.protect,
    onTrouble: (trouble) => tellTrouble(trouble, { logger, publish: (draft) => publish(draft) }),
  })
  frame.teardown.add('log', () => log.close())
  // The monitor publishes into the session, and the session tells the monitor what to capture: one of them has to come first.
  const capture: Capture = {
    apply: async (config, captureSessionId) => {
      const { warnings } = await browser.capture.apply(config, captureSessionId)
      return { warnings: [...warnings, ...sinks.otlp.follow(config)] }
    },
  }
  const onTrouble = (what: string, cause: unknown): void => logger.warn({ err: cause }, what)
  const droppedEvents = (): number => log.droppedEvents + streams.missedEvents
  const session = createTelemetrySession({
    log,
    droppedEvents,
    clock,
    defaults,
    capture,
    redactor: (config) => createRedactor(config.redaction),
    labels: options.labels ?? {},
    onTrouble,
  })
  publish = session.publish
  const report = frame.owner === undefined ? undefined : reportExports({ sinks: sinks.side, owner: frame.owner, clock })
  frame.teardown.add('sinks', async () => {
    await sinks.close()
    report?.close()
  })
  sinks.attach(log, session)
  const browser = createBrowserSide({
    browser: options.browser,
    publish: session.publish,
    clock,
    logger,
    isOwnUrl: (url) => frame.own.url !== undefined && url.startsWith(`${frame.own.url}/`),
  })
  const streams = createStreams({
    log,
    clock,
    mostStreams: options.mostStreams,
    onTrouble: (cause) => onTrouble('a stream could not read the log and was cut', cause),
  })
  const activity = createActivity(clock)
  const curlPolicy = options.curl ?? ((options.tokenSecrets ?? []).length > 0 ? 'public' : 'any')
  const doors = createDoors({ session, browser, activity, curlPolicy, ownUrl: () => frame.own.url, clock, logger })
  const metrics = createServerMetrics({ log, droppedEvents, streams, session, sinks: sinks.side, browser, doors })
  return {
    log,
    session,
    streams,
    ...doors,
    metrics,
    activity,
    show: (request) => showPage(request, { browser, clock }),
    clock,
    logger,
    defaults,
    storage,
    archive: sinks.archive,
    sinks: sinks.side,
    readiness: browser.readiness,
    browser,
  }
}
