// Keeps capture going: opens connections as the link machine says, applies configurations, tells of losses and returns.
// The only part of the package with a life of its own; it holds one connection at a time.
import { randomBytes } from 'node:crypto'
import { type OpenTransport, openWebSocket } from '@tabscope/cdp'
import { type Clock, type EventDraft, type HeldPart, type Publish, type TelemetryConfig, TelemetryError } from '@tabscope/schema'
import { type Alarm, createAlarm } from './alarm.ts'
import { type CapturePlan, capturesBrowser, planCapture } from './capture.ts'
import { type CaptureConnection, openCapture } from './capture-connection.ts'
import { createLinkState, type LinkInput, type LinkOutput, type LinkState, stepLink } from './machines/link.ts'
import { degradedDraft, disconnectedDraft, initFailedDraft, reconnectedDraft, reconnectFailedDraft } from './monitor-drafts.ts'
import type { MonitorWarning } from './monitor-warning.ts'
import type { GrabDisplay } from './screenshot/display-camera.ts'
import { createTabMemory, type TabMemory } from './tabs/tab-memory.ts'

/** Where the monitor stands. `live`: every target that existed at the connection is captured. */
export interface MonitorState {
  readonly at: LinkState['phase']['at']
  /** Captured sessions. */
  readonly sessions: number
  /** Of the open connection: all messages, and those dropped unparsed because nobody wants them. */
  readonly messages: { readonly received: number; readonly skipped: number }
  /** How often each kind of warning came since the start. */
  readonly warnings: Readonly<Record<string, number>>
  /** What is kept in memory of the open connection, beside its bounds; empty without one. */
  readonly held: readonly HeldPart[]
}

export interface MonitorOptions {
  /** The browser's WebSocket URL, read again at each attempt; waits until there is a browser. */
  readonly endpoint: (signal: AbortSignal) => Promise<string>
  readonly publish: Publish
  readonly clock: Clock
  /** How a URL becomes a connection; a WebSocket if not given. */
  readonly transport?: (url: string) => OpenTransport
  readonly log?: (level: 'info' | 'warn', text: string, fields?: Readonly<Record<string, unknown>>) => void
  /** Takes a picture of the display that the browser's windows are on; absent when there is no way to. */
  readonly grabDisplay?: GrabDisplay
  /** Whether a request goes to the server that this monitor publishes into; such requests are not captured. */
  readonly isOwnUrl?: (url: string) => boolean
  /** Makes names that no page can guess; random ones if not given. For recordings. */
  readonly randomName?: () => string
  /** Told after each change of `state.at`. */
  readonly onState?: (at: MonitorState['at']) => void
  /** Failed attempts after a loss at which the monitor gives up; absent = never. */
  readonly attemptLimit?: number
}

export interface Monitor extends AsyncDisposable {
  /** Captures this from now on. Connects when a category from the browser is on, disconnects when none is. Does not wait for Chromium. */
  apply(config: TelemetryConfig, captureSessionId: string): Promise<{ readonly warnings: readonly string[] }>
  readonly state: MonitorState
  /** Ends capture. May be called twice. */
  close(): Promise<void>
}

interface Run {
  readonly attempt: number
  readonly controller: AbortController
  capture: CaptureConnection | undefined
}

interface State {
  readonly options: MonitorOptions
  readonly memory: TabMemory
  readonly warnings: Map<string, number>
  readonly alarm: Alarm
  link: LinkState
  plan: CapturePlan | undefined
  config: TelemetryConfig | undefined
  run: Run | undefined
  /** Connections that are being closed. */
  readonly endings: Set<Promise<void>>
  isClosed: boolean
}

export function createMonitor(options: MonitorOptions): Monitor {
  const state: State = {
    options,
    memory: createTabMemory(options.randomName ?? randomName),
    warnings: new Map(),
    alarm: createAlarm(options.clock, (atMs) => feed(state, { kind: 'wake', atMs, lastMessageAtMs: lastMessageAt(state) })),
    link: createLinkState({ attemptLimit: options.attemptLimit }),
    plan: undefined,
    config: undefined,
    run: undefined,
    endings: new Set(),
    isClosed: false,
  }
  const close = async (): Promise<void> => {
    if (state.isClosed) return
    feed(state, { kind: 'stop', atMs: options.clock.monotonicMs() })
    state.isClosed = true
    state.alarm.cancel()
    await Promise.all(state.endings)
  }
  return {
    apply: async (config, captureSessionId) => {
      apply(state, config, captureSessionId)
      return { warnings: [] }
    },
    get state() {
      const { capture } = state.run ?? {}
      const { received = 0, skipped = 0 } = capture?.connection.counters ?? {}
      const warnings = Object.fromEntries(state.warnings)
      return {
        at: state.link.phase.at,
        sessions: capture?.sessionCount() ?? 0,
        messages: { received, skipped },
        warnings,
        held: capture?.held() ?? [],
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const randomName = (): string => `t${randomBytes(16).toString('hex')}`

function apply(state: State, config: TelemetryConfig, captureSessionId: string): void {
  if (state.isClosed) throw new TelemetryError('monitor_closed', {})
  const before = state.config
  const plan = planCapture(config, captureSessionId, state.options.isOwnUrl)
  state.config = config
  state.plan = plan
  const atMs = state.options.clock.monotonicMs()
  const isOn = state.link.phase.at !== 'stopped'
  if (!capturesBrowser(config)) {
    if (isOn) feed(state, { kind: 'stop', atMs })
    return
  }
  // How targets are attached is a property of the connection.
  const needsNewConnection = isOn && before !== undefined && before.attach_mode !== config.attach_mode
  if (needsNewConnection) feed(state, { kind: 'stop', atMs })
  if (!isOn || needsNewConnection) return feed(state, { kind: 'start', atMs })
  state.run?.capture?.change(plan)
}

function feed(state: State, input: LinkInput): void {
  if (state.isClosed) return
  const before = state.link.phase.at
  const step = stepLink(state.link, input)
  state.link = step.state
  state.alarm.setAt(step.wakeAtMs)
  for (const output of step.outputs) carryOut(state, output)
  if (state.link.phase.at !== before) state.options.onState?.(state.link.phase.at)
}

function carryOut(state: State, output: LinkOutput): void {
  switch (output.kind) {
    case 'open':
      return open(state, output.attempt)
    case 'close':
      return closeRun(state, output.attempt)
    case 'probe':
      // Its answer is a message, and any message shows that the connection works.
      return state.run?.capture?.connection.post(undefined, { method: 'Browser.getVersion' })
    case 'disconnected':
      return publish(state, disconnectedDraft(output.cause))
    case 'reconnected':
      return publish(state, reconnectedDraft(output.reconnectDurationMs, state.run?.capture?.sessionCount() ?? 0))
    case 'reconnect_failed':
      return publish(state, reconnectFailedDraft())
    default:
      return output satisfies never
  }
}

function publish(state: State, draft: EventDraft): void {
  state.options.publish(draft)
}

function open(state: State, attempt: number): void {
  const run: Run = { attempt, controller: new AbortController(), capture: undefined }
  state.run = run
  openRun(state, run).catch((cause: unknown) => {
    if (run.controller.signal.aborted) return
    state.options.log?.('info', 'Chromium cannot be reached yet', { cause: String(cause) })
    feed(state, { kind: 'open_failed', atMs: state.options.clock.monotonicMs(), attempt })
  })
}

async function openRun(state: State, run: Run): Promise<void> {
  const { clock, endpoint, transport = openWebSocket } = state.options
  const { attempt } = run
  const { signal } = run.controller
  const url = await endpoint(signal)
  signal.throwIfAborted()
  feed(state, { kind: 'endpoint_read', atMs: clock.monotonicMs(), attempt, endpoint: url })
  const { plan, config } = state
  if (plan === undefined || config === undefined) return
  const capture = await openCapture({
    open: transport(url),
    clock,
    publish: state.options.publish,
    plan,
    mode: config.attach_mode,
    memory: state.memory,
    randomName: state.options.randomName ?? randomName,
    grabDisplay: state.options.grabDisplay,
    signal,
    warn: (warning) => warn(state, warning),
    ready: () => feed(state, { kind: 'capture_ready', atMs: clock.monotonicMs(), attempt }),
    failed: (step, cause) => {
      warn(state, { what: 'init_failed', method: step, message: cause })
      publish(state, initFailedDraft(step))
      run.controller.abort(new Error(cause))
      feed(state, { kind: 'closed', atMs: clock.monotonicMs(), attempt })
    },
    closed: () => feed(state, { kind: 'closed', atMs: clock.monotonicMs(), attempt }),
  })
  if (signal.aborted) return endCapture(state, capture)
  run.capture = capture
  // The configuration may have changed while the socket was being opened.
  if (state.plan !== undefined && state.plan !== plan) capture.change(state.plan)
  feed(state, { kind: 'opened', atMs: clock.monotonicMs(), attempt, endpoint: url })
}

function closeRun(state: State, attempt: number): void {
  const { run } = state
  if (run === undefined || run.attempt !== attempt) return
  state.run = undefined
  // Aborting closes the socket at once, without letting go of what is held.
  if (run.capture === undefined) run.controller.abort(new Error('given up'))
  else endCapture(state, run.capture)
}

// Ends in the background; whoever closes the monitor waits for all of them.
function endCapture(state: State, capture: CaptureConnection): void {
  const ending = capture.close('connection_lost').finally(() => state.endings.delete(ending))
  state.endings.add(ending)
}

function lastMessageAt(state: State): number | undefined {
  return state.run?.capture?.connection.counters.lastMessageAtMs
}

const reportedWarnings: ReadonlySet<string> = new Set(['attach_fell_back', 'screenshot_failed', 'display_grab_failed'])

function warn(state: State, warning: MonitorWarning): void {
  const count = (state.warnings.get(warning.what) ?? 0) + 1
  state.warnings.set(warning.what, count)
  state.options.log?.('warn', 'capture', { ...warning, count })
  // Falling back changes what is captured from here on; the other kinds are single commands that one odd target refused.
  if (reportedWarnings.has(warning.what)) publish(state, degradedDraft({ what: warning.what, detail: warning.message, count }))
}
