// A JSON Schema as a few words for a table: `integer`, `string[]`, `a | b`, `{ value: number, … }`.
import type { JsonSchema } from '../../packages/schema/src/index.ts'

/** The words for a schema. References are the name that they end in. */
export function typeText(schema: JsonSchema | undefined): string {
  if (schema === undefined) return 'any'
  const { $ref: reference, const: constant, enum: values, type, anyOf } = schema
  if (typeof reference === 'string') return reference.replace(/^.*\//, '')
  if (constant !== undefined) return String(constant)
  if (Array.isArray(values)) return values.join(' | ')
  if (Array.isArray(anyOf))
    return anyOf
      .map((option) => typeText(option as JsonSchema))
      .filter((text) => text !== 'null')
      .join(' | ')
  const [kind] = Array.isArray(type) ? type.filter((name) => name !== 'null') : [type]
  if (kind === 'array') return listText(schema['items'] as JsonSchema | undefined)
  if (kind === 'object') return objectText(schema)
  return typeof kind === 'string' ? kind : 'any'
}

function listText(items: JsonSchema | undefined): string {
  const text = typeText(items)
  return text.includes(' | ') ? `(${text})[]` : `${text}[]`
}

function objectText(schema: JsonSchema): string {
  const properties = schema['properties'] as { [name: string]: JsonSchema } | undefined
  if (properties === undefined) return `map of ${typeText(schema['additionalProperties'] as JsonSchema | undefined)}`
  const required = (schema['required'] as readonly string[] | undefined) ?? []
  const fields = Object.entries(properties).map(([name, inner]) => `${name}${required.includes(name) ? '' : '?'}: ${typeText(inner)}`)
  return `{ ${fields.join(', ')} }`
}
