// Events out of an S2 stream, whoever wrote it: found by number or time, read forwards or backwards. Both rise along the stream, so a place
// is found by halving, without trusting S2's own times. What is no event in it (S2's commands, foreign bytes) is passed over.
import { parseWholeLine } from '@tabscope/log'
import { type EventRecord, limits } from '@tabscope/schema'
import type { S2Record, S2Stream } from './s2-stream.ts'

/** The event of a record; undefined when it is none. */
export function eventOf({ body }: S2Record): EventRecord | undefined {
  return body === undefined ? undefined : parseWholeLine(Buffer.from(body))
}

/** An event and where it stands. */
export interface Found {
  readonly position: number
  readonly record: EventRecord
}

/** The first event at or behind a position; undefined at the end. */
async function eventFrom(stream: S2Stream, from: number, signal: AbortSignal): Promise<Found | undefined> {
  for (let position = from; ; ) {
    const records = await stream.read(position, limits.s2TailRecords, signal)
    const last = records.at(-1)
    if (last === undefined) return undefined
    for (const candidate of records) {
      const record = eventOf(candidate)
      if (record !== undefined) return { position: candidate.position, record }
    }
    position = last.position + 1
  }
}

/** The first position from which on every event is as `isThere` says; it must be false for a while and then true. */
export async function findPosition(stream: S2Stream, isThere: (record: EventRecord) => boolean, signal: AbortSignal): Promise<number> {
  let low = 0
  let high = await stream.tail(signal)
  while (low < high) {
    const middle = (low + high) >>> 1
    const found = await eventFrom(stream, middle, signal)
    // What is trimmed away reads as what comes behind it, and that is behind `middle` too.
    if (found === undefined || isThere(found.record)) high = middle
    else low = found.position + 1
  }
  return low
}

/** Events from a position on, until the end of the stream as it is then. */
export async function* eventsFrom(stream: S2Stream, from: number, signal: AbortSignal): AsyncGenerator<Found> {
  for (let position = from; ; ) {
    const records = await stream.read(position, limits.s2ReadRecords, signal)
    const last = records.at(-1)
    if (last === undefined) return
    for (const candidate of records) {
      const record = eventOf(candidate)
      if (record !== undefined) yield { position: candidate.position, record }
    }
    position = last.position + 1
  }
}

/** The records of a stretch, however large they are. */
async function stretch(stream: S2Stream, { from, end }: { from: number; end: number }, signal: AbortSignal): Promise<S2Record[]> {
  const all: S2Record[] = []
  for (let position = from; position < end; ) {
    const records = (await stream.read(position, end - position, signal)).filter((record) => record.position < end)
    const last = records.at(-1)
    if (last === undefined) break
    all.push(...records)
    position = last.position + 1
  }
  return all
}

/** Events before a position, backwards to the beginning. */
export async function* eventsBefore(stream: S2Stream, before: number, signal: AbortSignal): AsyncGenerator<Found> {
  for (let end = before; end > 0; ) {
    const from = Math.max(0, end - limits.s2BackwardRecords)
    const records = await stretch(stream, { from, end }, signal)
    for (const candidate of records.reverse()) {
      const record = eventOf(candidate)
      if (record !== undefined) yield { position: candidate.position, record }
    }
    end = from
  }
}
