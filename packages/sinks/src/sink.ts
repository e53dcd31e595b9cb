// What carries events elsewhere looks like, whatever is on the other side. A sink is handed batches one at a time by a pump, which
// reads, waits, retries and remembers for it; it never reads the log by itself. Every sink passes testing/sink-suite.ts.
import type { EventRecord } from '@tabscope/schema'

/** At least one record; their numbers rise, and are above those of every batch before (but for a batch that comes again). */
export interface SinkBatch {
  readonly records: readonly EventRecord[]
  /**
   * Only for a sink with `overlap`: the last record of the batch before, which is under way. This one is written behind that one or not
   * at all.
   */
  readonly behindSeq?: number
}

/** What became of a batch that is done with. */
export interface WriteReport {
  /** Numbers of records that the other side will never take. They are counted and not sent again. */
  readonly refused: readonly number[]
  /** How many more it did not take without saying which. */
  readonly refusedUnnamed?: number
}

export interface Sink extends AsyncDisposable {
  /** Short and lower-case: in metrics, events, and the name of the checkpoint. */
  readonly name: string
  /** Where it writes to, for people and for the checkpoint: one that was made for another destination does not count. No secrets. */
  readonly destination: string
  /**
   * How many writes may be under way at a time; absent = one. They are handed over in order, and answered in order. When one fails, those
   * behind it fail as well; it is written again when all of them have ended.
   */
  readonly overlap?: number
  /**
   * For a sink whose other side can be asked: the number of the last record that is there. 0 = it is empty; undefined = that cannot be
   * told, the checkpoint has to do. Asked before the first batch.
   */
  lastSeq?(signal: AbortSignal): Promise<number | undefined>
  /**
   * Resolves when the other side has every record of the batch for good. When it rejects, the same batch comes again later, maybe
   * although it arrived. Rejects with the signal's reason as soon as that is aborted, with `sink_conflict` to be asked never again, and
   * with `DestinationRewound`.
   */
  write(batch: SinkBatch, signal: AbortSignal): Promise<WriteReport>
  /** Lets go of everything, at once. May be called twice; a write after it rejects with `sink_closed`. */
  close(): Promise<void>
}

/** The other side holds less than it held before: it was emptied or replaced. The pump asks for `lastSeq` again and goes on from there. */
export class DestinationRewound extends Error {
  override readonly name = 'DestinationRewound'
}

/** Everything arrived. */
export const nothingRefused: WriteReport = { refused: [] }
