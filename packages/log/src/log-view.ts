// What readers and history see of a log: where it begins and ends, memory, disk, and what wakes them. Never lets them write.
import type { Catalog } from './catalog.ts'
import type { DiskReader } from './disk-reader.ts'
import type { Ring } from './ring.ts'
import type { Wakeup } from './wakeup.ts'

export interface LogView {
  readonly ring: Ring
  readonly appended: Wakeup
  readonly durable: Wakeup
  /** First number that this run of the process could give. */
  readonly runStartSeq: number
  /** Undefined in a log without a disk. */
  readonly catalog: Catalog | undefined
  readonly disk: DiskReader | undefined
  isClosed(): boolean
  /** Everything was there when it was opened, shown or not: what is missing was missing before, and no reader can be too slow for it. */
  readonly isPast?: boolean
  /** Newest number a live reader may see: no restart can give it to another event. */
  visibleSeq(): number
  /** Newest number that sinks may see: on disk, or in a log without a disk the last one. */
  safeSeq(): number
  oldestSeq(): number
  /** Numbers up to this one were removed to keep within bounds. */
  evictedToSeq(): number
  /** Counts records that a reader fell behind of. */
  missed(count: number): void
}

const views = new WeakMap<object, LogView>()

/** Keeps the view beside its log, so that functions of this package can be given a log. */
export function registerView(log: object, view: LogView): void {
  views.set(log, view)
}

/** The view of a log that this package made. */
export function viewOf(log: object): LogView {
  const view = views.get(log)
  if (view === undefined) throw new TypeError('not a log made by openEventLog')
  return view
}
