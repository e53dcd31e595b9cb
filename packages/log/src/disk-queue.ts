// Brings records from the ring to disk in batches, behind the publisher's back. There is no queue beside the ring: what is
// not on disk stays in the ring, up to a bound, beyond which the oldest are lost to the disk and counted. On a failing disk it
// tries again and again, says so once, and says so once when it works again.
import type { Clock, EventRecord } from '@tabscope/schema'
import type { LogLimits } from './log-limits.ts'
import type { Ring } from './ring.ts'
import { type DiskTrouble, diskTroubleOf, type LogTrouble, messageOf } from './trouble.ts'

export interface DiskQueue {
  /** The newest number on disk. Numbers below it that are not there are lost. */
  readonly durableSeq: number
  /** Records that were lost to the disk. */
  readonly lostCount: number
  /** Bytes of records in memory that are not on disk yet: at most what the ring holds, and the batch that is being written. */
  readonly waitingBytes: number
  /** Says that a record came into the ring. */
  appended(record: EventRecord): void
  /** Writes everything that is there now. Resolves when that is done, or when the disk refuses; never rejects. */
  flush(): Promise<void>
  /** Flushes and stops. */
  close(): Promise<void>
}

export interface DiskQueueOptions {
  readonly ring: Ring
  readonly clock: Clock
  readonly limits: Pick<LogLimits, 'batchMs' | 'batchBytes' | 'batchMostBytes' | 'retryMs'>
  /** Writes one batch durably, or rejects. */
  readonly write: (records: readonly EventRecord[]) => Promise<void>
  readonly onDurable: () => void
  readonly onTrouble: (trouble: LogTrouble) => void
}

interface Outage {
  readonly kind: DiskTrouble
  readonly sinceUs: number
  readonly lostBefore: number
}

interface State {
  readonly options: DiskQueueOptions
  durableSeq: number
  lostCount: number
  /** Numbers above `durableSeq` and up to this one are counted as lost. */
  lostToSeq: number
  /** Bytes that are not on disk, also of what the ring let go since the last batch. */
  waitingBytes: number
  /** Bytes of the batch that is being written: it may have left the ring. */
  writingBytes: number
  /** The drain under way; resolves to whether the disk took everything that it was given. */
  draining: Promise<boolean> | undefined
  /** Whether a microtask is about to start a drain. */
  isKicked: boolean
  cancelTimer: (() => void) | undefined
  outage: Outage | undefined
  isClosed: boolean
}

function enterOutage(state: State, kind: DiskTrouble, message: string): void {
  const { options, outage } = state
  if (outage?.kind === kind) return
  const sinceUs = outage?.sinceUs ?? options.clock.wallUs()
  state.outage = { kind, sinceUs, lostBefore: outage?.lostBefore ?? state.lostCount }
  options.onTrouble({ kind, sinceUs, message })
}

function leaveOutage(state: State): void {
  const { outage } = state
  if (outage === undefined) return
  state.outage = undefined
  state.options.onTrouble({ kind: 'recovered', sinceUs: outage.sinceUs, lostCount: state.lostCount - outage.lostBefore })
}

/** The oldest number that is neither on disk nor counted as lost. */
function nextSeq(state: State): number {
  return Math.max(state.durableSeq, state.lostToSeq) + 1
}

// What the ring had to let go before it was written. `durableSeq` stays until something newer is on disk: a restart begins
// above what is reserved or on disk, so no reader may be shown a number beyond both.
function countLost(state: State): void {
  const { ring } = state.options
  const lost = ring.oldestSeq - nextSeq(state)
  if (lost <= 0) return
  if (state.outage === undefined) enterOutage(state, 'disk_behind', 'the disk is slower than the events come')
  state.lostCount += lost
  state.lostToSeq = ring.oldestSeq - 1
  // When the ring lost one, nothing in it is written.
  state.waitingBytes = ring.heldBytes
}

function nextBatch(state: State): EventRecord[] {
  const { ring, limits } = state.options
  countLost(state)
  return ring.collect(nextSeq(state), ring.newestSeq, limits.batchMostBytes)
}

function setDurable(state: State, records: readonly EventRecord[]): void {
  const { options } = state
  state.durableSeq = Math.max(state.durableSeq, records.at(-1)?.seq ?? 0)
  for (const record of records) state.waitingBytes -= record.bytes.length
  if (options.ring.newestSeq <= state.durableSeq) state.waitingBytes = 0
  options.ring.keepFrom(state.durableSeq + 1)
  options.onDurable()
}

// Writes batch after batch up to `toSeq`, and on while there is enough for a full batch.
async function drain(state: State, toSeq: number): Promise<boolean> {
  const { options } = state
  do {
    const batch = nextBatch(state)
    if (batch.length === 0) break
    state.writingBytes = batch.reduce((bytes, record) => bytes + record.bytes.length, 0)
    try {
      await options.write(batch)
    } catch (error) {
      enterOutage(state, diskTroubleOf(error), messageOf(error))
      return false
    } finally {
      state.writingBytes = 0
    }
    setDurable(state, batch)
    if (state.outage?.kind !== 'disk_behind' || options.ring.newestSeq === state.durableSeq) leaveOutage(state)
  } while (state.durableSeq < toSeq || state.waitingBytes >= options.limits.batchBytes)
  return true
}

function schedule(state: State, waitMs: number): void {
  const { clock } = state.options
  if (state.isClosed || state.cancelTimer !== undefined) return
  state.cancelTimer = clock.schedule(clock.monotonicMs() + waitMs, () => {
    state.cancelTimer = undefined
    if (state.draining === undefined) void start(state, state.options.ring.newestSeq)
  })
}

function cancelTimer(state: State): void {
  state.cancelTimer?.()
  state.cancelTimer = undefined
}

// Starts a drain; its end arranges what comes next. Never rejects.
function start(state: State, toSeq: number): Promise<boolean> {
  const { options } = state
  cancelTimer(state)
  state.draining = drain(state, toSeq).finally(() => {
    state.draining = undefined
    if (state.outage !== undefined && state.outage.kind !== 'disk_behind') schedule(state, options.limits.retryMs)
    else if (options.ring.newestSeq > state.durableSeq) schedule(state, options.limits.batchMs)
  })
  return state.draining
}

function appended(state: State, record: EventRecord): void {
  const { limits } = state.options
  state.waitingBytes += record.bytes.length
  if (state.draining !== undefined || state.isKicked) return
  const isFailing = state.outage !== undefined && state.outage.kind !== 'disk_behind'
  if (state.waitingBytes < limits.batchBytes || isFailing) {
    schedule(state, isFailing ? limits.retryMs : limits.batchMs)
    return
  }
  // Not from here: the publisher waits for nothing, not even for a system call to be started.
  state.isKicked = true
  queueMicrotask(() => {
    state.isKicked = false
    if (state.draining === undefined && !state.isClosed) void start(state, state.durableSeq)
  })
}

async function flush(state: State): Promise<void> {
  const toSeq = state.options.ring.newestSeq
  while (state.durableSeq < toSeq) {
    // A drain that began earlier may end before `toSeq`; one that failed says that another try would fail too.
    const isTaken = await (state.draining ?? start(state, toSeq))
    if (!isTaken) return
  }
}

/** A queue that begins behind `ring.newestSeq`. */
export function createDiskQueue(options: DiskQueueOptions): DiskQueue {
  const state: State = {
    options,
    durableSeq: options.ring.newestSeq,
    lostCount: 0,
    lostToSeq: 0,
    waitingBytes: 0,
    writingBytes: 0,
    draining: undefined,
    isKicked: false,
    cancelTimer: undefined,
    outage: undefined,
    isClosed: false,
  }
  options.ring.keepFrom(state.durableSeq + 1)
  return {
    get durableSeq() {
      return state.durableSeq
    },
    get lostCount() {
      // What the ring has let go since the last batch is lost too, unless it is just being written.
      const letGo = state.draining === undefined ? options.ring.oldestSeq - nextSeq(state) : 0
      return state.lostCount + Math.max(0, letGo)
    },
    get waitingBytes() {
      return Math.min(state.waitingBytes, options.ring.heldBytes + state.writingBytes)
    },
    appended: (record) => appended(state, record),
    flush: () => flush(state),
    close: async () => {
      await flush(state)
      state.isClosed = true
      cancelTimer(state)
      await state.draining
    },
  }
}
