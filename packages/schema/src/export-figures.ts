// What exports to a collector came to: of one browser as its server tells its control plane, and of several together.
import { z } from 'zod'
import { limits } from './limits.ts'

const count = z.int().nonnegative()

/** What an export came to so far. */
export const exportFiguresSchema = z.object({
  /** Events that the collector took. */
  sent: count,
  /** Attempts that failed and were repeated. */
  failed: count,
  /** Events that it never gets: refused by it, or removed from disk before it had them. */
  dropped: count,
  /** Attempts that failed since the last that did not. */
  failuresInRow: count,
  /** Why the latest failure was one, and when, in Unix microseconds. No secret is in it. */
  lastError: z.string().max(limits.exportErrorChars).optional(),
  lastErrorUs: count.optional(),
  /** When the collector took something last. */
  lastSentUs: count.optional(),
})
export type ExportFigures = z.infer<typeof exportFiguresSchema>

const nothingExported: ExportFigures = { sent: 0, failed: 0, dropped: 0, failuresInRow: 0 }

function lastAttemptUs({ lastErrorUs = 0, lastSentUs = 0 }: ExportFigures): number {
  return Math.max(lastErrorUs, lastSentUs)
}

/** Both together. Whether the latest attempt worked is said by the one that made it. */
function joined(one: ExportFigures, other: ExportFigures): ExportFigures {
  const { failuresInRow } = lastAttemptUs(one) > lastAttemptUs(other) ? one : other
  const { lastError, lastErrorUs } = (one.lastErrorUs ?? 0) > (other.lastErrorUs ?? 0) ? one : other
  const lastSentUs = Math.max(one.lastSentUs ?? 0, other.lastSentUs ?? 0)
  return {
    sent: one.sent + other.sent,
    failed: one.failed + other.failed,
    dropped: one.dropped + other.dropped,
    failuresInRow,
    ...(lastError === undefined ? {} : { lastError }),
    ...(lastErrorUs === undefined ? {} : { lastErrorUs }),
    ...(lastSentUs === 0 ? {} : { lastSentUs }),
  }
}

/** All of them together. */
export function combineExports(figures: readonly ExportFigures[]): ExportFigures {
  return figures.reduce(joined, nothingExported)
}
