import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { eventsSchemaDocument, type JsonSchema, pascalCase } from './json-schema.ts'
import { eventTypes } from './registry.ts'
import { contractCommandShared, contractCommands } from './testing/contract-commands.ts'
import { exampleData } from './testing/contract-example.ts'
import { contractContext, contractTable } from './testing/contract-table.ts'
import { validateEnvelope } from './validate.ts'

const document = eventsSchemaDocument()
const definitions = document['$defs'] as { [name: string]: JsonSchema }

function referencesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : referencesIn(inner)))
}

function objectsIn(value: unknown): readonly JsonSchema[] {
  if (typeof value !== 'object' || value === null) return []
  const self = 'properties' in value && 'type' in value ? [value as JsonSchema] : []
  return [...self, ...Object.values(value).flatMap(objectsIn)]
}

// A second reader of the document: zod's own import. It has no `not`, so the branch for unknown types is left out here.
function readBack(): z.ZodType {
  const { oneOf, ...event } = definitions['Event'] as { oneOf: { $ref: string }[] }
  const known = { ...event, oneOf: oneOf.filter((option) => !option.$ref.endsWith('/OtherEvent')) }
  const { OtherEvent: _other, ...kept } = definitions
  return z.fromJSONSchema({ ...document, $defs: { ...kept, Event: known } } as Parameters<typeof z.fromJSONSchema>[0])
}

const reader = readBack()
const examples: { type: string; category: string; data: Record<string, unknown> }[] = [
  ...contractTable.map((entry) => ({
    ...entry,
    data: exampleData(entry.context === true ? { ...contractContext, ...entry.fields } : entry.fields, () => true),
  })),
  ...Object.entries(contractCommands).map(([method, fields]) => ({
    type: 'cdp_command',
    category: 'control',
    data: { method, ...exampleData({ ...contractCommandShared, ...fields }, () => true) },
  })),
].map(({ type, category, data }) => ({
  type,
  category,
  data: type === 'monitor_disconnected' ? { ...data, cause: 'connection_lost' } : data,
}))

function envelope(event: { type: string; category: string; data?: unknown }): unknown {
  return { seq: 1, capture_session_id: 's', event: { ts: 1, source: { kind: 'cdp' }, ...event } }
}

test('every reference leads to a definition', () => {
  const missing = referencesIn(document).filter((reference) => !Object.hasOwn(definitions, reference.replace('#/$defs/', '')))
  expect(missing).toEqual([])
})

test('every type has an event and its data, and the union holds them all and the unknown', () => {
  const expected = [...eventTypes.map((type) => `#/$defs/${pascalCase(type)}Event`), '#/$defs/OtherEvent']
  expect((definitions['Event'] as { oneOf: { $ref: string }[] }).oneOf.map((option) => option.$ref)).toEqual(expected)
  expect(eventTypes.filter((type) => !Object.hasOwn(definitions, `${pascalCase(type)}Data`))).toEqual([])
})

test('every object is open, because newer producers send more', () => {
  const closed = objectsIn(document).filter(
    (schema) => schema['additionalProperties'] === false || schema['unevaluatedProperties'] === false,
  )
  expect(closed).toEqual([])
})

test('the context is written once and no type repeats it', () => {
  const own = (definitions['PageLayoutSettledData'] as { properties: JsonSchema }).properties
  expect(Object.keys(own)).toEqual(['load_fired'])
})

describe('the document read by another reader agrees with validation', () => {
  test.each(examples)('on $type $data.method', (example) => {
    expect(reader.safeParse(envelope(example)).success).toBe(true)
    for (const name of Object.keys(example.data)) {
      // A list where none is expected, or an object where a list is: wrong for every field but headers, which hold anything.
      const wrong = envelope({ ...example, data: { ...example.data, [name]: Array.isArray(example.data[name]) ? {} : [] } })
      expect({ name, valid: reader.safeParse(wrong).success }).toEqual({ name, valid: validateEnvelope(wrong).length === 0 })
    }
  })

  test('on a category that does not belong to the type', () => {
    const value = envelope({ type: 'page_load', category: 'network', data: { cdp_timestamp: 1 } })
    expect([reader.safeParse(value).success, validateEnvelope(value).length]).toEqual([false, 1])
  })
})
