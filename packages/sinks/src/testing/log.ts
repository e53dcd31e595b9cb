// A log of its own for a test, on disk or in memory, with numbered console events in it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventLog, type EventLogOptions, openEventLog } from '@tabscope/log'
import { type EventDraft, type EventRecord, type ForeignDraft, systemClock } from '@tabscope/schema'

export const captureSessionId = '0b8f7a52-3d8e-4f5a-9a51-6a4f3a0c7d11'

/** A console event of a tab. */
export function consoleDraft(text: string): EventDraft<'console_log'> {
  return {
    type: 'console_log',
    category: 'console',
    detailLevel: 'standard',
    source: { kind: 'cdp', event: 'Runtime.consoleAPICalled', metadata: { target_id: 'TAB1', target_type: 'page' } },
    data: { target_id: 'TAB1', target_type: 'page', level: 'log', text },
  }
}

/** A log in memory, or, with a directory, on disk. */
export function openLog(options: Partial<EventLogOptions> = {}): Promise<EventLog> {
  return openEventLog({ clock: systemClock, ...options })
}

/** Appends events numbered by their texts and answers their records. `draft` makes another kind of event. */
export function append(log: EventLog, count: number, draft: (text: string) => EventDraft | ForeignDraft = consoleDraft): EventRecord[] {
  return Array.from({ length: count }, () => log.append(draft(`event ${log.seq + 1}`), captureSessionId))
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

export async function makeFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'tabscope-sinks-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The numbers of records. */
export function seqsOf(records: readonly EventRecord[]): number[] {
  return records.map(({ seq }) => seq)
}
