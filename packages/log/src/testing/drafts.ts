// Drafts and read-outs for tests and soaks: one builder, so that ids stay consistent.
import type { EventDraft, EventRecord, ForeignDraft } from '@tabscope/schema'
import type { LogReader, ReadResult } from '../reader.ts'

export const sessionId = '0b8f7a52-3d8e-4f5a-9a51-6a4f3a0c7d11'

/** A console event of a tab. */
export function consoleDraft(text: string, targetId = 'TAB1'): EventDraft<'console_log'> {
  return {
    type: 'console_log',
    category: 'console',
    detailLevel: 'standard',
    source: {
      kind: 'cdp',
      event: 'Runtime.consoleAPICalled',
      metadata: { telemetry_session_id: sessionId, cdp_session_id: 'S1', target_id: targetId, target_type: 'page' },
    },
    data: { target_id: targetId, target_type: 'page', level: 'log', text },
  }
}

/** An event of an outside producer, with any data. */
export function foreignDraft(type: string, data?: unknown): ForeignDraft {
  return { type, category: 'system', detailLevel: 'minimal', source: { kind: 'local_process' }, ...(data === undefined ? {} : { data }) }
}

/** The envelope of a record, parsed. */
export function envelopeOf(record: EventRecord): unknown {
  return JSON.parse(Buffer.from(record.bytes).toString('utf8'))
}

/** What a reader gave, in short: numbers for records, text for gaps. */
export type Told = number | string

function tell(result: Exclude<ReadResult, { at: 'caught-up' }>): Told[] {
  if (result.at === 'records') return result.records.map((record) => record.seq)
  return [`gap ${result.gap.from}..${result.gap.to ?? ''} ${result.gap.reason}`]
}

/** Reads until nothing more is there. */
export async function readAll(reader: LogReader, maxBytes = 65_536): Promise<Told[]> {
  const told: Told[] = []
  for (let result = await reader.read(maxBytes); result.at !== 'caught-up'; result = await reader.read(maxBytes)) told.push(...tell(result))
  return told
}
