// What the outside world knows of a log across crashes: which event got which number, what was shown to readers, what was
// said to be durable. Compares it with what a log that was opened again tells.
import type { EventRecord } from '@tabscope/schema'
import type { EventLog } from '../event-log.ts'
import { consoleDraft, sessionId } from './drafts.ts'

export interface Ledger {
  /** Appends an event with a text of its own and notes its number. */
  append(log: EventLog): EventRecord
  /** Notes that a run begins. Numbers up to its first one that are not on disk went with the run before. */
  begin(log: EventLog): void
  /** Notes what the log says is durable of this run. */
  note(log: EventLog): void
  /** Newest number that a reader could have seen. */
  readonly shownSeq: number
  /** Reads everything and says what is wrong, in words; empty when all is well. */
  faults(log: EventLog): Promise<string[]>
}

interface Book {
  /** Texts by number; a number that was never shown and is given again has the newer text. */
  readonly lines: Map<number, string>
  readonly durable: Set<number>
  shownSeq: number
  runStartSeq: number
  /** Numbers below this one were seen to be removed by retention. */
  floorSeq: number
  count: number
}

function checkRecord(book: Book, record: EventRecord): string[] {
  const line = Buffer.from(record.bytes).toString('utf8')
  const expected = book.lines.get(record.seq)
  if (expected === undefined) return [`${record.seq} was never given`]
  return expected === line ? [] : [`${record.seq} came back changed: ${line}`]
}

async function faults(book: Book, log: EventLog): Promise<string[]> {
  const found: string[] = []
  const readable = new Set<number>()
  await using reader = log.reader({ from: { at: 'oldest' } })
  let nextSeq = log.oldestSeq
  for (let result = await reader.read(400); result.at !== 'caught-up'; result = await reader.read(400)) {
    if (result.at === 'gap') {
      if (result.gap.from !== nextSeq || result.gap.to === undefined) found.push(`gap from ${result.gap.from}, not from ${nextSeq}`)
      nextSeq = (result.gap.to ?? nextSeq) + 1
      continue
    }
    for (const record of result.records) {
      if (record.seq !== nextSeq) found.push(`${record.seq} came where ${nextSeq} was due`)
      nextSeq = record.seq + 1
      readable.add(record.seq)
      found.push(...checkRecord(book, record))
    }
  }
  if (nextSeq !== log.seq + 1) found.push(`reading ended before ${nextSeq}, not behind ${log.seq}`)
  // Retention goes on while this reads.
  book.floorSeq = Math.max(book.floorSeq, log.oldestSeq)
  for (const seq of book.durable) if (seq >= book.floorSeq && !readable.has(seq)) found.push(`${seq} was durable and is gone`)
  if (log.seq < book.shownSeq) found.push(`numbers go on behind ${log.seq}, but ${book.shownSeq} was shown`)
  return found
}

export function createLedger(): Ledger {
  const book: Book = { lines: new Map(), durable: new Set(), shownSeq: 0, runStartSeq: 1, floorSeq: 0, count: 0 }
  return {
    append: (log) => {
      const record = log.append(
        consoleDraft(`event ${++book.count} ${'x'.repeat((book.count * 37) % 300)}`, `TAB${book.count % 3}`),
        sessionId,
      )
      if (record.seq <= book.shownSeq) throw new Error(`number ${record.seq} was given twice`)
      book.lines.set(record.seq, Buffer.from(record.bytes).toString('utf8'))
      const shown = log.readLive(record.seq - 1, 1)
      if (shown !== undefined && shown.length > 0) book.shownSeq = record.seq
      return record
    },
    begin: (log) => {
      book.runStartSeq = log.seq + 1
    },
    note: (log) => {
      for (let seq = book.runStartSeq; seq <= log.durableSeq; seq++) book.durable.add(seq)
      book.floorSeq = Math.max(book.floorSeq, log.oldestSeq)
    },
    get shownSeq() {
      return book.shownSeq
    },
    faults: (log) => faults(book, log),
  }
}
