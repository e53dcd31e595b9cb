// A small bounded pool of hidden targets over one DevTools connection of its own, made when the first request comes. A target is given to one
// request at a time, at best one whose document is at the right origin already; what failed is closed, what idles is closed after a while.
import { type Connection, openConnection, openWebSocket } from '@tabscope/cdp'
import { abortable, type CancelTimer, type Clock, limits, TelemetryError } from '@tabscope/schema'
import { deliver, type HiddenTarget, openHiddenTarget, wantedEvents } from './hidden-target.ts'

export interface TargetPool {
  /** A target for requests to that origin, as soon as one is free. Rejects with `too_many_curls`, what connecting does, or the signal's reason. */
  take(origin: string, signal: AbortSignal): Promise<HiddenTarget>
  /** Gives it back; `isGood` is false after anything went wrong with it. */
  giveBack(target: HiddenTarget, isGood: boolean): void
  /** Whether that target is one of these. */
  has(targetId: string): boolean
  close(): void
}

export interface PoolOptions {
  readonly endpoint: (signal: AbortSignal) => Promise<string>
  readonly clock: Clock
}

interface State {
  readonly options: PoolOptions
  readonly closing: AbortController
  connection: Promise<Connection> | undefined
  readonly targets: Map<string, HiddenTarget>
  readonly idle: Map<HiddenTarget, CancelTimer>
  /** Targets that exist or are being made. */
  count: number
  readonly waiting: Set<() => void>
}

export function createTargetPool(options: PoolOptions): TargetPool {
  const state: State = {
    options,
    closing: new AbortController(),
    connection: undefined,
    targets: new Map(),
    idle: new Map(),
    count: 0,
    waiting: new Set(),
  }
  return {
    take: (origin, signal) => take(state, origin, signal),
    giveBack: (target, isGood) => giveBack(state, target, isGood),
    has: (targetId) => [...state.targets.values()].some((target) => target.targetId === targetId),
    close: () => {
      state.closing.abort(new TelemetryError('no_browser', {}))
      for (const cancel of state.idle.values()) cancel()
    },
  }
}

async function take(state: State, origin: string, signal: AbortSignal): Promise<HiddenTarget> {
  for (;;) {
    signal.throwIfAborted()
    const found = [...state.idle.keys()]
    const target = found.find((each) => each.origin === origin) ?? (state.count < limits.curlTargets ? undefined : found[0])
    if (target !== undefined) {
      state.idle.get(target)?.()
      state.idle.delete(target)
      return target
    }
    if (state.count < limits.curlTargets) return make(state, signal)
    if (state.waiting.size >= limits.curlWaiting) throw new TelemetryError('too_many_curls', { limit: limits.curlWaiting })
    await nextFree(state, signal)
  }
}

function nextFree(state: State, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      state.waiting.delete(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    state.waiting.add(wake)
    signal.addEventListener('abort', wake)
  })
}

async function make(state: State, signal: AbortSignal): Promise<HiddenTarget> {
  state.count += 1
  try {
    const connection = await connected(state, signal)
    const target = await openHiddenTarget(connection)
    state.targets.set(target.sessionId, target)
    return target
  } catch (error) {
    lessOne(state)
    throw error
  }
}

function lessOne(state: State): void {
  state.count -= 1
  const [next] = state.waiting
  next?.()
}

async function connected(state: State, signal: AbortSignal): Promise<Connection> {
  state.connection ??= connect(state)
  const { connection } = state
  // One that cannot be opened is tried again by the next request.
  connection.catch(() => {
    if (state.connection === connection) state.connection = undefined
  })
  return await abortable(connection, signal)
}

async function connect(state: State): Promise<Connection> {
  const { options, closing } = state
  const endpoint = await options.endpoint(closing.signal).catch((cause: unknown) => {
    throw cause instanceof TelemetryError ? cause : new TelemetryError('no_browser', {}, { cause })
  })
  const connection = await openConnection({
    open: openWebSocket(endpoint),
    clock: options.clock,
    wanted: wantedEvents,
    onMessage: (message) => {
      const target = state.targets.get(message.sessionId ?? '')
      if (target !== undefined) deliver(target, message)
      else if (message.method === 'Target.detachedFromTarget') lose(state, message.params)
    },
    onClosed: () => {
      state.connection = undefined
      for (const target of [...state.targets.values()]) forget(state, target)
    },
    signal: closing.signal,
  })
  return connection
}

/** The target went away by itself: its renderer crashed, or somebody closed it. */
function lose(state: State, params: unknown): void {
  const sessionId: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'sessionId') : undefined
  const target = typeof sessionId === 'string' ? state.targets.get(sessionId) : undefined
  if (target !== undefined) forget(state, target)
}

function forget(state: State, target: HiddenTarget): void {
  if (!state.targets.delete(target.sessionId)) return
  state.idle.get(target)?.()
  state.idle.delete(target)
  target.listener?.gone()
  lessOne(state)
}

function giveBack(state: State, target: HiddenTarget, isGood: boolean): void {
  target.listener = undefined
  if (!state.targets.has(target.sessionId)) return
  if (!isGood || state.closing.signal.aborted) {
    end(state, target)
    return
  }
  const { clock } = state.options
  state.idle.set(
    target,
    clock.schedule(clock.monotonicMs() + limits.curlIdleMs, () => end(state, target)),
  )
  const [next] = state.waiting
  next?.()
}

/** Closes it: whatever it is doing ends with it. */
function end(state: State, target: HiddenTarget): void {
  forget(state, target)
  void state.connection?.then((connection) =>
    connection.post(undefined, { method: 'Target.closeTarget', params: { targetId: target.targetId } }),
  )
}
