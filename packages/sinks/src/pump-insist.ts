// Tries something for a sink until it works, with waits that grow. Gives up when the pump ends, and where no repetition helps.
import { deadline, delay, limits, TelemetryError } from '@tabscope/schema'
import { createBackoff } from './backoff.ts'
import { lagEvents, lostIn, type State } from './pump-state.ts'
import { DestinationRewound } from './sink.ts'
import { messageOf } from './sink-trouble.ts'

/** Whether the sink asked never to be asked again. */
export function isFinal(error: unknown): boolean {
  return error instanceof TelemetryError && error.code === 'sink_conflict'
}

export interface InsistOptions<Result> {
  /** The first attempt, where it began before its turn. */
  readonly early?: Promise<Result> | undefined
  /** Awaited after each failure, before it is tried again. */
  readonly onFailed?: () => Promise<void>
}

/** With a deadline of its own. */
export async function attemptOnce<Result>(state: State, attempt: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const patience = deadline(state.options.clock, limits.sinkWriteMs, state.ending.signal)
  try {
    return await attempt(patience.signal)
  } finally {
    patience.cancel()
  }
}

/** Tries until it works. Rejects when the pump ends, and with an error that no repetition helps against. */
export async function insist<Result>(
  state: State,
  attempt: (signal: AbortSignal) => Promise<Result>,
  { early, onFailed }: InsistOptions<Result> = {},
): Promise<Result> {
  const backoff = createBackoff({ firstMs: limits.sinkRetryFirstMs, mostMs: limits.sinkRetryMostMs })
  let answer = early
  for (let isLast = false; ; ) {
    try {
      const result = await (answer ?? attemptOnce(state, attempt))
      state.lastError = undefined
      state.phase = 'running'
      return result
    } catch (error) {
      state.ending.signal.throwIfAborted()
      if (isFinal(error) || error instanceof DestinationRewound || isLast) throw error
      noteFailure(state, error)
    }
    await noteLosses(state)
    answer = undefined
    await onFailed?.()
    // At the end it is tried once more at once: the sink may have come back in the meantime.
    await pauseUnlessClosing(state, backoff.nextMs())
    isLast = state.closing.signal.aborted
  }
}

/** Remembers when and why something last went wrong, for those who look later. */
export function noteLastFailure(state: State, message: string): void {
  state.failuresInRow++
  state.lastFailure = { atUs: state.options.clock.wallUs(), message }
}

/** Counts it and shows it. */
export function noteFailure(state: State, error: unknown): void {
  state.retries++
  state.lastError = messageOf(error)
  state.phase = 'retrying'
  noteLastFailure(state, state.lastError)
  if (lagEvents(state) > 0) state.watch.waits()
}

/** Counts what retention takes while the sink is away, as it happens. It is told when the sink is back and the gap no longer grows. */
async function noteLosses(state: State): Promise<void> {
  const { readSeq, options } = state
  if (readSeq === undefined || readSeq() + 1 >= options.log.oldestSeq) return
  const from = { at: 'after', seq: readSeq() } as const
  await using reader = options.log.reader({ from, durableOnly: true, signal: state.ending.signal })
  const ahead = await reader.read(1)
  if (ahead.at === 'gap') state.lostAhead = lostIn(ahead.gap)
}

/** Ends early when the pump is closed. Rejects when it ends. */
export async function pauseUnlessClosing(state: State, waitMs: number): Promise<void> {
  try {
    await delay(state.options.clock, waitMs, AbortSignal.any([state.closing.signal, state.ending.signal]))
  } catch {
    // Only the pump's own signals end this wait early; who called looks at them.
    state.ending.signal.throwIfAborted()
  }
}
