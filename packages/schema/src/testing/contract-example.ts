// Builds example data from the contract's field tables. Knows nothing of the registry, which is tested with what it builds.
import type { ContractField, ContractFields } from './contract-table.ts'

/** A field of the tables, read. */
export interface ReadField {
  readonly kind: 'string' | 'int' | 'number' | 'boolean' | 'string[]' | 'map' | 'stack' | 'enum' | 'enum[]' | 'object' | 'object[]'
  readonly required: boolean
  readonly values?: readonly string[]
  readonly fields?: ContractFields
}

/** Reads the notation of contract-table.ts. */
export function readField(field: ContractField): ReadField {
  if (typeof field !== 'string') {
    return 0 in field
      ? { kind: 'object[]', required: false, fields: field[0] as ContractFields }
      : { kind: 'object', required: false, fields: field as ContractFields }
  }
  const text = field.replace(/ P$/, '')
  const required = text.endsWith('!')
  const kind = required ? text.slice(0, -1) : text
  if (kind.startsWith('[')) return { kind: 'enum[]', required, values: kind.slice(1, -1).split('|') }
  if (kind.includes('|')) return { kind: 'enum', required, values: kind.split('|').filter((value) => value !== '') }
  return { kind: kind as ReadField['kind'], required }
}

const stack = {
  callFrames: [{ columnNumber: 4, functionName: 'run', lineNumber: 0, scriptId: '12', url: 'https://example.test/app.js' }],
  description: 'Error',
  parent: { callFrames: [] },
}

/** A value of a field's kind. Numbers that need not be whole are not, so that a schema that is too narrow is found. */
export function exampleValue(field: ContractField): unknown {
  const { kind, values, fields } = readField(field)
  switch (kind) {
    case 'string':
      return 'text'
    case 'int':
      return 7
    case 'number':
      return 7.25
    case 'boolean':
      return true
    case 'string[]':
      return ['a', 'b']
    case 'map':
      return { accept: '*/*' }
    case 'stack':
      return stack
    case 'enum':
      return values?.at(-1)
    case 'enum[]':
      return values
    case 'object':
      return exampleData(fields ?? {}, () => true)
    case 'object[]':
      return [exampleData(fields ?? {}, () => true)]
    default:
      throw new Error(`unknown kind in the contract table: ${String(kind)}`)
  }
}

/** An object with an example of each field that `isWanted`. */
export function exampleData(fields: ContractFields, isWanted: (name: string, field: ReadField) => boolean): Record<string, unknown> {
  const wanted = Object.entries(fields).filter(([name, field]) => isWanted(name, readField(field)))
  return Object.fromEntries(wanted.map(([name, field]) => [name, exampleValue(field)]))
}
