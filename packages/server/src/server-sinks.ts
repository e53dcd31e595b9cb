// All sinks that a server's options ask for: S2, category files, OTLP. Put together before the log is opened, so that retention leaves what
// they still need; started when there is a log.
import { resolve } from 'node:path'
import type { EventLog } from '@tabscope/log'
import type { Clock, TelemetryConfig } from '@tabscope/schema'
import { createCategoryFiles } from '@tabscope/sinks'
import type { ServeOptions } from './config.ts'
import type { Logger } from './log-line.ts'
import { createOtlpExport, type OtlpExport } from './otlp-export.ts'
import { addS2Sink } from './s2-plan.ts'
import type { Services } from './services.ts'
import { createSinkSide, type SinkSide } from './sink-side.ts'
import type { TelemetrySession } from './telemetry-session.ts'

export interface ServerSinks {
  readonly side: SinkSide
  readonly otlp: OtlpExport
  readonly archive: Services['archive']
  /** Starts them. */
  attach(log: EventLog, session: Pick<TelemetrySession, 'publish' | 'state'>): void
  /** Writes what is durable, as far as a stop allows, and ends them. */
  close(): Promise<void>
}

interface Tools {
  readonly clock: Clock
  readonly logger: Logger
  /** What the server begins with. */
  readonly config: TelemetryConfig
}

async function addCategoryFiles(side: SinkSide, { categoryFiles }: ServeOptions): Promise<void> {
  if (categoryFiles === undefined) return
  const directory = resolve(categoryFiles)
  await side.add({ name: 'files', destination: directory, create: () => createCategoryFiles({ directory }), isDurable: true })
}

/** Errors: data_folder_not_writable. */
export async function prepareSinks(options: ServeOptions, { clock, logger, config }: Tools): Promise<ServerSinks> {
  const { dataDirectory, labels = {} } = options
  const side = createSinkSide({ dataDirectory, clock, logger })
  const archive = await addS2Sink(side, options, clock)
  await addCategoryFiles(side, options)
  let attached: { readonly log: EventLog; readonly session: Pick<TelemetrySession, 'state'> } | undefined
  const otlp = createOtlpExport({
    sinks: side,
    otlp: options.otlp,
    labels: () => attached?.session.state()?.labels ?? labels,
    seq: () => attached?.log.seq,
    dataDirectory,
    clock,
    logger,
  })
  otlp.follow(config)
  await otlp.settled()
  return {
    side,
    otlp,
    // A stream that turned out to be of another log is no past of this one.
    archive: () => (side.states().some(({ name, phase }) => name === 's2' && phase === 'stopped') ? undefined : archive),
    attach: (log, session) => {
      attached = { log, session }
      side.attach(log, session.publish)
    },
    close: async () => {
      await otlp.settled()
      await side.close()
      await archive?.close()
    },
  }
}
