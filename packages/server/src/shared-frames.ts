// The newest frames for all stream clients that want the same events: each batch is built once and written by everybody whose
// cursor stands at its beginning. A client that is elsewhere gets a private batch that ends where a shared one ends, so that
// clients come together again. It never reads the disk and never waits; what the ring no longer has is somebody else's work.
import { type EventRecord, limits } from '@tabscope/schema'
import { eventFrames } from './frame.ts'
import { endsStream, isWanted, type Selection, wantsEverything } from './selection.ts'

/** A stretch of the log as frames: what lies after `from` up to and including `to`. */
export interface Batch {
  readonly from: number
  readonly to: number
  /** May be empty: then nothing in the stretch was wanted. */
  readonly frames: Buffer
  /** The id of the last frame; undefined when there is none. */
  readonly lastId: number | undefined
  /** True when the stream ends after this batch. */
  readonly ends: boolean
}

/** Where the newest records come from. */
export interface RecentRecords {
  /** Records after `seq`, at least one if there is any, up to about `maxBytes`; undefined when they are not in memory any more. */
  readLive(afterSeq: number, maxBytes: number): readonly EventRecord[] | undefined
}

export interface SharedFrames {
  /** The batch after `cursor`. `nothing`: the client has it all. `gone`: the ring no longer reaches back that far. */
  after(cursor: number): Batch | 'nothing' | 'gone'
  /** Bytes that are kept ready. */
  readonly heldBytes: number
}

/**
 * Frames for one selection over `log`. Keeps at most `budgetBytes()`, dropping the oldest batch; what is not kept is built again for
 * whoever needs it.
 */
export function createSharedFrames(log: RecentRecords, selection: Selection, budgetBytes: () => number): SharedFrames {
  const batches: Batch[] = []
  let bytes = 0
  const keep = (batch: Batch): void => {
    batches.push(batch)
    bytes += batch.frames.length
    const mostBytes = budgetBytes()
    while (bytes > mostBytes) bytes -= batches.shift()?.frames.length ?? 0
  }
  return {
    get heldBytes() {
      return bytes
    },
    after: (cursor) => {
      const shared = findContaining(batches, cursor)
      if (shared?.from === cursor) return shared
      const records = log.readLive(cursor, limits.streamWriteBytes)
      if (records === undefined) return 'gone'
      if (records.length === 0) return 'nothing'
      if (shared !== undefined) return batchOf(selection, cursor, recordsUpTo(records, shared.to))
      const batch = batchOf(selection, cursor, records)
      if (cursor >= (batches.at(-1)?.to ?? 0)) keep(batch)
      return batch
    },
  }
}

/** The kept batch that continues after `cursor`. The newest is asked first: nearly everybody is there. */
function findContaining(batches: readonly Batch[], cursor: number): Batch | undefined {
  for (let index = batches.length - 1; index >= 0; index--) {
    const batch = batches[index]
    if (batch === undefined || batch.to <= cursor) return undefined
    if (batch.from <= cursor) return batch
  }
  return undefined
}

function recordsUpTo(records: readonly EventRecord[], to: number): readonly EventRecord[] {
  const end = records.findIndex((record) => record.seq > to)
  return end === -1 ? records : records.slice(0, end)
}

/** The batch of these records, cut after the first that ends the stream. */
export function batchOf(selection: Selection, from: number, records: readonly EventRecord[]): Batch {
  if (wantsEverything(selection)) {
    const last = records.at(-1)?.seq
    return { from, to: last ?? from, frames: eventFrames(records), lastId: last, ends: false }
  }
  const wanted: EventRecord[] = []
  let to = from
  let ends = false
  for (const record of records) {
    to = record.seq
    ends = endsStream(selection, record)
    if (ends || isWanted(selection, record)) wanted.push(record)
    if (ends) break
  }
  return { from, to, frames: eventFrames(wanted), lastId: wanted.at(-1)?.seq, ends }
}
