// Where replayed events come from: a data folder, or an S2 stream. Either gives records in order and says what is missing.
import { createReplayLog, type LogFolder, openReplayLog, type ReplayLog } from '@tabscope/log'
import { type EventFilter, type EventRecord, foregroundClock, limits, TelemetryError } from '@tabscope/schema'
import { openS2Recorded, readS2Variables, replayS2, type S2Settings, s2Destination } from '@tabscope/sinks'
import { describeGap } from './connection-news.ts'
import { openFolder } from './past-events.ts'

export interface Reading {
  readonly afterSeq: number | undefined
  readonly filter?: EventFilter
  readonly note: (text: string) => void
  readonly signal: AbortSignal
}

/** Everything of a folder; gaps are said. */
export async function* recordsOfFolder(folder: Pick<LogFolder, 'reader'>, reading: Reading): AsyncGenerator<EventRecord, void, void> {
  const { afterSeq, filter, note, signal } = reading
  const from = afterSeq === undefined ? ({ at: 'oldest' } as const) : ({ at: 'after', seq: afterSeq } as const)
  await using reader = folder.reader({ from, signal, ...(filter === undefined ? {} : { filter }) })
  for (;;) {
    const result = await reader.read(limits.streamWriteBytes)
    if (result.at === 'caught-up') return
    if (result.at === 'gap') note(describeGap(result.gap))
    else yield* result.records
  }
}

/** The stream of that name in the S2 of the environment. Throws `s2_not_configured`. */
export function s2SettingsFor(stream: string): S2Settings {
  const choice = readS2Variables({ ...process.env, S2_STREAM: stream })
  if (choice.at === 'off') throw new TelemetryError('s2_not_configured', { problem: choice.reason })
  return { ...choice.access, stream }
}

function unreadable(settings: S2Settings, signal: AbortSignal, error: unknown): TelemetryError {
  signal.throwIfAborted()
  const reason = error instanceof Error ? error.message : String(error)
  return new TelemetryError('s2_unreadable', { stream: s2Destination(settings), reason }, { cause: error })
}

/** Everything of an S2 stream, up to its end. Throws `s2_unreadable`. */
export async function* recordsOfS2(settings: S2Settings, { afterSeq, filter, signal }: Reading): AsyncGenerator<EventRecord, void, void> {
  try {
    yield* replayS2({
      settings,
      clock: foregroundClock,
      signal,
      ...(afterSeq === undefined ? {} : { afterSeq }),
      ...(filter === undefined ? {} : { filter }),
    })
  } catch (error) {
    throw unreadable(settings, signal, error)
  }
}

/** What of recorded events a replay server needs. */
export interface Replay extends AsyncDisposable {
  readonly log: ReplayLog
  /** All of them again, in order, for the pace. */
  records(reading: Reading): AsyncGenerator<EventRecord, void, void>
}

/** Of a data folder. Throws `data_folder_missing`. */
export async function openFolderReplay(directory: string, note: (text: string) => void): Promise<Replay> {
  const onDamage = (file: string, message: string): void => note(`${file}: ${message}; readers get a gap`)
  const log = await openReplayLog({ directory, onDamage })
  return {
    log,
    records: async function* (reading) {
      yield* recordsOfFolder(await openFolder(directory, () => undefined), reading)
    },
    [Symbol.asyncDispose]: () => log.close(),
  }
}

/** Of an S2 stream as it is now. Throws `s2_unreadable`. */
export async function openS2Replay(settings: S2Settings, signal: AbortSignal): Promise<Replay> {
  const recorded = await openS2Recorded(settings, foregroundClock, signal).catch((error: unknown) => {
    throw unreadable(settings, signal, error)
  })
  const log = createReplayLog(recorded)
  const close = async (): Promise<void> => {
    await log.close()
    await recorded[Symbol.asyncDispose]()
  }
  return { log, records: (reading) => recordsOfS2(settings, reading), [Symbol.asyncDispose]: close }
}
