// Removes the oldest segments when the log takes too much space or they are too old. Whole segments only, never the
// newest. Segments that a sink still needs stay until they alone take twice the space that is allowed.
import type { Clock } from '@tabscope/schema'
import type { Catalog, Segment } from './catalog.ts'
import { codeOf, type FileSystem } from './files.ts'
import type { LogLimits } from './log-limits.ts'
import { dataName, indexName } from './segment-name.ts'
import { type LogTrouble, messageOf } from './trouble.ts'

export interface RetentionOptions {
  readonly files: FileSystem
  readonly folder: string
  readonly catalog: Catalog
  readonly clock: Clock
  readonly limits: Pick<LogLimits, 'retentionBytes' | 'retentionMs'>
  /** The oldest number that a sink still needs; absent or undefined = none does. */
  readonly protect?: (() => number | undefined) | undefined
  /** Told at once for each segment that is given up, before its files go. */
  readonly onEvicted: (toSeq: number) => void
  readonly onTrouble: (trouble: LogTrouble) => void
}

type Verdict = 'keep' | 'remove' | 'remove although needed'

function judge(options: RetentionOptions, segment: Segment): Verdict {
  const { catalog, limits, clock } = options
  // The newest one says where numbers and times go on, whether or not it is still written.
  if (segment === catalog.segments.at(-1)) return 'keep'
  const isOld = segment.lastTsUs < clock.wallUs() - limits.retentionMs * 1000
  if (catalog.bytes <= limits.retentionBytes && !isOld) return 'keep'
  if (segment.lastSeq < (options.protect?.() ?? Number.POSITIVE_INFINITY)) return 'remove'
  return catalog.bytes > 2 * limits.retentionBytes ? 'remove although needed' : 'keep'
}

async function removeFile(options: RetentionOptions, name: string): Promise<void> {
  try {
    await options.files.remove(`${options.folder}/${name}`)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') options.onTrouble({ kind: 'cleanup_failed', message: `${name}: ${messageOf(error)}` })
  }
}

/** Removes what has to go now and says how many segments that were. Never rejects. */
export async function applyRetention(options: RetentionOptions): Promise<number> {
  let removed = 0
  for (let oldest = options.catalog.segments[0]; oldest !== undefined; oldest = options.catalog.segments[0]) {
    const verdict = judge(options, oldest)
    if (verdict === 'keep') break
    if (verdict === 'remove although needed') {
      options.onTrouble({ kind: 'protected_removed', from: oldest.firstSeq, to: oldest.lastSeq })
    }
    // Readers must not look for it any more when its files are gone. A file that cannot be removed comes back with the
    // next start and is then tried again.
    options.catalog.remove(oldest)
    options.onEvicted(oldest.lastSeq)
    await removeFile(options, dataName(oldest.firstSeq))
    await removeFile(options, indexName(oldest.firstSeq))
    removed++
  }
  return removed
}
