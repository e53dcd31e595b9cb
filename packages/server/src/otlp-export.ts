// Follows the configuration's `export.otlp.enabled`: a sink to the collector while it is on, none while it is off. Changes come one after
// the other and the newest wins, so that a slow end of the old export holds up no answer. Switched on it begins with what happens from
// then on; a server that was stopped while it was on goes on where it was.
import { rm } from 'node:fs/promises'
import { anyEnabled, type Clock, type TelemetryConfig } from '@tabscope/schema'
import { createOtlpSink, type OtlpChoice, otlpFilter } from '@tabscope/sinks'
import type { Logger } from './log-line.ts'
import type { SinkPlan, SinkSide } from './sink-side.ts'

export interface OtlpExport {
  /** Takes over what the configuration says; answers what its user should know. */
  follow(config: TelemetryConfig): readonly string[]
  /** Resolves when what was followed last is in force. */
  settled(): Promise<void>
}

export interface OtlpExportOptions {
  readonly sinks: Pick<SinkSide, 'add' | 'remove'>
  /** Where it goes to; undefined counts as nowhere. */
  readonly otlp: OtlpChoice | undefined
  /** Of the session, for the resource of what is sent. */
  readonly labels: () => Readonly<Record<string, string>>
  /** The newest event; undefined while there is no log yet. */
  readonly seq: () => number | undefined
  readonly dataDirectory: string | undefined
  readonly clock: Clock
  readonly logger: Logger
}

interface State extends OtlpExportOptions {
  isWanted: boolean
  isRunning: boolean
  /** The newest event when it was last switched on. */
  afterSeq: number | undefined
  work: Promise<void>
}

const name = 'otlp'

function planOf({ clock, labels, afterSeq }: State, config: Extract<OtlpChoice, { at: 'on' }>['config']): SinkPlan {
  const { origin, pathname } = config.url
  return {
    name,
    destination: `${origin}${pathname}`,
    create: () => createOtlpSink({ config, clock, labels }),
    start: afterSeq === undefined ? 'now' : { afterSeq },
    filter: otlpFilter,
    isDurable: true,
  }
}

/** Forgets the place, so that what happens while it is off is not sent when it is on again. */
async function forgetPlace({ dataDirectory, logger }: State): Promise<void> {
  if (dataDirectory === undefined) return
  try {
    await rm(`${dataDirectory}/checkpoints/${name}.json`, { force: true })
  } catch (error) {
    // The next export then begins earlier than it should, which is told here and costs no event.
    logger.warn({ err: error }, 'the place of the OTLP export could not be removed')
  }
}

async function reconcile(state: State): Promise<void> {
  const { sinks, otlp, isWanted, isRunning } = state
  if (isWanted === isRunning || otlp?.at !== 'on') return
  state.isRunning = isWanted
  if (isWanted) return sinks.add(planOf(state, otlp.config))
  await sinks.remove(name)
  await forgetPlace(state)
}

function follow(state: State, config: TelemetryConfig): readonly string[] {
  const isAsked = anyEnabled(config) && config.export.otlp.enabled
  const wasWanted = state.isWanted
  state.isWanted = isAsked && state.otlp?.at === 'on'
  // Noted here: the sink itself may have to wait until the old export has ended.
  if (state.isWanted && !wasWanted) state.afterSeq = state.seq()
  state.work = state.work.then(() => reconcile(state))
  if (!isAsked || state.otlp?.at === 'on') return []
  const reason = state.otlp?.reason ?? 'this server was started without a collector'
  return [`export.otlp.enabled was asked for, but nothing is exported: ${reason}.`]
}

export function createOtlpExport(options: OtlpExportOptions): OtlpExport {
  const state: State = { ...options, isWanted: false, isRunning: false, afterSeq: undefined, work: Promise.resolve() }
  return { follow: (config) => follow(state, config), settled: () => state.work }
}
