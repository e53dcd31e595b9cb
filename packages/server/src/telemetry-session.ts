// Telemetry of one browser, switched off or on: which configuration is in force, since when, and what is admitted into the log.
// Every producer publishes through here. It never talks to the browser itself: the monitor is told the configuration and follows it.
//
//   off ──a configuration with a category on: new capture session──▶ on ──replace, merge──▶ on
//    ▲──────────── a configuration with nothing on ─────────────────┘      (an apply that fails leads back to where it was)
import type { EventLog } from '@tabscope/log'
import {
  abortable,
  anyEnabled,
  type Category,
  type Clock,
  categories,
  deadline,
  delay,
  type EventDraft,
  type EventRecord,
  type ForeignDraft,
  limits,
  newCaptureSessionId,
  type Publish,
  type TelemetryConfig,
  TelemetryError,
} from '@tabscope/schema'
import { admits, closedGate, type Gate, gateOf } from './gate.ts'

/** What the session asks of the monitor: to capture this from now on, or to throw and go on with what it captured before. */
export interface Capture {
  apply(config: TelemetryConfig, captureSessionId: string): Promise<{ readonly warnings: readonly string[] }>
}

/** The answer of `GET /telemetry`, and of what changes it. */
export interface TelemetryState {
  readonly config: TelemetryConfig
  /** Absent while telemetry is off, like `applied_at`. */
  readonly capture_session_id?: string
  readonly seq: number
  readonly durable_seq: number
  readonly dropped_events: number
  readonly applied_at?: string
  readonly labels: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

/** A configuration to apply, and what its user should know about it. Undefined config = leave everything as it is. */
export interface Decision {
  readonly config: TelemetryConfig | undefined
  readonly warnings: readonly string[]
}

/** What a change led to. */
export interface Change {
  /** Whether telemetry was off before and is on now. */
  readonly started: boolean
  readonly state: TelemetryState
}

export interface TelemetrySession {
  readonly publish: Publish
  /** Undefined while telemetry is off. */
  state(): TelemetryState | undefined
  readonly isOn: boolean
  /** Whether events of that type are let in at this moment: for producers whose work it would be. */
  captures(category: Category, type: string): boolean
  /** The configuration in force; nothing is enabled in it while telemetry is off. */
  readonly config: TelemetryConfig
  /** Changes the configuration, one change after the other. `decide` is asked when it is this change's turn. */
  change(decide: (current: TelemetryConfig | undefined) => Decision): Promise<Change>
  /** Lets nothing in any more: the log is about to be closed. */
  close(): void
  /** How many events were admitted, by category, since the process began. */
  readonly published: Readonly<Record<Category, number>>
}

/** Takes the secrets out of a draft, before any buffer sees it. */
export type Redact = (draft: EventDraft | ForeignDraft) => EventDraft | ForeignDraft

export interface TelemetrySessionOptions {
  readonly redactor: (config: TelemetryConfig) => Redact
  readonly log: Pick<EventLog, 'append' | 'seq' | 'durableSeq'>
  /** Events that were lost to the disk or missed by readers. */
  readonly droppedEvents: () => number
  readonly capture: Capture
  readonly clock: Clock
  /** In force until the first change; nothing is enabled in it. */
  readonly defaults: TelemetryConfig
  /** Labels of the server itself; those of a configuration are added. */
  readonly labels: Readonly<Record<string, string>>
  /** Told of what went wrong without making a change fail. */
  readonly onTrouble: (what: string, cause: unknown) => void
}

type Phase =
  | { readonly at: 'off'; readonly config: TelemetryConfig; readonly warnings: readonly string[] }
  | {
      readonly at: 'on'
      readonly config: TelemetryConfig
      readonly warnings: readonly string[]
      readonly captureSessionId: string
      readonly appliedAt: string
    }

interface State {
  readonly options: TelemetrySessionOptions
  readonly published: Record<Category, number>
  phase: Phase
  gate: Gate
  redact: Redact
  captureSessionId: string
  /** The last change in the queue; a new one waits for it. */
  lastChange: Promise<unknown>
}

export function createTelemetrySession(options: TelemetrySessionOptions): TelemetrySession {
  const state: State = {
    options,
    published: Object.fromEntries(categories.map((category) => [category, 0])) as Record<Category, number>,
    phase: { at: 'off', config: options.defaults, warnings: [] },
    gate: closedGate,
    redact: (draft) => draft,
    captureSessionId: '',
    lastChange: Promise.resolve(),
  }
  return {
    publish: (draft) => publish(state, draft),
    state: () => (state.phase.at === 'on' ? shownState(state) : undefined),
    get isOn() {
      return state.phase.at === 'on'
    },
    captures: (category, type) => admits(state.gate, category, type),
    get config() {
      return state.phase.config
    },
    change: (decide) => {
      const change = state.lastChange.then(() => makeChange(state, decide))
      // The next change does not care whether this one failed: its caller is told.
      state.lastChange = change.catch(() => undefined)
      return change
    },
    close: () => {
      state.gate = closedGate
    },
    published: state.published,
  }
}

function publish(state: State, draft: EventDraft | ForeignDraft): EventRecord | undefined {
  if (!admits(state.gate, draft.category, draft.type)) return undefined
  state.published[draft.category] += 1
  return state.options.log.append(state.redact(draft), state.captureSessionId)
}

async function makeChange(state: State, decide: (current: TelemetryConfig | undefined) => Decision): Promise<Change> {
  const before = state.phase
  const { config, warnings } = decide(before.at === 'on' ? before.config : undefined)
  if (config === undefined) return { started: false, state: shownState(state) }
  enter(state, nextPhase(state, config, warnings))
  const applied = state.phase.at === 'off' ? await switchOff(state, config) : await applyOrReturn(state, config, before)
  state.phase = { ...state.phase, warnings: [...warnings, ...applied] }
  if (before.at === 'on' && state.phase.at === 'on') tellChange(state, config)
  return { started: before.at === 'off' && state.phase.at === 'on', state: shownState(state) }
}

// A reader of the stream learns from here on why there is more or less than before. Labels are in the state and in no event.
function tellChange(state: State, { labels: _labels, ...config }: TelemetryConfig): void {
  const draft: EventDraft<'monitor_capture_changed'> = {
    type: 'monitor_capture_changed',
    category: 'monitor',
    detailLevel: 'standard',
    source: { kind: 'kernel_api' },
    data: { config },
  }
  publish(state, draft)
}

/** Nothing gets through the closed gate, so off is off at once; a browser that is slow to let go does not hold up the answer. */
async function switchOff(state: State, config: TelemetryConfig): Promise<readonly string[]> {
  const { capture, clock, onTrouble } = state.options
  const cleanUp = capture
    .apply(config, state.captureSessionId)
    .catch((cause: unknown) => onTrouble('capture could not be taken down', cause))
  const enough = new AbortController()
  const patience = delay(clock, limits.captureOffMs, enough.signal).catch(() => undefined)
  await Promise.race([cleanUp, patience])
  enough.abort()
  return []
}

/** Applies the configuration; when that fails or takes too long, goes back to `before` and throws `telemetry_not_applied`. */
async function applyOrReturn(state: State, config: TelemetryConfig, before: Phase): Promise<readonly string[]> {
  const { capture, clock, onTrouble } = state.options
  const late = deadline(clock, limits.captureApplyMs)
  try {
    const { warnings } = await abortable(capture.apply(config, state.captureSessionId), late.signal)
    return warnings
  } catch (cause) {
    enter(state, before)
    capture
      .apply(before.config, state.captureSessionId)
      .catch((error: unknown) => onTrouble('the old capture could not be restored', error))
    throw new TelemetryError('telemetry_not_applied', { problem: cause instanceof Error ? cause.message : String(cause) }, { cause })
  } finally {
    late.cancel()
  }
}

/** The gate goes first, so that nothing of the old selection gets in after the answer and nothing of the new one is missed. */
function enter(state: State, phase: Phase): void {
  state.phase = phase
  state.gate = phase.at === 'on' ? gateOf(phase.config) : closedGate
  state.redact = state.options.redactor(phase.config)
  state.captureSessionId = phase.at === 'on' ? phase.captureSessionId : ''
}

function nextPhase(state: State, config: TelemetryConfig, warnings: readonly string[]): Phase {
  if (!anyEnabled(config)) return { at: 'off', config, warnings }
  const captureSessionId = state.phase.at === 'on' ? state.phase.captureSessionId : newCaptureSessionId()
  const appliedAt = new Date(state.options.clock.wallUs() / 1000).toISOString()
  return { at: 'on', config, warnings, captureSessionId, appliedAt }
}

function shownState(state: State): TelemetryState {
  const { phase, options } = state
  const { log, labels, droppedEvents } = options
  return {
    config: phase.config,
    ...(phase.at === 'on' ? { capture_session_id: phase.captureSessionId } : {}),
    seq: log.seq,
    durable_seq: log.durableSeq,
    dropped_events: droppedEvents(),
    ...(phase.at === 'on' ? { applied_at: phase.appliedAt } : {}),
    labels: { ...labels, ...phase.config.labels },
    warnings: phase.warnings,
  }
}
