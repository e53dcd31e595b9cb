// The events of an S2 stream as they come, for `tabscope replay`: from a number on, through a filter, to the end or for as long as wanted.
// Tries again when S2 is away, and never gives an event twice.
import { type Clock, delay, type EventFilter, type EventRecord, limits, matchesFilter } from '@tabscope/schema'
import { createBackoff } from './backoff.ts'
import { eventOf, findPosition } from './s2-events.ts'
import type { S2Settings } from './s2-settings.ts'
import { openS2Stream, type S2Record, type S2Stream } from './s2-stream.ts'

export interface S2ReplayOptions {
  readonly settings: S2Settings
  readonly clock: Clock
  /** Default 0: from the first event that is there. */
  readonly afterSeq?: number
  readonly filter?: EventFilter
  /** Goes on with what comes, looking for it once a second. Default: ends at the end. */
  readonly follow?: boolean
  readonly signal: AbortSignal
}

/** Asked again until `limits.s2ReplayAttempts` failed in a row. */
export async function insistOnReading<Result>(clock: Clock, signal: AbortSignal, attempt: () => Promise<Result>): Promise<Result> {
  const backoff = createBackoff({ firstMs: limits.sinkRetryFirstMs, mostMs: limits.sinkRetryMostMs })
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      if (attempts >= limits.s2ReplayAttempts) throw error
      await delay(clock, backoff.nextMs(), signal)
    }
  }
}

async function readOn(stream: S2Stream, position: number, { clock, signal }: S2ReplayOptions): Promise<readonly S2Record[]> {
  return insistOnReading(clock, signal, () => stream.read(position, limits.s2ReadRecords, signal))
}

/** Rejects with the signal's reason, and with what S2 says when it cannot be read. */
export async function* replayS2(options: S2ReplayOptions): AsyncGenerator<EventRecord> {
  const { settings, clock, afterSeq = 0, filter, follow = false, signal } = options
  await using stream = openS2Stream(settings, clock)
  let position = afterSeq === 0 ? 0 : await insistOnReading(clock, signal, () => findPosition(stream, ({ seq }) => seq > afterSeq, signal))
  for (;;) {
    const records = await readOn(stream, position, options)
    const last = records.at(-1)
    if (last === undefined && !follow) return
    if (last === undefined) {
      await delay(clock, limits.s2FollowMs, signal)
      continue
    }
    for (const candidate of records) {
      const record = eventOf(candidate)
      if (record !== undefined && (filter === undefined || matchesFilter(filter, record))) yield record
    }
    position = last.position + 1
  }
}
