// The only place that reads a clock or sets a timer. Everything else is handed a `Clock`, so that a test can hand-crank time.
// It never decides anything: what a time means is the caller's business.

/** A timer that can be given back. Calling it twice, or after it fired, does nothing. */
export type CancelTimer = () => void

/** Time as data: a wall clock for events, a monotonic clock for durations and deadlines, and one-shot timers. */
export interface Clock {
  /**
   * Unix time in microseconds (an integer below 2^53). May jump when the machine's clock is set. Who has read `monotonicMs()` in this moment
   * may hand it in, which saves a second reading.
   */
  wallUs(nowMs?: number): number
  /** Milliseconds on a clock that never goes back, from an arbitrary start. */
  monotonicMs(): number
  /** Runs `run` once when `monotonicMs()` has reached `atMs` (immediately, but not synchronously, when it already has). */
  schedule(atMs: number, run: () => void): CancelTimer
}

// setTimeout takes a 32-bit number of milliseconds; anything later fires at once, so a longer wait is cut into pieces.
const longestTimerMs = 2 ** 31 - 1

function scheduleSystemTimer(atMs: number, run: () => void, keepProcessAlive: boolean): CancelTimer {
  let timer: NodeJS.Timeout | undefined
  const arm = (): void => {
    const waitMs = Math.min(Math.max(0, atMs - performance.now()), longestTimerMs)
    timer = setTimeout(fire, Math.ceil(waitMs))
    if (!keepProcessAlive) timer.unref()
  }
  // Timers count from the event loop's own, coarser time and can fire a part of a millisecond early.
  const fire = (): void => {
    if (performance.now() < atMs) arm()
    else run()
  }
  arm()
  return () => clearTimeout(timer)
}

// The wall clock has milliseconds only; the monotonic clock fills in the rest. It stands still while a machine sleeps and does not follow
// when the time is set, so what lies between the two is looked at again in each millisecond (every time costs as much as the rest).
let betweenMs = performance.timeOrigin
let lookedAtMs = Number.NEGATIVE_INFINITY
const lookEveryMs = 1
const largestDriftMs = 2

function wallUs(nowMs: number = performance.now()): number {
  if (nowMs - lookedAtMs >= lookEveryMs) {
    lookedAtMs = nowMs
    const wallMs = Date.now()
    if (Math.abs(betweenMs + nowMs - wallMs) > largestDriftMs) betweenMs = wallMs - nowMs
  }
  return Math.floor((betweenMs + nowMs) * 1000)
}

/** The machine's clocks. Its timers do not keep the process alive: who needs that owns a socket or a server. */
export const systemClock: Clock = {
  wallUs,
  monotonicMs: () => performance.now(),
  schedule: (atMs, run) => scheduleSystemTimer(atMs, run, false),
}

/** The same clocks with timers that keep the process alive: for a client between two connections, which owns nothing else. */
export const foregroundClock: Clock = { ...systemClock, schedule: (atMs, run) => scheduleSystemTimer(atMs, run, true) }

/** Waits `delayMs` on `clock`; rejects with `signal.reason` when aborted first. */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.schedule(clock.monotonicMs() + delayMs, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** A signal that aborts with a `TimeoutError` after `afterMs` on `clock`, or with `parent`'s reason before that. */
export function deadline(clock: Clock, afterMs: number, parent?: AbortSignal): { signal: AbortSignal; cancel: CancelTimer } {
  const controller = new AbortController()
  const stop = (): void => controller.abort(parent?.reason)
  const cancelTimer = clock.schedule(clock.monotonicMs() + afterMs, () => {
    parent?.removeEventListener('abort', stop)
    controller.abort(new DOMException(`no answer within ${afterMs} ms`, 'TimeoutError'))
  })
  if (parent?.aborted) controller.abort(parent.reason)
  else parent?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    cancel: () => {
      cancelTimer()
      parent?.removeEventListener('abort', stop)
    },
  }
}

/** A clock that moves only when told to: for tests and for replaying recordings. */
export interface ManualClock extends Clock {
  /** Moves to `monotonicMs` = `toMs`, running every timer due on the way, in order of time and then of creation. */
  moveTo(toMs: number): void
  /** Moves `byMs` ahead. */
  advance(byMs: number): void
  /** How many timers are set: a closed owner leaves none. */
  pendingTimers(): number
}

/** A hand-cranked clock. `monotonicMs()` begins at 0, `wallUs()` at `startUs`, and both move together. */
export function createManualClock(startUs = 1_700_000_000_000_000): ManualClock {
  let nowMs = 0
  let nextId = 0
  const timers = new Map<number, { atMs: number; run: () => void }>()
  const nextDue = (limitMs: number): [number, { atMs: number; run: () => void }] | undefined => {
    let due: [number, { atMs: number; run: () => void }] | undefined
    for (const entry of timers) {
      if (entry[1].atMs <= limitMs && (due === undefined || entry[1].atMs < due[1].atMs)) due = entry
    }
    return due
  }
  const moveTo = (toMs: number): void => {
    for (let due = nextDue(toMs); due !== undefined; due = nextDue(toMs)) {
      timers.delete(due[0])
      nowMs = Math.max(nowMs, due[1].atMs)
      due[1].run()
    }
    nowMs = Math.max(nowMs, toMs)
  }
  return {
    wallUs: () => startUs + Math.round(nowMs * 1000),
    monotonicMs: () => nowMs,
    schedule: (atMs, run) => {
      const id = nextId++
      timers.set(id, { atMs, run })
      return () => {
        timers.delete(id)
      }
    },
    moveTo,
    advance: (byMs) => moveTo(nowMs + byMs),
    pendingTimers: () => timers.size,
  }
}
