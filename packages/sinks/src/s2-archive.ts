// History out of S2, for what the disk does not have any more: the same pages, cursor and filters as the log's own. Has one deadline for a
// page; what it found by then is a page, and when that is nothing, an error says so.
import type { HistoryOptions, HistoryPage } from '@tabscope/log'
import { type Clock, deadline, type EventRecord, limits, matchesFilter, TelemetryError } from '@tabscope/schema'
import { eventsBefore, eventsFrom, type Found, findPosition } from './s2-events.ts'
import type { S2Settings } from './s2-settings.ts'
import { openS2Stream, type S2Stream } from './s2-stream.ts'
import { messageOf } from './sink-trouble.ts'

export interface Archive extends AsyncDisposable {
  /** A page of the events below `beforeSeq`. Rejects with `archive_unreachable`, and with the signal's reason. */
  read(options: HistoryOptions & { readonly beforeSeq: number }): Promise<HistoryPage>
  close(): Promise<void>
}

type Request = HistoryOptions & { readonly beforeSeq: number }

function isStart({ offset = 0, sinceUs = 0 }: Request, { seq, tsUs }: EventRecord): boolean {
  return seq > offset && tsUs >= sinceUs
}

function isPast({ beforeSeq, untilUs = Number.POSITIVE_INFINITY }: Request, { seq, tsUs }: EventRecord): boolean {
  return seq >= beforeSeq || tsUs >= untilUs
}

interface State {
  readonly stream: S2Stream
  readonly clock: Clock
  /** Where the last events of the latest pages stand: who asks for the next one is there without a search. */
  readonly pageEnds: Map<number, number>
}

async function* upwards({ stream, pageEnds }: State, request: Request, signal: AbortSignal): AsyncGenerator<Found> {
  const known = pageEnds.get(request.offset ?? 0)
  const from = known === undefined ? await findPosition(stream, (record) => isStart(request, record), signal) : known + 1
  for await (const found of eventsFrom(stream, from, signal)) {
    if (isPast(request, found.record)) return
    yield found
  }
}

async function* downwards({ stream, pageEnds }: State, request: Request, signal: AbortSignal): AsyncGenerator<Found> {
  const endSeq = request.offset ?? Number.POSITIVE_INFINITY
  const known = pageEnds.get(request.offset ?? 0)
  const end = known ?? (await findPosition(stream, (record) => isPast(request, record) || record.seq >= endSeq, signal))
  for await (const found of eventsBefore(stream, end, signal)) {
    if (found.record.tsUs < (request.sinceUs ?? 0)) return
    yield found
  }
}

function remember({ pageEnds }: State, { position, record }: Found): void {
  pageEnds.set(record.seq, position)
  for (const oldest of pageEnds.keys()) {
    if (pageEnds.size <= limits.archivePageEnds) break
    pageEnds.delete(oldest)
  }
}

function pageOf(state: State, found: readonly Found[], hasMore: boolean): HistoryPage {
  const records = found.map(({ record }) => record)
  const last = found.at(-1)
  if (!hasMore || last === undefined) return { records }
  remember(state, last)
  return { records, nextOffset: last.record.seq }
}

/** Whether there is more than the page holds. */
async function collect(state: State, request: Request, { page, signal }: { page: Found[]; signal: AbortSignal }): Promise<boolean> {
  const source = request.order === 'asc' ? upwards(state, request, signal) : downwards(state, request, signal)
  for await (const found of source) {
    if (request.filter !== undefined && !matchesFilter(request.filter, found.record)) continue
    if (page.length === request.limit) return true
    page.push(found)
  }
  return false
}

async function read(state: State, request: Request): Promise<HistoryPage> {
  const { stream, clock } = state
  const patience = deadline(clock, limits.archivePageMs, request.signal)
  const page: Found[] = []
  try {
    return pageOf(state, page, await collect(state, request, { page, signal: patience.signal }))
  } catch (error) {
    request.signal.throwIfAborted()
    // What was found is a page; who asks for the next page is told.
    if (page.length > 0) return pageOf(state, page, true)
    const { beforeSeq } = request
    throw new TelemetryError(
      'archive_unreachable',
      { destination: stream.destination, beforeSeq, problem: messageOf(error) },
      { cause: error },
    )
  } finally {
    patience.cancel()
  }
}

/** The history in the stream of these settings. */
export function createS2Archive(settings: S2Settings, clock: Clock): Archive {
  const stream = openS2Stream(settings, clock)
  const state: State = { stream, clock, pageEnds: new Map() }
  const close = (): Promise<void> => stream.close()
  return { read: (request) => read(state, request), close, [Symbol.asyncDispose]: close }
}
