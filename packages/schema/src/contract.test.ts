// The registry against the published contract's field tables, which are written down apart from it.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contextShape } from './context.ts'
import { cdpCommandMethods } from './events/cdp-command.ts'
import { fieldsOf } from './fields.ts'
import { definitionOf, eventTypes, registry } from './registry.ts'
import { contractCommandShared, contractCommands } from './testing/contract-commands.ts'
import { exampleData, readField } from './testing/contract-example.ts'
import { alwaysThere, type ContractFields, type ContractType, contractContext, contractTable } from './testing/contract-table.ts'
import { validateEnvelope } from './validate.ts'

function envelope(entry: { type: string; category: string }, data: unknown): unknown {
  return { seq: 1, capture_session_id: 's', event: { ts: 1, type: entry.type, category: entry.category, source: { kind: 'cdp' }, data } }
}

function allFields(entry: ContractType): ContractFields {
  return entry.context === true ? { ...contractContext, ...entry.fields } : entry.fields
}

// What a JSON Schema says of a field, in the words of the contract's tables.
function kindsOf(schema: z.core.$ZodType): { kind: string; values: readonly string[] } {
  const json = z.toJSONSchema(schema, { io: 'input' }) as { type?: string; enum?: string[]; items?: { type?: string; enum?: string[] } }
  if (json.enum !== undefined) return { kind: 'enum', values: json.enum }
  if (json.type === 'array')
    return { kind: `${json.items?.enum === undefined ? json.items?.type : 'enum'}[]`, values: json.items?.enum ?? [] }
  return { kind: json.type ?? 'any', values: [] }
}

const expectedKind: Readonly<Record<string, string>> = { int: 'integer', map: 'object', stack: 'any', 'string[]': 'string[]' }

// The contract's fields that the shape lacks, or has with another type; what the contract calls int has to be an integer.
function mismatches(fields: ContractFields, shape: Readonly<Record<string, z.core.$ZodType | undefined>>): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const schema = shape[name]
    if (schema === undefined) return [`${name} is missing`]
    const wanted = readField(field)
    const found = kindsOf(schema)
    const kind = expectedKind[wanted.kind] ?? wanted.kind
    if (wanted.kind === 'stack') return []
    if (found.kind !== kind) return [`${name} is ${found.kind}, not ${kind}`]
    return found.values.filter((value) => !(wanted.values ?? []).includes(value)).map((value) => `${name} may be ${value}`)
  })
}

describe('a type of the published contract', () => {
  test.each(contractTable)('$type is in the registry under its category and for the clients that know it', (entry) => {
    const { category, contract, dataRequired } = definitionOf(entry.type) ?? {}
    const expected = {
      category: entry.category,
      contract: entry.python === true ? 'python' : 'node',
      dataRequired: entry.dataRequired === true,
    }
    expect({ category, contract, dataRequired }).toEqual(expected)
  })

  test.each(contractTable)('$type with all its fields is valid', (entry) => {
    const data = {
      ...exampleData(allFields(entry), () => true),
      ...(entry.type === 'monitor_disconnected' && { cause: 'connection_lost' }),
    }
    expect(validateEnvelope(envelope(entry, data))).toEqual([])
  })

  test.each(contractTable)('$type with only what is always there is valid, and with less it is not', (entry) => {
    const always = new Set(alwaysThere[entry.type] ?? [])
    const data = exampleData(allFields(entry), (name, field) => field.required || always.has(name))
    if (always.has('cause')) data['cause'] = 'chrome_restarted'
    expect(validateEnvelope(envelope(entry, data))).toEqual([])
    for (const name of Object.keys(data)) {
      const { [name]: _left, ...less } = data
      expect(validateEnvelope(envelope(entry, less)).map((issue) => issue.path)).toEqual([`event.data.${name}`])
    }
  })

  test.each(contractTable)('$type has every field of the contract with its type', (entry) => {
    const definition = definitionOf(entry.type)
    const shape = Object.fromEntries(definition === undefined ? [] : fieldsOf(definition).map((field) => [field.name, field.schema]))
    expect(mismatches(allFields(entry), shape)).toEqual([])
  })

  test.each(contractTable)('$type marks exactly the fields of the contract as such', (entry) => {
    const definition = definitionOf(entry.type)
    const ours = definition === undefined ? [] : fieldsOf(definition).filter((field) => field.notes.contract === true)
    const marked = ours.map((field) => field.name).filter((name) => name in entry.fields || !(name in contextShape))
    expect(marked.sort()).toEqual(Object.keys(entry.fields).sort())
  })

  test.each(contractTable)('$type refuses a fraction where the contract says int', (entry) => {
    const fields = allFields(entry)
    const whole = exampleData(fields, () => true)
    for (const name of Object.keys(fields).filter((key) => readField(fields[key] ?? '').kind === 'int')) {
      const issues = validateEnvelope(envelope(entry, { ...whole, [name]: 10.5 })).map((issue) => issue.path)
      expect(issues).toContain(`event.data.${name}`)
    }
  })
})

test('the contract table has the 35 types beside cdp_command, and the registry marks no others as published', () => {
  const published = eventTypes.filter((type) => registry[type].contract !== 'tabscope')
  expect(contractTable).toHaveLength(35)
  expect([...published].sort()).toEqual([...contractTable.map((entry) => entry.type), 'cdp_command'].sort())
})

describe('cdp_command', () => {
  const methods = Object.entries(contractCommands).map(([method, fields]) => ({ method, fields }))
  const command = { type: 'cdp_command', category: 'control' }

  test('reports exactly the 38 methods of the contract', () => {
    expect(methods).toHaveLength(38)
    expect([...cdpCommandMethods].sort()).toEqual(methods.map((entry) => entry.method).sort())
  })

  test.each(methods)('$method is valid with all its fields', ({ method, fields }) => {
    const data = { method, ...exampleData({ ...contractCommandShared, ...fields }, () => true) }
    expect(validateEnvelope(envelope(command, data))).toEqual([])
  })

  test.each(methods)('$method is valid with only what is required, and with less it is not', ({ method, fields }) => {
    const data = { method, ...exampleData(fields, (_name, field) => field.required) }
    expect(validateEnvelope(envelope(command, data))).toEqual([])
    for (const name of Object.keys(data)) {
      const { [name]: _left, ...less } = data as Record<string, unknown>
      expect(validateEnvelope(envelope(command, less)).map((issue) => issue.path)).toEqual([`event.data.${name}`])
    }
  })

  test.each(methods)('$method has every field of the contract with its type, and no other', ({ method, fields }) => {
    const option = registry.cdp_command.data.options.find((candidate) => candidate.shape.method.value === method)
    const shape: Readonly<Record<string, z.core.$ZodType>> = option?.shape ?? {}
    const wanted = { ...contractCommandShared, ...fields }
    expect(mismatches(wanted, shape)).toEqual([])
    expect(Object.keys(shape).sort()).toEqual([...Object.keys(wanted), 'method', 'truncated_fields'].sort())
  })

  test('never comes without data', () => {
    const paths = [undefined, null].map((data) => validateEnvelope(envelope(command, data)).map((issue) => issue.path))
    expect(paths).toEqual([['event.data'], ['event.data']])
  })
})
