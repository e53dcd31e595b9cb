// Why numbers between a reader and the next record are missing, as gaps that follow each other without a hole.
import type { Gap } from '@tabscope/schema'

/** What is known about the missing numbers. */
export interface Missing {
  readonly from: number
  readonly to: number
  /** The run of the process that numbered the record after the gap: numbers below it that are not on disk went with a crash. */
  readonly nextRunStartSeq: number
  /** Numbers up to this one were removed by retention, or were never kept. */
  readonly evictedToSeq: number
  /** Where the log began and ended when the reader was opened: what has gone since, it missed by being slow. */
  readonly openedOldestSeq: number
  readonly openedSeq: number
}

function lossReason(missing: Missing, from: number): 'evicted' | 'slow' {
  const wasThere = from >= missing.openedOldestSeq && missing.to <= missing.evictedToSeq
  return from > missing.openedSeq || wasThere ? 'slow' : 'evicted'
}

/** The first gap of the missing numbers. When it ends before `to`, the rest has another reason. */
export function explainGap(missing: Missing): Gap & { readonly to: number } {
  const { from, to, nextRunStartSeq, evictedToSeq } = missing
  // A restart explains what lies above everything that was removed and below the run that wrote the next record.
  const restartFrom = Math.max(from, evictedToSeq + 1)
  const restartTo = Math.min(to, nextRunStartSeq - 1)
  if (restartFrom > restartTo) return { from, to, reason: lossReason(missing, from) }
  if (restartFrom > from) return { from, to: restartFrom - 1, reason: lossReason({ ...missing, to: restartFrom - 1 }, from) }
  return { from, to: restartTo, reason: 'restart' }
}
