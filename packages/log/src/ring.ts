// The newest records in memory, bounded in records and in bytes. Numbers in it are consecutive, so a record is found by its
// number. Records that are not on disk yet stay beyond the usual bounds, up to a bound of their own. Never does I/O.
import type { EventRecord } from '@tabscope/schema'

export interface RingLimits {
  readonly ringRecords: number
  readonly ringBytes: number
  /** Bound in bytes while the oldest record still waits for the disk. */
  readonly queueBytes: number
  /** What a record costs beyond its bytes. */
  readonly recordOverheadBytes: number
}

export interface Ring {
  /** One more than `newestSeq` when empty. */
  readonly oldestSeq: number
  readonly newestSeq: number
  /** What the held records cost, overhead included. */
  readonly heldBytes: number
  /** Takes the record numbered `newestSeq + 1`. */
  push(record: EventRecord): void
  get(seq: number): EventRecord | undefined
  /** Records from this number on wait for the disk. Infinity (the default) when nothing waits. */
  keepFrom(seq: number): void
  /** Consecutive records from `fromSeq` to `toSeq`, as many as fit `maxBytes`, but at least one. */
  collect(fromSeq: number, toSeq: number, maxBytes: number): EventRecord[]
}

interface State {
  readonly limits: RingLimits
  /** A power of two long; record `seq` is at `seq & (length - 1)`. */
  slots: (EventRecord | undefined)[]
  oldestSeq: number
  newestSeq: number
  heldBytes: number
  keepFromSeq: number
}

const firstSlots = 1024

function slotOf(state: State, seq: number): number {
  // `&` looks at the low 32 bits only, which is what a power of two needs, also above 2^32.
  return seq & (state.slots.length - 1)
}

function get(state: State, seq: number): EventRecord | undefined {
  return seq < state.oldestSeq || seq > state.newestSeq ? undefined : state.slots[slotOf(state, seq)]
}

function isOver(state: State): boolean {
  const { limits } = state
  // When the oldest waits for the disk, all of them do.
  if (state.oldestSeq >= state.keepFromSeq) return state.heldBytes > limits.queueBytes
  return state.newestSeq - state.oldestSeq >= limits.ringRecords || state.heldBytes > limits.ringBytes
}

function evict(state: State): void {
  while (state.oldestSeq < state.newestSeq && isOver(state)) {
    const slot = slotOf(state, state.oldestSeq)
    state.heldBytes -= (state.slots[slot]?.bytes.length ?? 0) + state.limits.recordOverheadBytes
    state.slots[slot] = undefined
    state.oldestSeq++
  }
}

function grow(state: State): void {
  const larger: (EventRecord | undefined)[] = new Array(state.slots.length * 2).fill(undefined)
  for (let seq = state.oldestSeq; seq <= state.newestSeq; seq++) larger[seq & (larger.length - 1)] = get(state, seq)
  state.slots = larger
}

function push(state: State, record: EventRecord): void {
  if (state.newestSeq - state.oldestSeq + 1 === state.slots.length) grow(state)
  state.newestSeq = record.seq
  state.slots[slotOf(state, record.seq)] = record
  state.heldBytes += record.bytes.length + state.limits.recordOverheadBytes
  evict(state)
}

function collect(state: State, { fromSeq, toSeq, maxBytes }: { fromSeq: number; toSeq: number; maxBytes: number }): EventRecord[] {
  const records: EventRecord[] = []
  let bytes = 0
  for (let seq = fromSeq; seq <= toSeq; seq++) {
    const record = get(state, seq)
    if (record === undefined) break
    bytes += record.bytes.length
    if (bytes > maxBytes && records.length > 0) break
    records.push(record)
  }
  return records
}

/** An empty ring whose first record will be `lastSeq + 1`. */
export function createRing(limits: RingLimits, lastSeq: number): Ring {
  const state: State = {
    limits,
    slots: new Array(firstSlots).fill(undefined),
    oldestSeq: lastSeq + 1,
    newestSeq: lastSeq,
    heldBytes: 0,
    keepFromSeq: Number.POSITIVE_INFINITY,
  }
  return {
    get oldestSeq() {
      return state.oldestSeq
    },
    get newestSeq() {
      return state.newestSeq
    },
    get heldBytes() {
      return state.heldBytes
    },
    push: (record) => push(state, record),
    get: (seq) => get(state, seq),
    keepFrom: (seq) => {
      state.keepFromSeq = seq
      evict(state)
    },
    collect: (fromSeq, toSeq, maxBytes) => collect(state, { fromSeq, toSeq, maxBytes }),
  }
}
