// Events into an S2 stream, one record each, exactly once. Every append says where the stream must end; when an answer was lost, the
// stream itself is read to see what of it arrived. Never repeats a write without having looked, and never writes behind a stranger.
//
//   no line ──open: tail, compare, recognise──▶ line ──every append acknowledged──▶ line
//                                                 └──anything fails──▶ no line (the place stays what was acknowledged)
//
// Several writes go over one line at a time: where each append will stand is known before those before it are answered. A failure takes
// everything behind it along, because S2 takes nothing at the wrong place.
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

/** One line and the writes on it. After a failure it only waits for them to end; the next write begins another. */
interface Flight {
  readonly line: Promise<S2Line>
  /** Where the stream ends when everything that was handed over has arrived; undefined while the line is opened. */
  handed: S2Place | undefined
  /** Resolves when everything before has been handed over, or will not be. */
  turn: Promise<void>
  /** Resolves when every write so far has ended. */
  ended: Promise<void>
  /** How many have not. */
  writes: number
  failure: { readonly cause: unknown } | undefined
}

interface State {
  readonly log: Pick<EventLog, 'reader' | 'seq'>
  readonly stream: S2Stream
  /** Everything up to here was acknowledged or recognised; undefined before the stream was looked at. */
  place: S2Place | undefined
  flight: Flight | undefined
  isClosed: boolean
}

/** A write before it failed: it would stand in the wrong place. */
class BehindFailed extends Error {
  override readonly name = 'BehindFailed'

  constructor(cause: unknown) {
    super('not written: the batch before it failed', { cause })
  }
}

interface Opened {
  readonly line: S2Line
  readonly place: S2Place
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
async function open(state: State, expected: readonly EventRecord[], signal: AbortSignal): Promise<Opened> {
  const { stream, log } = state
  const place = state.place ?? (await findPlace(state, signal))
  const tail = await stream.tail(signal)
  if (tail < place.position) {
    state.place = undefined
    throw new DestinationRewound(`${stream.destination} ends at ${tail}, but ${place.position} records were there: it was replaced`)
  }
  if (tail === 0) await stream.ensure(signal)
  const found = tail > place.position ? await recognise({ stream, log }, { place, tail, expected }, signal) : place
  state.place = found
  return { line: await stream.line(signal), place: found }
}

function begin(state: State, expected: readonly EventRecord[], signal: AbortSignal): Flight {
  const opened = open(state, expected, signal)
  const line = opened.then((told) => told.line)
  const flight: Flight = { line, handed: undefined, turn: Promise.resolve(), ended: Promise.resolve(), writes: 0, failure: undefined }
  flight.turn = opened.then(
    ({ place }) => {
      flight.handed = place
    },
    () => undefined,
  )
  return flight
}

/** Nothing of it is sent any more, and what waits for its answers is told. */
function fail(flight: Flight, cause: unknown): void {
  flight.failure ??= { cause }
  flight.line.then(
    (line) => line.drop(),
    () => undefined,
  )
}

interface Handed {
  readonly answer: ReturnType<S2Line['append']>
  readonly lastSeq: number
}

/** Every append of it goes to the client, each with the position at which the one before will end. */
function handOver(flight: Flight, line: S2Line, { records, behindSeq = 0 }: SinkBatch): Handed[] {
  const { handed: { position, seq = 0 } = { position: 0 }, failure } = flight
  if (failure !== undefined || seq < behindSeq) throw new BehindFailed(failure?.cause)
  const missing = records.filter((record) => record.seq > seq)
  const last = missing.at(-1)
  if (last !== undefined) flight.handed = { position: position + missing.length, seq: last.seq }
  // All at once: the client sends together what is there when it begins.
  const handed = appendsOf(missing, position).map((append) => ({ lastSeq: append.lastSeq, answer: line.append(append) }))
  for (const { answer } of handed) answer.catch(() => undefined)
  return handed
}

async function appendAll(state: State, flight: Flight, { batch, signal }: { batch: SinkBatch; signal: AbortSignal }): Promise<void> {
  // In the order of the calls, whatever each of them waits for afterwards.
  const handing = Promise.all([flight.line, flight.turn]).then(([line]) => handOver(flight, line, batch))
  flight.turn = handing.then(
    () => undefined,
    () => undefined,
  )
  // Acknowledged in order; what was acknowledged before one fails is not asked for again.
  for (const { answer, lastSeq } of await untilAborted(handing, signal)) {
    const { end } = await untilAborted(answer, signal)
    const position = await untilAborted(end, signal)
    if (position > (state.place?.position ?? 0)) state.place = { position, seq: lastSeq }
  }
}

interface Writing {
  readonly batch: SinkBatch
  /** Resolves when every write before it has ended. */
  readonly before: Promise<void>
  readonly signal: AbortSignal
}

async function writeOn(state: State, flight: Flight, writing: Writing): Promise<void> {
  const { before, signal } = writing
  try {
    try {
      await appendAll(state, flight, writing)
    } finally {
      // Its end is told behind those before it: they decide what a failure of all of them means.
      await untilAborted(before, signal)
    }
    if (flight.failure !== undefined) throw new BehindFailed(flight.failure.cause)
  } catch (error) {
    if (error instanceof BehindFailed) throw error
    if (flight.failure !== undefined) throw new BehindFailed(flight.failure.cause)
    fail(flight, error)
    throw error
  } finally {
    flight.writes--
    if (flight.failure !== undefined && flight.writes === 0 && state.flight === flight) state.flight = undefined
  }
}

/** On the line that is there, behind what was handed over to it; on a new one where there is none. */
async function writeOnce(state: State, batch: SinkBatch, signal: AbortSignal): Promise<void> {
  if (state.flight === undefined && (state.place?.seq ?? 0) < (batch.behindSeq ?? 0)) throw new BehindFailed(undefined)
  state.flight ??= begin(state, batch.records, signal)
  const { flight } = state
  flight.writes++
  const before = flight.ended
  const written = writeOn(state, flight, { batch, before, signal })
  flight.ended = Promise.allSettled([before, written]).then(() => undefined)
  await written
}

async function write(state: State, batch: SinkBatch, signal: AbortSignal): Promise<WriteReport> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted()
    if (state.isClosed) throw new TelemetryError('sink_closed', { name: 's2' })
    try {
      await writeOnce(state, batch, signal)
      return nothingRefused
    } catch (error) {
      signal.throwIfAborted()
      // The stream ended elsewhere: an answer of ours was lost, or somebody else writes. Looking tells which, at once.
      if (!(error instanceof S2Mismatch) || attempt >= limits.s2Mismatches) throw error
      if (state.flight?.failure !== undefined) await untilAborted(state.flight.ended, signal)
    }
  }
}

/** The sink of that S2 stream. Asks nothing of S2 before it is used. */
export function createS2Sink({ settings, log, clock }: S2SinkOptions): Sink {
  const stream = openS2Stream(settings, clock)
  const state: State = { log, stream, place: undefined, flight: undefined, isClosed: false }
  const close = async (): Promise<void> => {
    state.isClosed = true
    if (state.flight !== undefined) fail(state.flight, new TelemetryError('sink_closed', { name: 's2' }))
    state.flight = undefined
    await stream.close()
  }
  return {
    name: 's2',
    destination: stream.destination,
    overlap: limits.s2Overlap,
    lastSeq: async (signal) => (await findPlace(state, signal)).seq,
    write: (batch, signal) => write(state, batch, signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}
