// The events of browsers that have ended, read from their folders page by page. A log is open only while somebody reads it: opening locks its
// folder and puts in order what a crash left behind.
import { type EventLog, openEventLog, readHistory } from '@tabscope/log'
import { type Clock, type EventFilter, type EventRecord, limits } from '@tabscope/schema'
import { createStartGate } from './start-gate.ts'

export interface ArchivePage {
  readonly records: readonly EventRecord[]
  readonly nextOffset: number | undefined
}

export interface ArchiveRequest {
  readonly limit: number
  readonly offset: number | undefined
  readonly order: 'asc' | 'desc'
  readonly sinceUs?: number
  readonly untilUs?: number
  readonly filter: EventFilter
}

export interface Archive {
  /** One page of a folder. Rejects with the signal's reason. */
  read(directory: string, request: ArchiveRequest, signal: AbortSignal): Promise<ArchivePage>
  /** Runs the work while nobody reads that folder. */
  exclusively(directory: string, work: () => Promise<void>): Promise<void>
}

/** Reads as many folders at a time as `limits.archiveLogs`; one folder is read by one at a time, because opening locks it. */
export function createArchive(clock: Clock): Archive {
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
    read: (directory, request, signal) => inTurn(directory, () => gate.run(() => readPage(clock, { directory, request, signal }), signal)),
    exclusively: inTurn,
  }
}

interface Reading {
  readonly directory: string
  readonly request: ArchiveRequest
  readonly signal: AbortSignal
}

async function readPage(clock: Clock, { directory, request, signal }: Reading): Promise<ArchivePage> {
  signal.throwIfAborted()
  // Retention of single segments ended with the browser: now it is all or nothing.
  const bounds = { ringBytes: limits.archiveRingBytes, retentionMs: Number.MAX_SAFE_INTEGER, retentionBytes: Number.MAX_SAFE_INTEGER }
  await using log: EventLog = await openEventLog({ directory, clock, limits: bounds })
  const records: EventRecord[] = []
  let bytes = 0
  let { offset } = request
  do {
    const limit = Math.min(request.limit - records.length, limits.historyReadRecords)
    const part = await readHistory(log, { ...request, limit, offset, signal })
    for (const record of part.records) bytes += record.bytes.length
    records.push(...part.records)
    offset = part.nextOffset
  } while (offset !== undefined && records.length < request.limit && bytes < limits.historyPageBytes)
  return { records, nextOffset: offset }
}
