// The events of browsers that have ended, read page by page from their folders, and from S2 what those no longer have. A log is open only
// while somebody reads it: opening locks its folder and puts in order what a crash left behind.
import { type EventLog, type HistoryOptions, type HistoryPage, openEventLog } from '@tabscope/log'
import { type Clock, limits } from '@tabscope/schema'
import { browserStreamName, createS2Archive, type PastRequest, readPast, type S2Access, type Archive as S2Archive } from '@tabscope/sinks'
import { createStartGate } from './start-gate.ts'

/** A browser that has ended. */
export interface EndedPlace {
  readonly id: string
  /** The folder of its events. */
  readonly directory: string
}

export interface Archive {
  /** One page. Rejects with `archive_unreachable` when what is asked for is only in S2, and S2 is away; and with the signal's reason. */
  read(place: EndedPlace, request: PastRequest, signal: AbortSignal): Promise<HistoryPage>
  /** Runs the work while nobody reads that folder. */
  exclusively(directory: string, work: () => Promise<void>): Promise<void>
}

export interface ArchiveOptions {
  readonly clock: Clock
  /** Where the servers of browsers write, each to the stream of its browser; absent = nowhere. */
  readonly s2: S2Access | undefined
}

/** Reads as many folders at a time as `limits.archiveLogs`; one folder is read by one at a time, because opening locks it. */
export function createArchive(options: ArchiveOptions): Archive {
  const gate = createStartGate(limits.archiveLogs)
  const lastUse = new Map<string, Promise<unknown>>()
  const inTurn = <Result>(directory: string, work: () => Promise<Result>): Promise<Result> => {
    const done = (lastUse.get(directory) ?? Promise.resolve()).catch(() => undefined).then(work)
    lastUse.set(directory, done)
    const forget = (): void => {
      if (lastUse.get(directory) === done) lastUse.delete(directory)
    }
    done.then(forget, forget)
    return done
  }
  return {
    read: (place, request, signal) =>
      inTurn(place.directory, () => gate.run(() => readPage(options, place, { ...request, signal }), signal)),
    exclusively: inTurn,
  }
}

async function readPage({ clock, s2 }: ArchiveOptions, { id, directory }: EndedPlace, asked: HistoryOptions): Promise<HistoryPage> {
  asked.signal.throwIfAborted()
  // Retention of single segments ended with the browser: now it is all or nothing.
  const bounds = { ringBytes: limits.archiveRingBytes, retentionMs: Number.MAX_SAFE_INTEGER, retentionBytes: Number.MAX_SAFE_INTEGER }
  await using log: EventLog = await openEventLog({ directory, clock, limits: bounds })
  // Awaited here: what is used is closed as soon as the function is left.
  if (s2 === undefined) return await readPast({ log, isKept: true, archive: undefined }, asked)
  // Nothing is asked of S2 while the folder has all that the page wants.
  await using archive: S2Archive = createS2Archive({ ...s2, stream: browserStreamName(id) }, clock)
  return await readPast({ log, isKept: log.oldestSeq <= log.seq, archive }, asked)
}
