// What a reader sees of the log: where it begins and ends, memory, disk, and what wakes it. Never lets a reader write.
import type { Ring } from './ring.ts'
import type { DiskSpan } from './store.ts'
import type { Wakeup } from './wakeup.ts'

export interface LogView {
  readonly ring: Ring
  readonly appended: Wakeup
  readonly durable: Wakeup
  /** First number that this run of the process could give. */
  readonly runStartSeq: number
  isClosed(): boolean
  /** Last number given. */
  seq(): number
  /** Newest number a live reader may see: no restart can give it to another event. */
  visibleSeq(): number
  /** Newest number that sinks may see: on disk, or in a log without a disk the same as `visibleSeq`. */
  safeSeq(): number
  oldestSeq(): number
  /** Numbers up to this one were removed to keep within bounds. */
  evictedToSeq(): number
  /** Lines from disk at or after `seq`; undefined, at once, when the disk has nothing there. */
  readDisk(seq: number): Promise<DiskSpan> | undefined
  /** Counts records that a reader fell behind of. */
  missed(count: number): void
}
