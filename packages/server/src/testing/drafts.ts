// Events for tests, built in one place. They are appended to a server's log directly where a test is about reading, not publishing.
import type { Category, EventRecord, ForeignDraft } from '@tabscope/schema'
import type { RunningServer } from '../serve.ts'

/** A console line. */
export function consoleDraft(text: string, over: Partial<ForeignDraft> = {}): ForeignDraft {
  return {
    type: 'console_log',
    category: 'console',
    detailLevel: 'standard',
    source: { kind: 'local_process' },
    data: { level: 'log', text },
    ...over,
  }
}

/** Any event of that type, as if captured from that target. */
export function targetDraft(type: string, category: Category, targetId: string, over: Partial<ForeignDraft> = {}): ForeignDraft {
  const source = { kind: 'cdp', event: 'Some.method', metadata: { target_id: targetId } } as const
  return { type, category, detailLevel: 'standard', source, data: { target_id: targetId, cdp_timestamp: 1 }, ...over }
}

/** Appends to the log of a server, in one turn of the event loop. */
export function append(server: { readonly running: RunningServer }, ...drafts: readonly ForeignDraft[]): readonly EventRecord[] {
  return drafts.map((draft) => server.running.log.append(draft, 'capture-of-a-test'))
}

/** So many console lines, numbered from `from`. */
export function lines(count: number, from = 1, padding = ''): readonly ForeignDraft[] {
  return Array.from({ length: count }, (_, index) => consoleDraft(`line ${from + index}${padding}`))
}
