// What a pump knows: what it was given, how far it has come, and what of that others may see. Decides nothing.
import type { EventLog } from '@tabscope/log'
import type { Clock, EventFilter, Gap } from '@tabscope/schema'
import type { BatchBounds } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import { createLagWatch, type LagWatch } from './lag-watch.ts'
import type { Sink } from './sink.ts'
import type { SinkTrouble } from './sink-trouble.ts'

export interface PumpOptions {
  readonly log: Pick<EventLog, 'reader' | 'seq' | 'durableSeq' | 'oldestSeq'>
  readonly sink: Sink
  readonly checkpoint: Checkpoint
  readonly clock: Clock
  /** Where a sink begins that neither knows its place nor has a checkpoint. Default: the oldest event kept. */
  readonly start?: 'oldest' | 'now' | { readonly afterSeq: number }
  /** What the sink is not for is never read for it. */
  readonly filter?: EventFilter
  readonly bounds?: Partial<BatchBounds>
  readonly onTrouble?: (trouble: SinkTrouble) => void
}

export type PumpPhase = 'starting' | 'running' | 'retrying' | 'stopped' | 'closed'

export interface PumpState {
  readonly phase: PumpPhase
  /** Everything up to this number is at the sink, was refused, or was not for it. Before the sink was asked: as far as is known. */
  readonly doneSeq: number
  /** Durable events that the sink does not have yet. */
  readonly lagEvents: number
  /** How long the oldest of them has been waiting. */
  readonly lagMs: number
  /** Whether that is too long. */
  readonly isBehind: boolean
  /** Since the pump began: records written, attempts that failed, records that the sink refused, and records that retention took before. */
  readonly written: number
  readonly retries: number
  readonly refused: number
  readonly lost: number
  /** Why the last attempt failed; undefined when the last one did not. */
  readonly lastError: string | undefined
  /** Attempts that failed, or batches that were refused as a whole, since something was written. */
  readonly failuresInRow: number
  /** The latest of them, whatever came after it. */
  readonly lastFailure: { readonly atUs: number; readonly message: string } | undefined
  /** When something was written last. */
  readonly lastWrittenUs: number | undefined
}

export interface State {
  readonly options: PumpOptions
  /** Ends everything at once. */
  readonly ending: AbortController
  /** Nothing more is waited for: what is there is written, then it ends. */
  readonly closing: AbortController
  readonly watch: LagWatch
  /** Where it begins when nothing is known of the sink's place. */
  readonly firstSeq: number
  readonly tell: (trouble: SinkTrouble) => void
  phase: PumpPhase
  doneSeq: number
  written: number
  retries: number
  refused: number
  lost: number
  /** Records that retention took before they were read, and that were not told yet: the gap still grows. */
  lostAhead: number
  /** What was read last, written or not; undefined while nothing is read. */
  readSeq: (() => number) | undefined
  /** Refused records that were not told yet, and when some were told last. */
  refusedUntold: number
  refusedToldMs: number
  lastError: string | undefined
  failuresInRow: number
  lastFailure: PumpState['lastFailure']
  lastWrittenUs: number | undefined
}

/** Events the log has for good; in a log without a disk, all of them. */
export function safeSeq({ log }: PumpOptions): number {
  return log.durableSeq > 0 ? log.durableSeq : log.seq
}

/** Durable events that the sink does not have. */
export function lagEvents({ options, doneSeq }: State): number {
  return Math.max(0, safeSeq(options) - Math.max(doneSeq, options.log.oldestSeq - 1))
}

/** How many records of a gap the sink could have had. Numbers that went with a crash were never durable. */
export function lostIn(gap: Gap): number {
  return gap.to === undefined || gap.reason === 'restart' ? 0 : gap.to - gap.from + 1
}

/** What others may know. */
export function shown(state: State): PumpState {
  const { phase, doneSeq, written, retries, refused, lost, lostAhead, lastError, failuresInRow, lastFailure, lastWrittenUs, watch } = state
  return {
    phase,
    doneSeq,
    lagEvents: lagEvents(state),
    lagMs: watch.lagMs(),
    isBehind: watch.isBehind(),
    written,
    retries,
    refused,
    lost: lost + lostAhead,
    lastError,
    failuresInRow,
    lastFailure,
    lastWrittenUs,
  }
}

/** Where the checkpoint says the sink is; undefined when there is none that counts. */
function keptSeq({ checkpoint, sink, log }: PumpOptions, tell: (trouble: SinkTrouble) => void): number | undefined {
  const { found, damage } = checkpoint
  if (damage !== undefined) tell({ kind: 'checkpoint', message: damage })
  if (found === undefined || found.destination !== sink.destination) return undefined
  // A folder that was emptied begins again at 1: the checkpoint is of events that this log never had.
  if (found.seq <= log.seq) return found.seq
  tell({ kind: 'checkpoint', message: `it says ${found.seq}, above the newest event ${log.seq}: it is of another log and does not count` })
  return undefined
}

/** Before the sink was asked anything. */
export function createState(options: PumpOptions): State {
  const { log, clock, start = 'oldest' } = options
  const tell = options.onTrouble ?? ((): void => undefined)
  const firstSeq = typeof start === 'object' ? start.afterSeq + 1 : start === 'now' ? log.seq + 1 : log.oldestSeq
  const state: State = {
    options,
    ending: new AbortController(),
    closing: new AbortController(),
    watch: createLagWatch(clock, ({ at, sinceUs }) =>
      tell(at === 'recovered' ? { kind: at, sinceUs } : { kind: at, sinceUs, lagEvents: lagEvents(state), message: state.lastError }),
    ),
    firstSeq,
    tell,
    phase: 'starting',
    doneSeq: keptSeq(options, tell) ?? firstSeq - 1,
    written: 0,
    retries: 0,
    refused: 0,
    lost: 0,
    lostAhead: 0,
    readSeq: undefined,
    refusedUntold: 0,
    refusedToldMs: Number.NEGATIVE_INFINITY,
    lastError: undefined,
    failuresInRow: 0,
    lastFailure: undefined,
    lastWrittenUs: undefined,
  }
  return state
}
