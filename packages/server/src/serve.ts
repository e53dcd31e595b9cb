// The composition root: the only place where log, monitor, browser and HTTP meet. Starts them in the order in which they need each
// other and ends them in the opposite one, so that a failure anywhere leaves nothing behind.
import { listen } from '@tabscope/http'
import { type EventLog, openEventLog } from '@tabscope/log'
import { configOff, systemClock, type TelemetryConfig, TelemetryError } from '@tabscope/schema'
import { createApp } from './app.ts'
import { initialConfig, type ServeOptions } from './config.ts'
import { decisionFor, type Storage } from './decision.ts'
import { createLogger, type Logger } from './log-line.ts'
import { createServerMetrics } from './server-metrics.ts'
import { createStreams } from './streams.ts'
import { createTeardown, type Teardown } from './teardown.ts'
import { createTelemetrySession } from './telemetry-session.ts'

export interface RunningServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:10001`. */
  readonly url: string
  readonly log: EventLog
  /** Ends streams cleanly, flushes the log, ends a launched Chromium. May be called twice. */
  close(): Promise<void>
}

/** Starts the server of one browser. Throws `insecure_host`, `port_in_use`, `host_not_available`, and what log and browser throw. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const host = options.host ?? '127.0.0.1'
  if (!isLoopback(host)) throw new TelemetryError('insecure_host', { host })
  const logger = options.logger ?? createLogger('info')
  const teardown = createTeardown((name, cause) => logger.error({ err: cause, part: name }, 'a part of the server failed to end'))
  try {
    return await start(options, { host, logger, teardown })
  } catch (error) {
    await teardown.run()
    throw error
  }
}

interface Frame {
  readonly host: string
  readonly logger: Logger
  readonly teardown: Teardown
}

async function start(options: ServeOptions, { host, logger, teardown }: Frame): Promise<RunningServer> {
  const clock = options.clock ?? systemClock
  const storage: Storage = options.dataDirectory === undefined ? 'memory' : 'disk'
  const defaults: TelemetryConfig = {
    ...configOff,
    attach_mode: options.attachMode ?? 'passive',
    storage: { enabled: storage === 'disk' },
  }
  const log = await openEventLog({ ...(options.dataDirectory === undefined ? {} : { directory: options.dataDirectory }), clock })
  teardown.add('log', () => log.close())
  const capture = { apply: () => Promise.resolve({ warnings: [] }) }
  const session = createTelemetrySession({
    log,
    capture,
    clock,
    defaults,
    labels: options.labels ?? {},
    onTrouble: (what, cause) => logger.warn({ err: cause }, what),
  })
  const streams = createStreams({
    log,
    clock,
    onTrouble: (cause) => logger.warn({ err: cause }, 'a stream could not read the log and was cut'),
  })
  const metrics = createServerMetrics({ log, streams, session, monitorState: () => 'off' })
  const services = { log, session, streams, metrics, clock, logger, defaults, storage, readiness: () => ({ ready: true }) as const }
  const policy = { allowedHosts: options.allowedHosts ?? [], corsOrigins: options.corsOrigins ?? [] }
  const listening = await listen({ host, port: options.port ?? 10001, handler: createApp(services, policy), clock })
  teardown.add('port', () => listening.close())
  teardown.add('streams', () => streams.end())
  teardown.add('session', () => session.close())
  const config = initialConfig(options.telemetry ?? 'off', defaults)
  if (config !== undefined) await session.change(() => decisionFor(config, storage))
  return { url: listening.url, log, close: () => teardown.run(), [Symbol.asyncDispose]: () => teardown.run() }
}

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '::1'])

function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || /^127(\.\d{1,3}){3}$/.test(host)
}
