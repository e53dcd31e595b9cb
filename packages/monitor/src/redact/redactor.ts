// A configuration's redaction as one function from draft to draft. Made once per change, called for every admitted event.
import type { Category, EventDraft, ForeignDraft, RedactionConfig } from '@tabscope/schema'
import { secretNames } from './names.ts'
import { redactDraft } from './redact.ts'

export type Redactor = (draft: EventDraft | ForeignDraft) => EventDraft | ForeignDraft

/** The redactor of a configuration; when redaction is off it hands drafts on as they are. */
export function createRedactor(config: RedactionConfig): Redactor {
  if (!config.enabled) return (draft) => draft
  const names = secretNames(config)
  const except = new Set<Category>(config.except)
  return (draft) => (except.has(draft.category) ? draft : redactDraft(draft, names))
}
