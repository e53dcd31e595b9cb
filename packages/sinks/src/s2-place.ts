// Where a log stands in its S2 stream, told from the stream itself: S2 numbers records from 0 without holes, the log numbers events with
// holes, so a place is both numbers. What stands in the stream is compared with the log byte by byte: our own record whose acknowledgement
// was lost is recognised, and anybody else's is a conflict, never written over and never written behind.
import type { EventLog } from '@tabscope/log'
import { parseWholeLine } from '@tabscope/log'
import { type EventRecord, limits, TelemetryError } from '@tabscope/schema'
import type { S2Record, S2Stream } from './s2-stream.ts'

/** Everything below `position` is accounted for, and the last event there is `seq`: 0 = none yet, undefined = it was trimmed away. */
export interface S2Place {
  readonly position: number
  readonly seq: number | undefined
}

const ownStream = 'Give each server a stream of its own (S2_STREAM), or stop the other one, and start this one again.'

function conflict(destination: string, problem: string): TelemetryError {
  return new TelemetryError('sink_conflict', { name: 's2', destination, problem, remedy: ownStream })
}

/** The event of a number as this log has it; undefined when it is gone from it. */
async function ownRecord(log: Pick<EventLog, 'reader'>, seq: number, signal: AbortSignal): Promise<EventRecord | undefined> {
  await using reader = log.reader({ from: { at: 'after', seq: seq - 1 }, durableOnly: true, signal })
  const result = await reader.read(1)
  const record = result.at === 'records' ? result.records[0] : undefined
  return record?.seq === seq ? record : undefined
}

function isSame(body: Uint8Array, record: EventRecord): boolean {
  return Buffer.compare(body, record.bytes) === 0
}

/** The last event in the stream, looked for from its end backwards: S2's own commands may stand behind it. */
async function lastEvent(stream: S2Stream, tail: number, signal: AbortSignal): Promise<S2Record | undefined> {
  for (let end = tail, step = limits.s2TailRecords; end > 0; step *= 8) {
    const from = Math.max(0, end - step)
    const records = await stream.read(from, end - from, signal)
    const found = records.findLast(({ position, body }) => position < end && body !== undefined)
    if (found !== undefined) return lastBefore(stream, { found, end }, signal)
    // Nothing in the whole stretch: commands, or trimmed away, and then so is everything before it.
    if (records.length === 0) return undefined
    end = from
  }
  return undefined
}

/** Large records: one read did not reach to the end. */
async function lastBefore(stream: S2Stream, { found, end }: { found: S2Record; end: number }, signal: AbortSignal): Promise<S2Record> {
  let last = found
  for (let next = found.position + 1; next < end; ) {
    const records = await stream.read(next, end - next, signal)
    const newest = records.at(-1)
    if (newest === undefined) break
    last = records.findLast(({ position, body }) => position < end && body !== undefined) ?? last
    next = newest.position + 1
  }
  return last
}

/** Where this log stands in a stream of which nothing is known. Rejects with `sink_conflict` when the stream's end is not of this log. */
export async function findS2Place(stream: S2Stream, log: Pick<EventLog, 'reader' | 'seq'>, signal: AbortSignal): Promise<S2Place> {
  const position = await stream.tail(signal)
  if (position === 0) return { position, seq: 0 }
  const last = await lastEvent(stream, position, signal)
  if (last?.body === undefined) return { position, seq: undefined }
  const record = parseWholeLine(Buffer.from(last.body))
  if (record === undefined) throw conflict(stream.destination, `record ${last.position} is no event`)
  if (record.seq > log.seq) {
    throw conflict(
      stream.destination,
      `record ${last.position} is event ${record.seq}, but the newest of this log is ${log.seq}: it is of another log`,
    )
  }
  const own = await ownRecord(log, record.seq, signal)
  // One that is gone here, by retention or with a disk, cannot be compared; its number can only have been given once.
  if (own !== undefined && !isSame(last.body, own)) {
    throw conflict(stream.destination, `record ${last.position} is another event ${record.seq} than the one of this log`)
  }
  return { position, seq: record.seq }
}

/** An own record, or the end of a stretch that is gone from the log and cannot be compared any more. */
type Own = EventRecord | { readonly goneTo: number }

/** What this log has behind a number, in order: `expected` first, then what the disk has. */
async function* ownBehind(
  log: Pick<EventLog, 'reader'>,
  { seq, expected }: { seq: number; expected: readonly EventRecord[] },
  signal: AbortSignal,
): AsyncGenerator<Own, undefined> {
  yield* expected
  const from = { at: 'after', seq: expected.at(-1)?.seq ?? seq } as const
  await using reader = log.reader({ from, durableOnly: true, signal })
  for (;;) {
    const result = await reader.read(limits.s2ReadBytes)
    if (result.at === 'caught-up') return undefined
    if (result.at === 'records') yield* result.records
    else if (result.gap.to !== undefined && result.gap.reason !== 'restart') yield { goneTo: result.gap.to }
  }
}

interface Comparison {
  readonly own: AsyncGenerator<Own, undefined>
  /** What the next event in the stream has to be; undefined when it was not looked for yet. */
  next: Own | undefined
  /** The last event that was recognised. */
  seq: number | undefined
}

/** Whether that is the next record of this log. */
async function isNext(comparison: Comparison, body: Uint8Array): Promise<boolean> {
  for (;;) {
    comparison.next ??= (await comparison.own.next()).value
    const { next, seq = 0 } = comparison
    if (next === undefined) return false
    if ('bytes' in next) {
      comparison.next = undefined
      comparison.seq = next.seq
      return isSame(body, next)
    }
    const told = parseWholeLine(Buffer.from(body))?.seq ?? 0
    if (told > seq && told <= next.goneTo) {
      comparison.seq = told
      return true
    }
    comparison.next = undefined
  }
}

/**
 * Goes over what was written since `place` and recognises it: as `expected`, and as what the log has behind that, from appends of this
 * process, or of one that was killed, that were under way when answers stopped coming. The place behind it. Rejects with `sink_conflict`
 * when there is something else.
 */
export async function recognise(
  { stream, log }: { stream: S2Stream; log: Pick<EventLog, 'reader'> },
  { place, tail, expected }: { place: S2Place; tail: number; expected: readonly EventRecord[] },
  signal: AbortSignal,
): Promise<S2Place> {
  const { seq = 0 } = place
  const own = ownBehind(log, { seq, expected: expected.filter((record) => record.seq > seq) }, signal)
  const comparison: Comparison = { own, next: undefined, seq: place.seq }
  let { position } = place
  try {
    while (position < tail) {
      const records = await stream.read(position, tail - position, signal)
      if (records.length === 0) throw new Error(`${stream.destination}: records from ${position} to ${tail - 1} are not readable yet`)
      for (const { position: found, body } of records) {
        position = found + 1
        if (body === undefined || (await isNext(comparison, body))) continue
        throw conflict(stream.destination, `record ${found} was written by somebody else`)
      }
    }
  } finally {
    await own.return(undefined)
  }
  return { position, seq: comparison.seq }
}
