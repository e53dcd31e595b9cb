// The events of an S2 stream by number, for a replay that many readers follow from wherever they are. Ends where the stream ended when it was
// opened. Keeps no events: each read asks S2, and remembers only where the next one begins.
import type { RecordedEvents } from '@tabscope/log'
import { type Clock, type EventRecord, limits } from '@tabscope/schema'
import { eventOf, eventsBefore, eventsFrom, findPosition } from './s2-events.ts'
import { insistOnReading } from './s2-replay.ts'
import type { S2Settings } from './s2-settings.ts'
import { openS2Stream, type S2Stream } from './s2-stream.ts'

export interface S2Recorded extends RecordedEvents, AsyncDisposable {}

interface State {
  readonly stream: S2Stream
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Where the first event with that number or above stands: who reads on is there without a search. */
  readonly places: Map<number, number>
}

function remember({ places }: State, seq: number, position: number): void {
  places.set(seq, position)
  for (const oldest of places.keys()) {
    if (places.size <= limits.archivePageEnds) break
    places.delete(oldest)
  }
}

async function read(state: State, seq: number): Promise<readonly EventRecord[]> {
  const { stream, signal, places } = state
  let position = places.get(seq) ?? (await findPosition(stream, (record) => record.seq >= seq, signal))
  for (;;) {
    const found = await stream.read(position, limits.s2ReadRecords, signal)
    const end = found.at(-1)
    if (end === undefined) return []
    position = end.position + 1
    const records = found.map(eventOf).filter((record) => record !== undefined && record.seq >= seq)
    const last = records.at(-1)
    if (last === undefined) continue
    remember(state, last.seq + 1, position)
    return records.flatMap((record) => record ?? [])
  }
}

async function firstOf(events: AsyncGenerator<{ readonly record: EventRecord }>): Promise<number | undefined> {
  for await (const { record } of events) return record.seq
  return undefined
}

/** Looks where the stream begins and ends. Rejects with the signal's reason, and with what S2 says when it cannot be read. */
export async function openS2Recorded(settings: S2Settings, clock: Clock, signal: AbortSignal): Promise<S2Recorded> {
  const stream = openS2Stream(settings, clock)
  const state: State = { stream, clock, signal, places: new Map() }
  try {
    const [oldestSeq, lastSeq] = await insistOnReading(clock, signal, async () => {
      const tail = await stream.tail(signal)
      return [await firstOf(eventsFrom(stream, 0, signal)), await firstOf(eventsBefore(stream, tail, signal))]
    })
    return {
      oldestSeq: oldestSeq ?? 1,
      lastSeq: lastSeq ?? 0,
      read: (seq) => insistOnReading(clock, signal, () => read(state, seq)),
      [Symbol.asyncDispose]: () => stream.close(),
    }
  } catch (error) {
    await stream.close()
    throw error
  }
}
