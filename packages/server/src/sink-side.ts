// The sinks of one server: each with a pump and a checkpoint of its own. Says what of them others may know, tells in log and stream what
// goes wrong with them, and keeps retention from what they still need. A sink never keeps the server from starting or stopping.
import type { EventLog } from '@tabscope/log'
import { type Clock, combineExports, type EventFilter, type ExportFigures, limits, type Publish } from '@tabscope/schema'
import {
  type Checkpoint,
  createForgetfulCheckpoint,
  openCheckpoint,
  type Pump,
  type PumpState,
  type Sink,
  startPump,
} from '@tabscope/sinks'
import type { Logger } from './log-line.ts'
import { tellSinkTrouble } from './sink-trouble.ts'

/** A sink that is to be. */
export interface SinkPlan {
  /** Short and lower-case; of its checkpoint too. One of a name at a time. */
  readonly name: string
  readonly create: (log: EventLog) => Sink
  /** The destination of that sink: a checkpoint of another one does not count. */
  readonly destination: string
  /** Where it begins without a checkpoint; default the oldest event kept. */
  readonly start?: 'oldest' | 'now' | { readonly afterSeq: number }
  readonly filter?: EventFilter
  /** Whether its place outlives the process, and retention waits for it. */
  readonly isDurable: boolean
}

export interface SinkSide {
  /** Before the log is opened for what is there from the start; at any time for others. Never rejects. */
  add(plan: SinkPlan): Promise<void>
  /** Writes what is durable, for as long as a stop may take, and forgets the sink. */
  remove(name: string): Promise<void>
  /** The oldest number that a sink still needs. */
  readonly protect: () => number | undefined
  /** Starts what was added. */
  attach(log: EventLog, publish: Publish): void
  states(): readonly (PumpState & { readonly name: string })[]
  /** What the sinks of that name came to, those that were removed included; undefined when there was none. */
  figures(name: string): ExportFigures | undefined
  close(): Promise<void>
}

export interface SinkSideOptions {
  /** Absent = places are not kept. */
  readonly dataDirectory: string | undefined
  readonly clock: Clock
  readonly logger: Logger
}

interface Entry {
  readonly plan: SinkPlan
  readonly checkpoint: Checkpoint
  pump: Pump | undefined
}

interface State extends SinkSideOptions {
  readonly entries: Map<string, Entry>
  /** Of removed sinks, by name. */
  readonly past: Map<string, ExportFigures>
  attached: { readonly log: EventLog; readonly publish: Publish } | undefined
}

async function checkpointOf({ dataDirectory, logger }: State, plan: SinkPlan): Promise<Checkpoint> {
  if (dataDirectory === undefined || !plan.isDurable) return createForgetfulCheckpoint()
  const path = `${dataDirectory}/checkpoints/${plan.name}.json`
  try {
    return await openCheckpoint(path)
  } catch (error) {
    logger.warn({ err: error, sink: plan.name }, 'the checkpoint of a sink cannot be read; the sink finds its place without it')
    return createForgetfulCheckpoint()
  }
}

function startEntry(state: State, entry: Entry): void {
  const { attached, clock, logger } = state
  if (attached === undefined) return
  const { plan, checkpoint } = entry
  const { start, filter } = plan
  entry.pump = startPump({
    log: attached.log,
    sink: plan.create(attached.log),
    checkpoint,
    clock,
    ...(start === undefined ? {} : { start }),
    ...(filter === undefined ? {} : { filter }),
    onTrouble: (trouble) => tellSinkTrouble(trouble, { name: plan.name, logger, publish: attached.publish }),
  })
  logger.info({ sink: plan.name, destination: plan.destination }, 'a sink was started')
}

async function add(state: State, plan: SinkPlan): Promise<void> {
  const entry: Entry = { plan, checkpoint: await checkpointOf(state, plan), pump: undefined }
  state.entries.set(plan.name, entry)
  startEntry(state, entry)
}

function neededSeq({ plan, checkpoint: { found }, pump }: Entry): number | undefined {
  if (!plan.isDurable) return undefined
  if (pump !== undefined) return pump.neededSeq()
  return found?.destination === plan.destination ? found.seq + 1 : 1
}

function protect(state: State): number | undefined {
  const needed = [...state.entries.values()].map(neededSeq).filter((seq) => seq !== undefined)
  return needed.length === 0 ? undefined : Math.min(...needed)
}

async function remove(state: State, name: string): Promise<void> {
  const entry = state.entries.get(name)
  await entry?.pump?.close()
  if (entry === undefined || state.entries.get(name) !== entry) return
  const came = figures(state, name)
  if (came !== undefined) state.past.set(name, came)
  state.entries.delete(name)
}

function figures({ entries, past }: State, name: string): ExportFigures | undefined {
  const pump = entries.get(name)?.pump
  const all = [past.get(name), pump === undefined ? undefined : figuresOf(pump.state())].filter((one) => one !== undefined)
  return all.length === 0 ? undefined : combineExports(all)
}

function figuresOf({ written, retries, refused, lost, failuresInRow, lastFailure, lastWrittenUs }: PumpState): ExportFigures {
  return {
    sent: written,
    failed: retries,
    dropped: refused + lost,
    failuresInRow,
    ...(lastFailure === undefined
      ? {}
      : { lastError: lastFailure.message.slice(0, limits.exportErrorChars), lastErrorUs: lastFailure.atUs }),
    ...(lastWrittenUs === undefined ? {} : { lastSentUs: lastWrittenUs }),
  }
}

async function close(state: State): Promise<void> {
  // What was published last is for the sinks too.
  await state.attached?.log.flush()
  await Promise.all([...state.entries.values()].map(({ pump }) => pump?.close()))
}

export function createSinkSide(options: SinkSideOptions): SinkSide {
  const state: State = { ...options, entries: new Map(), past: new Map(), attached: undefined }
  return {
    add: (plan) => add(state, plan),
    remove: (name) => remove(state, name),
    protect: () => protect(state),
    attach: (log, publish) => {
      state.attached = { log, publish }
      for (const entry of state.entries.values()) startEntry(state, entry)
    },
    states: () => [...state.entries.values()].flatMap(({ pump }) => (pump === undefined ? [] : [{ name: pump.name, ...pump.state() }])),
    figures: (name) => figures(state, name),
    close: () => close(state),
  }
}
