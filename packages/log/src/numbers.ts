// Reserves numbers on disk ahead of their use, so that none is ever given twice, whatever happens to this process.
// Giving a number never waits: when a reservation is late, the numbers above the reserved ones are given but not shown to
// readers (`reservedToSeq` bounds what they see), so a crash in that moment repeats nothing that anybody saw.
import type { Clock } from '@tabscope/schema'
import type { Reservation, SequenceFile } from './sequence-file.ts'
import { messageOf } from './trouble.ts'

export interface Numbers {
  readonly reservedToSeq: number
  readonly evictedToSeq: number
  /** Says that this number was given; reserves more when half of the block is used. */
  used(seq: number): void
  /** Notes that numbers up to this one were removed by retention. */
  evicted(toSeq: number): void
  /** Gives the unused numbers back. After this no number may be used. */
  close(lastSeq: number): Promise<void>
}

export interface NumbersOptions {
  readonly file: SequenceFile
  readonly clock: Clock
  readonly blockNumbers: number
  readonly retryMs: number
  readonly onReserved: () => void
  /** Told for each failed try; `isExhausted` when no reserved number is left. */
  readonly onRefused: (message: string, isExhausted: boolean) => void
}

interface State {
  readonly options: NumbersOptions
  reservedToSeq: number
  evictedToSeq: number
  writtenEvictedToSeq: number
  lastSeq: number
  /** The write under way or the wait for the next try. */
  writing: Promise<void> | undefined
  cancelRetry: (() => void) | undefined
  isClosed: boolean
}

/** The first reservation of a run: all numbers that may have been used lie at or below `startSeq`. */
export interface NumbersStart {
  /** Last number that may have been used. */
  readonly startSeq: number
  readonly reservation: Reservation
}

/** Where numbers go on, from what the last run left behind. `lastOnDiskSeq` is 0 when there is no record. */
export function startOf(file: SequenceFile, lastOnDiskSeq: number, blockNumbers: number): NumbersStart {
  const { found, isDamaged } = file
  const known = Math.max(found?.reservedToSeq ?? 0, lastOnDiskSeq)
  // A damaged slot may have held a newer reservation, one block ahead; without any slot the folder may have lost its file.
  const isUncertain = isDamaged || (found === undefined && lastOnDiskSeq > 0)
  const startSeq = isUncertain ? known + 2 * blockNumbers : known
  return { startSeq, reservation: { reservedToSeq: startSeq + blockNumbers, evictedToSeq: found?.evictedToSeq ?? 0, isClean: false } }
}

function isWanted(state: State): boolean {
  const { blockNumbers } = state.options
  return state.reservedToSeq - state.lastSeq < blockNumbers / 2 || state.evictedToSeq > state.writtenEvictedToSeq
}

async function reserve(state: State): Promise<void> {
  const { options, evictedToSeq } = state
  const reservedToSeq = Math.max(state.reservedToSeq, state.lastSeq + options.blockNumbers)
  try {
    await options.file.write({ reservedToSeq, evictedToSeq, isClean: false })
  } catch (error) {
    options.onRefused(messageOf(error), state.lastSeq >= state.reservedToSeq)
    retryLater(state)
    return
  } finally {
    state.writing = undefined
  }
  state.reservedToSeq = reservedToSeq
  state.writtenEvictedToSeq = evictedToSeq
  options.onReserved()
  start(state)
}

function retryLater(state: State): void {
  if (state.isClosed) return
  const { clock, retryMs } = state.options
  state.cancelRetry = clock.schedule(clock.monotonicMs() + retryMs, () => {
    state.cancelRetry = undefined
    start(state)
  })
}

function start(state: State): void {
  if (state.isClosed || state.writing !== undefined || state.cancelRetry !== undefined || !isWanted(state)) return
  state.writing = reserve(state)
}

async function close(state: State, lastSeq: number): Promise<void> {
  state.isClosed = true
  state.cancelRetry?.()
  await state.writing
  try {
    await state.options.file.write({ reservedToSeq: lastSeq, evictedToSeq: state.evictedToSeq, isClean: true })
  } catch (error) {
    // The next start takes it for a crash and begins above the block: nothing is lost but numbers.
    state.options.onRefused(messageOf(error), false)
  }
  await state.options.file.close()
}

/** Takes over a reservation that is on disk already. */
export function createNumbers(options: NumbersOptions, { startSeq, reservation }: NumbersStart): Numbers {
  const { reservedToSeq, evictedToSeq } = reservation
  const state: State = {
    options,
    reservedToSeq,
    evictedToSeq,
    writtenEvictedToSeq: evictedToSeq,
    lastSeq: startSeq,
    writing: undefined,
    cancelRetry: undefined,
    isClosed: false,
  }
  return {
    get reservedToSeq() {
      return state.reservedToSeq
    },
    get evictedToSeq() {
      return state.evictedToSeq
    },
    used: (seq) => {
      state.lastSeq = seq
      if (state.writing === undefined) start(state)
    },
    evicted: (toSeq) => {
      state.evictedToSeq = Math.max(state.evictedToSeq, toSeq)
      start(state)
    },
    close: (lastSeq) => close(state, lastSeq),
  }
}
