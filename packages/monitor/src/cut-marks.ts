// Names the addresses and short texts that were cut to their bounds on their way into an event: they come from frames, targets and records
// that were cut long before. Fields of which a translator itself knows that they are cut are named already. Pure.
import { definitionOf, type EventDraft, eventTypes, fieldsOf, limits } from '@tabscope/schema'
import { cutMark } from './text-cut.ts'

/** Fields that are cut where they are kept, and to how many bytes. */
const bounded: Readonly<Record<string, number>> = {
  url: limits.urlBytes,
  document_url: limits.urlBytes,
  redirect_url: limits.urlBytes,
  source_url: limits.consoleArgumentBytes,
  title: limits.titleBytes,
  suggested_filename: limits.dialogTextBytes,
  event_name: limits.socketPayloadBytes,
  event_id: limits.socketPayloadBytes,
  error_text: limits.socketPayloadBytes,
}

// Which of them an event of a type can have: asking every event for all of them cost more than looking at those it has.
const namesOf = new Map<string, readonly string[]>(
  eventTypes.map((type) => {
    const definition = definitionOf(type)
    const fields = definition === undefined ? [] : fieldsOf(definition)
    return [type, fields.map(({ name }) => name).filter((name) => Object.hasOwn(bounded, name))]
  }),
)

/** The draft, with what was cut in it named. */
export function markCuts<Draft extends EventDraft>(draft: Draft): Draft {
  const data = draft.data as Readonly<Record<string, unknown>> & { readonly truncated_fields?: readonly string[] }
  let cut: string[] | undefined
  for (const name of namesOf.get(draft.type) ?? []) {
    const text = data[name]
    if (typeof text === 'string' && text.endsWith(cutMark) && isCutTo(text, bounded[name] ?? 0)) cut = [...(cut ?? []), name]
  }
  const missing = cut?.filter((name) => data.truncated_fields?.includes(name) !== true) ?? []
  if (missing.length === 0) return draft
  return { ...draft, data: { ...data, truncated_fields: [...(data.truncated_fields ?? []), ...missing] }, truncated: true }
}

// A cut text has as many whole characters as fit, so at most three bytes are unused. A page that ends a short text of its own in the mark
// does not make it a cut one.
function isCutTo(text: string, capBytes: number): boolean {
  const cap = text.startsWith('data:') ? limits.dataUrlBytes : capBytes
  const bytes = Buffer.byteLength(text)
  return bytes <= cap && bytes > cap - 4
}
