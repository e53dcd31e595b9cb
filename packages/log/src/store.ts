import type { EventRecord } from '@tabscope/schema'
/** Consecutive lines of one segment, read and checked. */
export interface DiskSpan {
  /** In order; may begin before what was asked for, and leave out damaged lines. */
  readonly records: readonly EventRecord[]
  /** The newest number that the lines can hold. */
  readonly lastSeq: number
  /** First number of the run of the process that wrote them. */
  readonly runStartSeq: number
}
