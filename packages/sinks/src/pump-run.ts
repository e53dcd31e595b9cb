// The work of a pump: place, batches, attempts, waits. Ends when the state's signals say so, or when going on would do harm.
import { type Cursor, type Gap, limits, TelemetryError } from '@tabscope/schema'
import { type Collected, type Collector, createCollector, defaultBatchBounds } from './batch.ts'
import { createCheckpointWriter } from './checkpoint-writer.ts'
import { insist, isFinal, noteFailure, pauseUnlessClosing } from './pump-insist.ts'
import { lostIn, type State, safeSeq } from './pump-state.ts'
import { createWritings } from './pump-writings.ts'
import { DestinationRewound } from './sink.ts'
import { messageOf } from './sink-trouble.ts'

function isClosed(error: unknown): boolean {
  return error instanceof TelemetryError && error.code === 'log_closed'
}

async function findPlace(state: State): Promise<number> {
  const { sink } = state.options
  if (sink.lastSeq === undefined) return state.doneSeq
  const told = await insist(state, async (signal) => sink.lastSeq?.(signal))
  if (told === undefined) return state.doneSeq
  return told === 0 ? state.firstSeq - 1 : told
}

function lose(state: State, gap: Gap): void {
  const count = lostIn(gap)
  if (gap.to === undefined || count === 0) return
  state.lost += count
  state.lostAhead = 0
  state.tell({ kind: 'lost', from: gap.from, to: gap.to, count })
}

/** A file that cannot be read at this moment is no reason to stop; where it cannot be read for good, the reader gives a gap. */
async function nextBatch(state: State, collector: Collector, signal: AbortSignal): Promise<Collected | undefined> {
  for (;;) {
    try {
      return await collector.next()
    } catch (error) {
      signal.throwIfAborted()
      if (isClosed(error)) return undefined
      noteFailure(state, error)
      await pauseUnlessClosing(state, limits.logRetryMs)
    }
  }
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
  // What ends the writing ends the reading, and the other way round.
  const over = new AbortController()
  const reading = AbortSignal.any([state.ending.signal, over.signal])
  await using reader = log.reader({ from, durableOnly: true, signal: reading, ...(filter === undefined ? {} : { filter }) })
  state.readSeq = () => reader.cursor
  const collector = createCollector({
    reader,
    bounds: { ...defaultBatchBounds, ...bounds },
    clock,
    closing: state.closing.signal,
    onGap: (gap) => lose(state, gap),
  })
  const places = createCheckpointWriter(checkpoint, (message) => state.tell({ kind: 'checkpoint', message }))
  // A sink that begins now and is away until the server stops begins here the next time, too, not at that time's now.
  places.note({ destination: sink.destination, seq: state.doneSeq })
  const writings = createWritings(state, {
    onDone: ({ cursor }) => {
      state.doneSeq = cursor
      places.note({ destination: sink.destination, seq: cursor })
      if (state.doneSeq >= safeSeq(state.options)) state.watch.caughtUp()
    },
    onFailed: (error) => over.abort(error),
  })
  state.phase = 'running'
  try {
    let coming = nextBatch(state, collector, reading)
    for (let batch = await coming; batch !== undefined; batch = await coming) {
      // The next batch is read while this one is written.
      coming = nextBatch(state, collector, reading)
      coming.catch(() => undefined)
      await writings.add(batch)
    }
  } finally {
    await writings.ended()
    await places.settle()
  }
  over.signal.throwIfAborted()
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
