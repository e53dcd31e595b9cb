// Puts what a reader gives into batches: full when there are enough records, when they are large, or when the first one has waited long
// enough; more at once when the reader is behind. Keeps one batch and asks for no more until that is taken.
import type { LogReader } from '@tabscope/log'
import { type Clock, delay, type EventRecord, type Gap, limits } from '@tabscope/schema'

export interface BatchBounds {
  /** So many records are sent without waiting for more. */
  readonly records: number
  /** A record waits at most this long for others. */
  readonly ageMs: number
  /** Most records of a batch when there are more already. */
  readonly mostRecords: number
  /** Most bytes of a batch (one larger record aside). */
  readonly mostBytes: number
}

export const defaultBatchBounds: BatchBounds = {
  records: limits.sinkBatchRecords,
  ageMs: limits.sinkBatchAgeMs,
  mostRecords: limits.sinkBatchMostRecords,
  mostBytes: limits.sinkBatchBytes,
}

/** What is to be sent next, and how far the reader has come with it. `records` is empty when only the place moved. */
export interface Collected {
  readonly records: readonly EventRecord[]
  /** The place after it, also past records that a filter left out and past gaps. */
  readonly cursor: number
}

export interface Collector {
  /** The next batch; undefined when nothing is left and `closing` has been aborted. Rejects with the reader's reason. */
  next(): Promise<Collected | undefined>
}

export interface CollectorOptions {
  readonly reader: LogReader
  readonly bounds: BatchBounds
  readonly clock: Clock
  /** Aborted when nothing more should be waited for. */
  readonly closing: AbortSignal
  readonly onGap: (gap: Gap) => void
}

interface State extends CollectorOptions {
  /** Read and not sent, in order. */
  records: EventRecord[]
  bytes: number
  /** When the first of them was read. */
  sinceMs: number
  cursor: number
  /** The reader's answer to one wait; asked for once, however often it is raced. */
  waiting: Promise<void> | undefined
}

/** Takes from the reader what is there, until the batch is full. False when there was nothing. */
async function fill(state: State): Promise<boolean> {
  const { reader, bounds } = state
  const room = bounds.mostBytes - state.bytes
  const result = await reader.read(Math.max(1, room))
  state.cursor = result.cursor
  if (result.at === 'caught-up') return false
  if (result.at === 'gap') state.onGap(result.gap)
  else {
    if (state.records.length === 0) state.sinceMs = state.clock.monotonicMs()
    for (const record of result.records) {
      state.records.push(record)
      state.bytes += record.bytes.length
    }
  }
  return true
}

function isFull({ records, bytes, bounds }: State): boolean {
  return records.length >= bounds.mostRecords || bytes >= bounds.mostBytes
}

function take(state: State): Collected {
  const { bounds } = state
  const taken = state.records.slice(0, bounds.mostRecords)
  state.records = state.records.slice(bounds.mostRecords)
  state.bytes = state.records.reduce((sum, record) => sum + record.bytes.length, 0)
  const last = taken.at(-1)
  return { records: taken, cursor: state.records.length > 0 && last !== undefined ? last.seq : state.cursor }
}

/** Until the reader has more, the first record has waited long enough, or nothing is to be waited for any more. */
async function waitForMore(state: State): Promise<void> {
  const { clock, bounds, closing } = state
  state.waiting ??= state.reader.wait().finally(() => {
    state.waiting = undefined
  })
  const over = new AbortController()
  const stop = (): void => over.abort()
  closing.addEventListener('abort', stop, { once: true })
  const patienceMs = state.records.length > 0 ? state.sinceMs + bounds.ageMs - clock.monotonicMs() : Number.POSITIVE_INFINITY
  const pause = Number.isFinite(patienceMs) ? delay(clock, patienceMs, over.signal) : untilAborted(over.signal)
  const ended = pause.catch(() => undefined)
  try {
    await Promise.race([state.waiting, ended])
  } finally {
    over.abort()
    closing.removeEventListener('abort', stop)
    // When this wait is not the one that ended, its rejection is told by the next read.
    state.waiting?.catch(() => undefined)
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function isRipe(state: State): boolean {
  const { records, bounds, sinceMs, clock, closing } = state
  return records.length >= bounds.records || closing.aborted || clock.monotonicMs() >= sinceMs + bounds.ageMs
}

async function next(state: State): Promise<Collected | undefined> {
  const startCursor = state.cursor
  for (;;) {
    // Whatever there is, in steps of what fits; the reader lets others run in between.
    while (!isFull(state) && (await fill(state)));
    if (isFull(state) || (state.records.length > 0 && isRipe(state))) return take(state)
    // What a filter left out, and gaps, move the place on too.
    if (state.records.length === 0 && state.cursor > startCursor) return take(state)
    if (state.closing.aborted) return undefined
    await waitForMore(state)
  }
}

/** Batches of what the reader gives from where it stands. Ask for one at a time. */
export function createCollector(options: CollectorOptions): Collector {
  const state: State = { ...options, records: [], bytes: 0, sinceMs: 0, cursor: options.reader.cursor, waiting: undefined }
  return { next: () => next(state) }
}
