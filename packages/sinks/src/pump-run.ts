// The work of a pump: place, batches, attempts, waits. Ends when the state's signals say so, or when going on would do harm.
import { type Cursor, deadline, delay, type Gap, limits, TelemetryError } from '@tabscope/schema'
import { createBackoff } from './backoff.ts'
import { type Collected, type Collector, createCollector, defaultBatchBounds } from './batch.ts'
import { createCheckpointWriter } from './checkpoint-writer.ts'
import { lagEvents, type State, safeSeq } from './pump-state.ts'
import { DestinationRewound } from './sink.ts'
import { messageOf } from './sink-trouble.ts'

function isClosed(error: unknown): boolean {
  return error instanceof TelemetryError && error.code === 'log_closed'
}

function isFinal(error: unknown): boolean {
  return error instanceof TelemetryError && error.code === 'sink_conflict'
}

/** Tries until it works. Rejects when the pump ends, and with an error that no repetition helps against. */
async function insist<Result>(state: State, attempt: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const { clock } = state.options
  const backoff = createBackoff({ firstMs: limits.sinkRetryFirstMs, mostMs: limits.sinkRetryMostMs })
  for (let isLast = false; ; ) {
    const patience = deadline(clock, limits.sinkWriteMs, state.ending.signal)
    try {
      const result = await attempt(patience.signal)
      state.lastError = undefined
      state.phase = 'running'
      return result
    } catch (error) {
      state.ending.signal.throwIfAborted()
      if (isFinal(error) || error instanceof DestinationRewound || isLast) throw error
      noteFailure(state, error)
    } finally {
      patience.cancel()
    }
    // At the end it is tried once more at once: the sink may have come back in the meantime.
    await pauseUnlessClosing(state, backoff.nextMs())
    isLast = state.closing.signal.aborted
  }
}

function noteFailure(state: State, error: unknown): void {
  state.retries++
  state.lastError = messageOf(error)
  state.phase = 'retrying'
  if (lagEvents(state) > 0) state.watch.waits()
}

async function pauseUnlessClosing(state: State, waitMs: number): Promise<void> {
  try {
    await delay(state.options.clock, waitMs, AbortSignal.any([state.closing.signal, state.ending.signal]))
  } catch {
    // Only the pump's own signals end this wait early; who called looks at them.
    state.ending.signal.throwIfAborted()
  }
}

async function findPlace(state: State): Promise<number> {
  const { sink } = state.options
  if (sink.lastSeq === undefined) return state.doneSeq
  const told = await insist(state, async (signal) => sink.lastSeq?.(signal))
  if (told === undefined) return state.doneSeq
  return told === 0 ? state.firstSeq - 1 : told
}

function lose(state: State, gap: Gap): void {
  // Numbers that went with a crash were never durable: there is nothing that the sink could have had.
  if (gap.to === undefined || gap.reason === 'restart') return
  const count = gap.to - gap.from + 1
  state.lost += count
  state.tell({ kind: 'lost', from: gap.from, to: gap.to, count })
}

/** A file that cannot be read at this moment is no reason to stop; where it cannot be read for good, the reader gives a gap. */
async function nextBatch(state: State, collector: Collector): Promise<Collected | undefined> {
  for (;;) {
    try {
      return await collector.next()
    } catch (error) {
      state.ending.signal.throwIfAborted()
      if (isClosed(error)) return undefined
      noteFailure(state, error)
      await pauseUnlessClosing(state, limits.logRetryMs)
    }
  }
}

/** At once, then now and then: a destination that refuses everything must not fill the log with news of it. */
function tellRefused(state: State, count: number): void {
  const nowMs = state.options.clock.monotonicMs()
  state.refusedUntold += count
  if (nowMs - state.refusedToldMs < limits.sinkBehindMs) return
  state.tell({ kind: 'refused', count: state.refusedUntold })
  state.refusedUntold = 0
  state.refusedToldMs = nowMs
}

async function deliver(state: State, { records }: Collected): Promise<void> {
  const { sink } = state.options
  const first = records[0]
  if (first === undefined) return
  state.watch.waitsSince(first.tsUs)
  const { refused, refusedUnnamed = 0 } = await insist(state, (signal) => sink.write({ records }, signal))
  const count = refused.length + refusedUnnamed
  state.written += records.length - count
  state.refused += count
  if (count > 0) tellRefused(state, count)
}

/** As often as the other side is replaced by an emptier one. */
async function carryOn(state: State): Promise<void> {
  for (;;) {
    try {
      return await carry(state)
    } catch (error) {
      if (!(error instanceof DestinationRewound)) throw error
      state.tell({ kind: 'rewound', message: error.message })
    }
  }
}

async function carry(state: State): Promise<void> {
  const { log, clock, sink, checkpoint, filter, bounds } = state.options
  state.doneSeq = await findPlace(state)
  const from: Cursor = { at: 'after', seq: state.doneSeq }
  await using reader = log.reader({ from, durableOnly: true, signal: state.ending.signal, ...(filter === undefined ? {} : { filter }) })
  const collector = createCollector({
    reader,
    bounds: { ...defaultBatchBounds, ...bounds },
    clock,
    closing: state.closing.signal,
    onGap: (gap) => lose(state, gap),
  })
  const places = createCheckpointWriter(checkpoint, (message) => state.tell({ kind: 'checkpoint', message }))
  state.phase = 'running'
  try {
    let coming = nextBatch(state, collector)
    for (let batch = await coming; batch !== undefined; batch = await coming) {
      // The next batch is read while this one is written.
      coming = nextBatch(state, collector)
      coming.catch(() => undefined)
      await deliver(state, batch)
      state.doneSeq = batch.cursor
      places.note({ destination: sink.destination, seq: batch.cursor })
      if (state.doneSeq >= safeSeq(state.options)) state.watch.caughtUp()
    }
  } finally {
    await places.settle()
  }
}

/** Carries until the pump is closed. Never rejects: what ends it is told. */
export async function run(state: State): Promise<void> {
  try {
    await carryOn(state)
    state.phase = 'closed'
  } catch (error) {
    state.lastError = state.lastError ?? messageOf(error)
    state.phase = isFinal(error) ? 'stopped' : 'closed'
    if (isFinal(error) || !state.closing.signal.aborted) state.tell({ kind: 'stopped', message: messageOf(error) })
  } finally {
    state.watch.close()
  }
}
