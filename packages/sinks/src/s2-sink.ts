// Events into an S2 stream, one record each, exactly once. Every append says where the stream must end; when an answer was lost, the
// stream itself is read to see what of it arrived. Never repeats a write without having looked, and never writes behind a stranger.
//
//   no line ──open: tail, compare, recognise──▶ line ──every append acknowledged──▶ line
//                                                 └──anything fails──▶ no line (the place stays what was acknowledged)
import type { EventLog } from '@tabscope/log'
import { type Clock, type EventRecord, limits, TelemetryError } from '@tabscope/schema'
import { findS2Place, recognise, type S2Place } from './s2-place.ts'
import type { S2Settings } from './s2-settings.ts'
import { openS2Stream, type S2Append, type S2Line, S2Mismatch, type S2Stream, untilAborted } from './s2-stream.ts'
import { DestinationRewound, nothingRefused, type Sink, type SinkBatch, type WriteReport } from './sink.ts'

export interface S2SinkOptions {
  readonly settings: S2Settings
  /** To compare with what stands in the stream. */
  readonly log: Pick<EventLog, 'reader' | 'seq'>
  readonly clock: Clock
}

interface State {
  readonly log: Pick<EventLog, 'reader' | 'seq'>
  readonly stream: S2Stream
  /** Everything up to here was acknowledged or recognised; undefined before the stream was looked at. */
  place: S2Place | undefined
  line: S2Line | undefined
  isClosed: boolean
}

/** What the client counts for a record beside its body. */
const recordOverheadBytes = 8

/** The records in appends as S2 takes them, one behind the other from `position` on. */
function appendsOf(records: readonly EventRecord[], position: number): (S2Append & { readonly lastSeq: number })[] {
  const appends: { bodies: { body: Uint8Array; timestampMs: number }[]; position: number; lastSeq: number; bytes: number }[] = []
  for (const [index, { seq, tsUs, bytes }] of records.entries()) {
    const size = bytes.length + recordOverheadBytes
    let last = appends.at(-1)
    if (last === undefined || last.bodies.length >= limits.s2AppendRecords || last.bytes + size > limits.s2AppendBytes) {
      last = { bodies: [], position: position + index, lastSeq: 0, bytes: 0 }
      appends.push(last)
    }
    last.bodies.push({ body: bytes, timestampMs: Math.floor(tsUs / 1000) })
    last.bytes += size
    last.lastSeq = seq
  }
  return appends
}

async function findPlace(state: State, signal: AbortSignal): Promise<S2Place> {
  const place = await findS2Place(state.stream, state.log, signal)
  state.place = place
  return place
}

/** A line whose end is known, for records of which some may have arrived already. */
async function open(state: State, expected: readonly EventRecord[], signal: AbortSignal): Promise<S2Line> {
  const { stream } = state
  const place = state.place ?? (await findPlace(state, signal))
  const tail = await stream.tail(signal)
  if (tail < place.position) {
    state.place = undefined
    throw new DestinationRewound(`${stream.destination} ends at ${tail}, but ${place.position} records were there: it was replaced`)
  }
  if (tail > place.position) state.place = await recognise(stream, { place, tail, expected }, signal)
  if (tail === 0) await stream.ensure(signal)
  state.line = await stream.line(signal)
  return state.line
}

function drop(state: State): void {
  state.line?.drop()
  state.line = undefined
}

async function appendAll(state: State, records: readonly EventRecord[], signal: AbortSignal): Promise<void> {
  const line = state.line ?? (await open(state, records, signal))
  const { position, seq } = state.place ?? { position: 0, seq: 0 }
  const missing = records.filter((record) => record.seq > (seq ?? 0))
  // All are handed over at once: the client sends together what is there when it begins.
  const handed = appendsOf(missing, position).map((append) => ({ ...append, answer: line.append(append) }))
  for (const { answer } of handed) answer.catch(() => undefined)
  // Acknowledged in order; what was acknowledged before one fails is not asked for again.
  for (const { answer, lastSeq } of handed) {
    const { end } = await untilAborted(answer, signal)
    state.place = { position: await untilAborted(end, signal), seq: lastSeq }
  }
}

async function write(state: State, { records }: SinkBatch, signal: AbortSignal): Promise<WriteReport> {
  signal.throwIfAborted()
  if (state.isClosed) throw new TelemetryError('sink_closed', { name: 's2' })
  for (let attempt = 1; ; attempt++) {
    try {
      await appendAll(state, records, signal)
      return nothingRefused
    } catch (error) {
      drop(state)
      signal.throwIfAborted()
      // The stream ended elsewhere: an answer of ours was lost, or somebody else writes. Looking tells which, at once.
      if (!(error instanceof S2Mismatch) || attempt >= limits.s2Mismatches) throw error
    }
  }
}

/** The sink of that S2 stream. Asks nothing of S2 before it is used. */
export function createS2Sink({ settings, log, clock }: S2SinkOptions): Sink {
  const stream = openS2Stream(settings, clock)
  const state: State = { log, stream, place: undefined, line: undefined, isClosed: false }
  const close = async (): Promise<void> => {
    state.isClosed = true
    drop(state)
    await stream.close()
  }
  return {
    name: 's2',
    destination: stream.destination,
    lastSeq: async (signal) => (await findPlace(state, signal)).seq,
    write: (batch, signal) => write(state, batch, signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}
