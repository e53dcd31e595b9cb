// One reader: a cursor that moves over memory and disk. Gives each record once and in order, or a gap that says from and to.
// Keeps no queue: a slow reader falls back to the disk. Never waits for records in `read`; `wait` is for that.
import {
  type Cursor,
  type EventFilter,
  type EventRecord,
  type Gap,
  limits,
  matchesEverything,
  matchesFilter,
  TelemetryError,
} from '@tabscope/schema'
import { explainGap } from './gap.ts'
import type { LogView } from './log-view.ts'
import type { DiskSpan } from './span-reader.ts'

export type ReadResult =
  | {
      readonly at: 'records'
      /** In order. Empty when a long stretch held nothing that the filter lets through. */
      readonly records: readonly EventRecord[]
      /** The cursor after this read, also past records that the filter left out. */
      readonly cursor: number
    }
  | { readonly at: 'gap'; readonly gap: Gap; readonly cursor: number }
  | { readonly at: 'caught-up'; readonly cursor: number }

export interface ReaderOptions {
  readonly from: Cursor
  readonly filter?: EventFilter
  /** Only what is on disk: for sinks. In a log without a disk it makes no difference. */
  readonly durableOnly?: boolean
  readonly signal?: AbortSignal
}

export interface LogReader extends AsyncDisposable {
  /** The number of the last record that was read, skipped or reported missing. */
  readonly cursor: number
  /** What is there now, up to `maxBytes` but at least one record. Never waits for new ones. */
  read(maxBytes: number): Promise<ReadResult>
  /** Resolves when there may be something after the cursor; rejects with the signal's reason, or `log_closed`. */
  wait(): Promise<void>
  close(): Promise<void>
}

interface State {
  readonly view: LogView
  readonly filter: EventFilter | undefined
  readonly durableOnly: boolean
  /** Aborts with the caller's reason, or with `log_closed` when the reader is closed. */
  readonly signal: AbortSignal
  readonly openedSeq: number
  readonly openedOldestSeq: number
  cursor: number
  /** Told first: the cursor was above everything that was ever numbered. */
  startGap: Gap | undefined
  /** What was last read from disk and is not used up. */
  span: DiskSpan | undefined
  spanAt: number
}

interface Batch {
  readonly records: EventRecord[]
  readonly maxBytes: number
  bytes: number
  scannedBytes: number
  isFull: boolean
}

function limitOf(state: State): number {
  return state.durableOnly ? state.view.safeSeq() : state.view.visibleSeq()
}

// Takes the record after the cursor into the batch. False when it does not fit any more.
function take(state: State, batch: Batch, record: EventRecord): boolean {
  const size = record.bytes.length
  if (state.filter === undefined || matchesFilter(state.filter, record)) {
    if (batch.records.length > 0 && batch.bytes + size > batch.maxBytes) {
      batch.isFull = true
      return false
    }
    batch.records.push(record)
    batch.bytes += size
  }
  batch.scannedBytes += size
  state.cursor = record.seq
  if (batch.bytes >= batch.maxBytes || batch.scannedBytes >= limits.logScanBytes) batch.isFull = true
  return !batch.isFull
}

function takeFromRing(state: State, batch: Batch): void {
  for (let toSeq = limitOf(state); state.cursor < toSeq; ) {
    const record = state.view.ring.get(state.cursor + 1)
    if (record === undefined || !take(state, batch, record)) return
  }
}

function takeFromSpan(state: State, batch: Batch, span: DiskSpan): void {
  const toSeq = limitOf(state)
  for (; state.spanAt < span.records.length; state.spanAt++) {
    const record = span.records[state.spanAt]
    if (record === undefined || record.seq !== state.cursor + 1 || record.seq > toSeq) return
    if (!take(state, batch, record)) {
      if (state.cursor === record.seq) state.spanAt++
      return
    }
  }
}

function gapBefore(state: State, nextSeq: number, nextRunStartSeq: number): ReadResult {
  const { view } = state
  const gap = explainGap({
    from: state.cursor + 1,
    to: Math.min(nextSeq - 1, limitOf(state)),
    nextRunStartSeq,
    evictedToSeq: view.evictedToSeq(),
    openedOldestSeq: state.openedOldestSeq,
    openedSeq: state.openedSeq,
  })
  state.cursor = gap.to
  if (gap.reason === 'slow') view.missed(gap.to - gap.from + 1)
  return { at: 'gap', gap, cursor: gap.to }
}

// The first record after the cursor in what was last read from disk.
function nextInSpan(state: State, span: DiskSpan): EventRecord | undefined {
  while ((span.records[state.spanAt]?.seq ?? Number.POSITIVE_INFINITY) <= state.cursor) state.spanAt++
  return span.records[state.spanAt]
}

// One step: some records into the batch, or what else there is to say.
async function step(state: State, batch: Batch): Promise<ReadResult | undefined> {
  const { view } = state
  const nextSeq = state.cursor + 1
  if (nextSeq > limitOf(state)) return { at: 'caught-up', cursor: state.cursor }
  if (nextSeq >= view.ring.oldestSeq) {
    state.span = undefined
    takeFromRing(state, batch)
    return undefined
  }
  if (state.span === undefined || state.span.lastSeq < nextSeq) {
    // The disk says at once that it has nothing there: the ring cannot move on before the gap is made.
    const reading = view.disk?.read(nextSeq)
    if (reading === undefined) return gapBefore(state, view.ring.oldestSeq, view.runStartSeq)
    state.span = await reading
    state.spanAt = 0
  }
  const { span } = state
  const first = nextInSpan(state, span)
  if (first?.seq !== nextSeq) return gapBefore(state, first?.seq ?? span.lastSeq + 1, span.runStartSeq)
  takeFromSpan(state, batch, span)
  return undefined
}

async function read(state: State, maxBytes: number): Promise<ReadResult> {
  state.signal.throwIfAborted()
  if (state.startGap !== undefined) {
    const gap = state.startGap
    state.startGap = undefined
    return { at: 'gap', gap, cursor: state.cursor }
  }
  const batch: Batch = { records: [], maxBytes, bytes: 0, scannedBytes: 0, isFull: false }
  while (batch.records.length === 0 && !batch.isFull) {
    const other = await step(state, batch)
    if (other !== undefined) return other
  }
  return { at: 'records', records: batch.records, cursor: state.cursor }
}

function wait(state: State): Promise<void> {
  const { view, signal } = state
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      if (signal.aborted) reject(signal.reason)
      else if (state.startGap !== undefined || state.cursor < limitOf(state)) resolve()
      else if (view.isClosed()) reject(new TelemetryError('log_closed', {}))
      else return
      unsubscribe()
      signal.removeEventListener('abort', settle)
    }
    // Without a disk nothing ever becomes durable, and what was appended counts.
    const unsubscribe = (state.durableOnly && view.disk !== undefined ? view.durable : view.appended).subscribe(settle)
    signal.addEventListener('abort', settle)
    settle()
  })
}

// A number that is not shown yet is no place to start: after a crash it may go to another event.
function startCursor(from: Cursor, view: LogView): number {
  if (from.at === 'now') return view.visibleSeq()
  if (from.at === 'oldest') return Math.min(view.oldestSeq() - 1, view.visibleSeq())
  return Math.min(from.seq, view.visibleSeq())
}

// One signal for both: the caller's reason, or `log_closed` when the reader is closed, which also lets go of the caller's signal.
function createClosing(signal: AbortSignal | undefined): { readonly signal: AbortSignal; readonly close: () => void } {
  const controller = new AbortController()
  const follow = (): void => controller.abort(signal?.reason)
  if (signal?.aborted) follow()
  signal?.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    close: () => {
      signal?.removeEventListener('abort', follow)
      controller.abort(new TelemetryError('log_closed', {}))
    },
  }
}

/** A reader of the log that begins at `from`. A cursor above everything ever numbered begins now, after a gap `ahead`. */
export function createReader(view: LogView, options: ReaderOptions): LogReader {
  const { from, filter } = options
  const isAhead = from.at === 'after' && from.seq > view.visibleSeq()
  const closing = createClosing(options.signal)
  const state: State = {
    view,
    filter: filter === undefined || matchesEverything(filter) ? undefined : filter,
    durableOnly: options.durableOnly ?? false,
    signal: closing.signal,
    openedSeq: view.isPast === true ? Number.POSITIVE_INFINITY : view.visibleSeq(),
    openedOldestSeq: view.oldestSeq(),
    cursor: startCursor(from, view),
    startGap: isAhead ? { from: from.seq + 1, reason: 'ahead' } : undefined,
    span: undefined,
    spanAt: 0,
  }
  const close = async (): Promise<void> => {
    closing.close()
    state.span = undefined
  }
  return {
    get cursor() {
      return state.cursor
    },
    read: (maxBytes) => read(state, maxBytes),
    wait: () => wait(state),
    close,
    [Symbol.asyncDispose]: close,
  }
}
