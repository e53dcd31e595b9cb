// Counts work that is under way and says once when all of it is done, or when a deadline has passed. Never starts the work.
import type { CancelTimer, Clock } from '@tabscope/schema'

/** Some pieces of work that end together. */
export interface Batch {
  isOpen(): boolean
  /** One more piece has begun; returns what is called when it ends. After the batch is over both do nothing. */
  begin(): () => void
  /** Ends it without a word. */
  cancel(): void
}

export interface BatchOptions {
  readonly clock: Clock
  readonly timeoutMs: number
  /** When no piece has begun or ended for `ms`, and `isPossible` says so, what is left is stuck; absent = only `timeoutMs` counts. */
  readonly stuck?: { readonly ms: number; readonly isPossible: () => boolean }
  readonly finished: () => void
}

/** A batch that calls `finished` once: when its last piece has ended, or after one of the waits. Begin the first piece at once. */
export function createBatch(options: BatchOptions): Batch {
  const { clock, timeoutMs, stuck, finished } = options
  let running = 0
  let open = true
  let lastMs = clock.monotonicMs()
  const cancelTimer = clock.schedule(lastMs + timeoutMs, () => finish())
  let cancelStuck: CancelTimer = () => undefined
  const watch = ({ ms, isPossible }: NonNullable<BatchOptions['stuck']>): void => {
    // One timer at a time: pieces end by the hundred.
    cancelStuck = clock.schedule(lastMs + ms, () => {
      if (!isPossible()) lastMs = clock.monotonicMs()
      if (clock.monotonicMs() < lastMs + ms) watch({ ms, isPossible })
      else finish()
    })
  }
  if (stuck !== undefined) watch(stuck)
  const cancel = (): void => {
    open = false
    cancelTimer()
    cancelStuck()
  }
  const finish = (): void => {
    if (!open) return
    cancel()
    finished()
  }
  return {
    isOpen: () => open,
    begin: () => {
      let ended = false
      running++
      lastMs = clock.monotonicMs()
      return () => {
        if (ended) return
        ended = true
        running--
        lastMs = clock.monotonicMs()
        if (running === 0) finish()
      }
    },
    cancel,
  }
}
