// The registry as JSON Schema 2020-12: one definition for each event, their union, the envelope. Objects stay open, because
// newer producers send more fields and more types. Only for documents: validation at run time is validate.ts.
import { z } from 'zod'
import { captureConfigSchema } from './config-schema.ts'
import { contextShape } from './context.ts'
import type { EventDefinition } from './define-event.ts'
import { envelopeSchema, eventSchema } from './envelope.ts'
import { ignoredRequestSchema } from './events/network.ts'
import { eventTypes, registry } from './registry.ts'
import { sourceSchema } from './source.ts'
import { stackTraceSchema } from './stack-trace.ts'

/** A JSON Schema, or a part of one. */
export type JsonSchema = { [key: string]: unknown }

/** Named schemas that refer to each other below one prefix. */
export type JsonSchemas = { [name: string]: JsonSchema }

interface Conversion {
  readonly zodSchema: z.core.$ZodType
  readonly jsonSchema: z.core.JSONSchema.BaseSchema
}

// Our own notes get the prefix that JSON Schema and OpenAPI keep for extensions; bounds that only say "safe integer" go.
function tidy({ jsonSchema }: Conversion): void {
  const json: JsonSchema = jsonSchema
  for (const note of ['contract', 'detail', 'sensitive']) {
    if (json[note] !== undefined) json[`x-${note}`] = json[note]
    delete json[note]
  }
  if (json['type'] !== 'integer') return
  if (json['minimum'] === Number.MIN_SAFE_INTEGER) delete json['minimum']
  if (json['maximum'] === Number.MAX_SAFE_INTEGER) delete json['maximum']
}

/** One schema on its own. */
export function jsonSchemaOf(schema: z.core.$ZodType): JsonSchema {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: tidy })
  return json
}

/** Schemas by name; where one is inside another it is referred to as `prefix` and its name. */
export function namedSchemas(named: Readonly<Record<string, z.ZodType>>, prefix: string): JsonSchemas {
  const names = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) names.add(schema, { id })
  const { schemas } = z.toJSONSchema(names, { io: 'input', unrepresentable: 'any', override: tidy, uri: (id) => `${prefix}${id}` })
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _dialect, $id: _uri, ...schema }]) => [name, schema as JsonSchema]),
  )
}

/** `network_request` → `NetworkRequest`. */
export function pascalCase(type: string): string {
  return type.replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}

/** The schemas of the envelope, of every event type and of what they share. `Envelope` is the entry. */
export function eventSchemas(prefix: string): JsonSchemas {
  const data = Object.fromEntries(eventTypes.map((type) => [`${pascalCase(type)}Data`, registry[type].data]))
  const shared = {
    StackTrace: stackTraceSchema,
    Source: sourceSchema,
    IgnoredRequest: ignoredRequestSchema,
    CaptureConfig: captureConfigSchema,
    EventContext: z
      .object(contextShape)
      .meta({ description: 'On every event from a browser target: which tab, page and navigation made it' }),
  }
  const converted = namedSchemas({ ...shared, ...data }, prefix)
  const definitions: readonly EventDefinition[] = eventTypes.map((type) => registry[type])
  for (const definition of definitions) {
    const name = `${pascalCase(definition.type)}Data`
    if (definition.context) converted[name] = sharingContext(converted[name] ?? {}, { context: converted['EventContext'] ?? {}, prefix })
  }
  const events = definitions.map((definition) => [`${pascalCase(definition.type)}Event`, knownEvent(definition, prefix)] as const)
  return {
    Envelope: envelope(prefix),
    Event: anyEvent(prefix),
    ...Object.fromEntries(events),
    OtherEvent: otherEvent(prefix),
    ...converted,
  }
}

// The fields of the context are written once and referred to; a type keeps those that it says more about.
function sharingContext(data: JsonSchema, shared: { readonly context: JsonSchema; readonly prefix: string }): JsonSchema {
  const common = shared.context['properties'] as JsonSchema
  const own = Object.entries(data['properties'] as JsonSchema).filter(
    ([name, property]) => JSON.stringify(common[name]) !== JSON.stringify(property),
  )
  return { ...data, allOf: [{ $ref: `${shared.prefix}EventContext` }], properties: Object.fromEntries(own) }
}

function eventProperties(prefix: string): JsonSchema {
  const { properties } = jsonSchemaOf(eventSchema) as { properties: JsonSchema }
  return { ...properties, source: { $ref: `${prefix}Source` } }
}

function knownEvent(definition: EventDefinition, prefix: string): JsonSchema {
  const data = { $ref: `${prefix}${pascalCase(definition.type)}Data` }
  return {
    type: 'object',
    description: definition.summary,
    properties: {
      ...eventProperties(prefix),
      type: { const: definition.type },
      category: { const: definition.category },
      // The last tier of cutting a record that is too large leaves null.
      data: definition.dataRequired ? data : { anyOf: [data, { type: 'null' }] },
    },
    required: ['ts', 'type', 'category', 'source', ...(definition.dataRequired ? ['data'] : [])],
    'x-contract': definition.contract,
    'x-detail': definition.detail,
  }
}

function otherEvent(prefix: string): JsonSchema {
  return {
    type: 'object',
    description: 'An event of a type that only its outside producer, or a newer server, knows.',
    properties: { ...eventProperties(prefix), type: { type: 'string', not: { enum: eventTypes } } },
    required: ['ts', 'type', 'category', 'source'],
  }
}

function anyEvent(prefix: string): JsonSchema {
  const mapping = Object.fromEntries(eventTypes.map((type) => [type, `${prefix}${pascalCase(type)}Event`]))
  return {
    oneOf: [...Object.values(mapping), `${prefix}OtherEvent`].map((reference) => ({ $ref: reference })),
    discriminator: { propertyName: 'type', mapping },
  }
}

function envelope(prefix: string): JsonSchema {
  const { properties, ...rest } = jsonSchemaOf(envelopeSchema) as { properties: JsonSchema }
  return { ...rest, description: 'One event with its place in the order', properties: { ...properties, event: { $ref: `${prefix}Event` } } }
}

/** The JSON Schema document of everything that a stream carries. */
export function eventsSchemaDocument(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Tabscope event envelope',
    description: 'One line of the log and of `tabscope tail --json`, and the `data` of one frame of the stream.',
    $ref: '#/$defs/Envelope',
    $defs: eventSchemas('#/$defs/'),
  }
}
