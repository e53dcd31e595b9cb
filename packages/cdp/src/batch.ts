// Counts work that is under way and says once when all of it is done, or when a deadline has passed. Never starts the work.
import type { Clock } from '@tabscope/schema'

/** Some pieces of work that end together. */
export interface Batch {
  isOpen(): boolean
  /** One more piece has begun; returns what is called when it ends. After the batch is over both do nothing. */
  begin(): () => void
  /** Ends it without a word. */
  cancel(): void
}

/** A batch that calls `finished` once: when its last piece has ended, or after `timeoutMs`. Begin the first piece at once. */
export function createBatch(options: { clock: Clock; timeoutMs: number; finished: () => void }): Batch {
  const { clock, timeoutMs, finished } = options
  let running = 0
  let open = true
  const cancelTimer = clock.schedule(clock.monotonicMs() + timeoutMs, () => finish())
  const cancel = (): void => {
    open = false
    cancelTimer()
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
      return () => {
        if (ended) return
        ended = true
        running--
        if (running === 0) finish()
      }
    },
    cancel,
  }
}
