// The batches of one pump that are being written: one at a time, or several where the sink can take them. They end in the order in which
// they began, whatever order the answers come in. When one fails those behind it fail too, and everything goes on one at a time from there,
// until it is through.
import { limits } from '@tabscope/schema'
import { type Collected, defaultBatchBounds } from './batch.ts'
import { attemptOnce, insist, noteLastFailure } from './pump-insist.ts'
import type { State } from './pump-state.ts'
import type { SinkBatch, WriteReport } from './sink.ts'

export interface Writings {
  /** Begins to write it behind the others, when there is room. Rejects with what ended an earlier one. */
  add(batch: Collected): Promise<void>
  /** Resolves when none is under way any more, also when they failed. */
  ended(): Promise<void>
}

export interface WritingsOptions {
  /** The batch is at the sink, and everything before it. */
  readonly onDone: (batch: Collected) => void
  /** What ended one and was not to be repeated; nothing behind it is written. */
  readonly onFailed: (error: unknown) => void
}

interface Writing {
  readonly bytes: number
  readonly lastSeq: number | undefined
  /** Rejects with what ended it or one before it. */
  readonly done: Promise<void>
}

interface Window extends WritingsOptions {
  readonly state: State
  /** In order. */
  readonly underWay: Writing[]
  /** First attempts that began before their turn and have not ended. */
  readonly early: Set<Promise<unknown>>
  /** One failed: nothing begins before its turn until all that is under way is through. */
  isTroubled: boolean
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

function isFull({ state, underWay, isTroubled }: Window, bytes: number): boolean {
  if (underWay.length === 0) return false
  const { bounds, sink } = state.options
  const { mostBytes } = { ...defaultBatchBounds, ...bounds }
  const total = underWay.reduce((sum, writing) => sum + writing.bytes, bytes)
  return isTroubled || underWay.length >= (sink.overlap ?? 1) || total > mostBytes
}

/** The first attempt of a batch behind others. */
function beginEarly({ state, early }: Window, batch: SinkBatch): Promise<WriteReport> {
  const answer = attemptOnce(state, (signal) => state.options.sink.write(batch, signal))
  const ended = answer.then(
    () => undefined,
    () => undefined,
  )
  early.add(ended)
  void ended.then(() => early.delete(ended))
  return answer
}

/** Its turn has come: everything before it is at the sink. */
async function deliver(window: Window, { records }: Collected, early: Promise<WriteReport> | undefined): Promise<void> {
  const { state } = window
  const { sink } = state.options
  const first = records[0]
  if (first === undefined) return
  state.watch.waitsSince(first.tsUs)
  // Behind one that failed it failed for that alone, which says nothing of it.
  const answer = window.isTroubled ? await early?.catch(() => undefined) : early
  const onFailed = async (): Promise<void> => {
    window.isTroubled = true
    await Promise.all(window.early)
  }
  const attempt = (signal: AbortSignal): Promise<WriteReport> => sink.write({ records }, signal)
  const answered = answer === undefined ? undefined : Promise.resolve(answer)
  const { refused, refusedUnnamed = 0 } = await insist(state, attempt, { early: answered, onFailed })
  const count = refused.length + refusedUnnamed
  state.written += records.length - count
  state.refused += count
  if (count > 0) {
    tellRefused(state, count)
    noteLastFailure(state, `${count} of ${records.length} events were refused`)
  }
  if (count === records.length) return
  state.failuresInRow = 0
  state.lastWrittenUs = state.options.clock.wallUs()
}

async function write(window: Window, batch: Collected, before: Writing | undefined): Promise<void> {
  const { underWay } = window
  const behindSeq = before?.lastSeq
  const early =
    behindSeq === undefined || batch.records.length === 0 ? undefined : beginEarly(window, { records: batch.records, behindSeq })
  early?.catch(() => undefined)
  try {
    await before?.done
    await deliver(window, batch, early)
    window.onDone(batch)
  } finally {
    // The sink is not asked for anything else before it is through with this.
    await early?.catch(() => undefined)
    underWay.shift()
    if (underWay.length === 0) window.isTroubled = false
  }
}

async function add(window: Window, batch: Collected): Promise<void> {
  const { underWay } = window
  const bytes = batch.records.reduce((sum, record) => sum + record.bytes.length, 0)
  for (let oldest = underWay[0]; oldest !== undefined && isFull(window, bytes); oldest = underWay[0]) await oldest.done
  const before = underWay.at(-1)
  const done = write(window, batch, before)
  done.catch(window.onFailed)
  underWay.push({ bytes, lastSeq: batch.records.at(-1)?.seq ?? before?.lastSeq, done })
}

/** What is under way of that pump: nothing at first. */
export function createWritings(state: State, options: WritingsOptions): Writings {
  const window: Window = { ...options, state, underWay: [], early: new Set(), isTroubled: false }
  return {
    add: (batch) => add(window, batch),
    ended: async () => {
      await Promise.allSettled(window.underWay.map(({ done }) => done))
    },
  }
}
