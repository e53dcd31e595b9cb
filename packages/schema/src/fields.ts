// The fields of an event type with what the registry notes on them: for redaction, cutting and documents.
// Looks at `data` one level deep, because notes apply to the whole value of a field.
import { z } from 'zod'
import type { EventDefinition, FieldNotes } from './define-event.ts'

/** One field of `data`. */
export interface EventField {
  readonly name: string
  readonly required: boolean
  readonly schema: z.core.$ZodType
  readonly notes: FieldNotes
}

function fieldsOfObject(data: z.ZodObject): EventField[] {
  return Object.entries(data.shape).map(([name, schema]) => ({
    name,
    // An optional field is one that accepts `undefined`; zod marks it on the schema.
    required: schema._zod.optin !== 'optional',
    schema,
    notes: (z.globalRegistry.get(schema) ?? {}) as FieldNotes,
  }))
}

/** The fields of a type in the order of its definition. Of several kinds of `data`, each field once, as it is first met. */
export function fieldsOf(definition: EventDefinition): readonly EventField[] {
  const { data } = definition
  if ('shape' in data) return fieldsOfObject(data)
  const byName = new Map<string, EventField>()
  for (const option of data.options) {
    for (const field of fieldsOfObject(option)) if (!byName.has(field.name)) byName.set(field.name, field)
  }
  return [...byName.values()]
}
