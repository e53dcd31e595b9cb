// An event that an outside program hands in (`POST /telemetry/events`) becomes a draft, or an error that names the field.
// Never decides whether it is captured: the log does. Follows design http-api A and the published contract.
import { z } from 'zod'
import { type Category, categories, parseCategory } from './category.ts'
import type { EventDefinition } from './define-event.ts'
import type { ForeignDraft } from './envelope.ts'
import { TelemetryError } from './errors.ts'
import { checked, invalidRequest } from './issue.ts'
import { isDeeperThan } from './json-depth.ts'
import { limits } from './limits.ts'
import { definitionOf } from './registry.ts'
import { detailLevels, type Source, sourceKinds } from './source.ts'

/** The body of a publish request. */
export const publishRequestSchema = z.object({
  type: z.string().min(1).meta({ description: 'Name of what happened; at most 128 bytes' }),
  category: z.string().nullish().meta({ description: 'Needed for a type that the server does not know; else ignored' }),
  source: z
    .object({
      kind: z.enum(sourceKinds).meta({ description: '`extension` or `local_process`; the others are reserved' }),
      event: z.string().nullish().meta({ description: "The producer's own name for it; at most 128 bytes" }),
      metadata: z.record(z.string(), z.string()).nullish().meta({ description: 'At most 32 keys and 16 KiB' }),
    })
    .nullish()
    .meta({ description: 'Absent = `local_process`' }),
  data: z.unknown().optional().meta({ description: 'Any JSON; of a known type what the registry says' }),
  detail_level: z.enum(detailLevels).nullish().meta({ description: 'Absent = `standard`' }),
})
type PublishRequest = z.infer<typeof publishRequestSchema>

/** The draft for a publish body. Throws `unknown_category` and `invalid_request`. */
export function parsePublishRequest(body: unknown): ForeignDraft {
  // Checked first and by hand, because no body and no type are the mistakes that are made most.
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalidRequest('body', 'expected a JSON object with a type')
  if (isDeeperThan(body, limits.foreignDepth)) throw invalidRequest('body', `nested deeper than ${limits.foreignDepth} levels`)
  const { type } = body as Partial<PublishRequest>
  if (type === undefined || type === null || type === '') throw invalidRequest('body.type', 'type is required')
  const request = checked(publishRequestSchema, body, 'body')
  checkBytes(request.type, limits.foreignNameBytes, 'body.type')
  const definition = definitionOf(request.type)
  const category = definition?.category ?? foreignCategory(request.category)
  const source = foreignSource(request.source)
  if (definition !== undefined) checkData(definition, request.data)
  return {
    type: request.type,
    category,
    detailLevel: request.detail_level ?? 'standard',
    source,
    ...(request.data !== undefined && { data: request.data }),
  }
}

function foreignCategory(name: string | null | undefined): Category {
  if (name === undefined || name === null || name === '') throw invalidRequest('body.category', 'category is required for an unknown type')
  const category = parseCategory(name)
  if (category !== undefined) return category
  throw new TelemetryError('unknown_category', { category: name.slice(0, limits.foreignNameBytes), known: categories.join(', ') })
}

function foreignSource(source: PublishRequest['source']): Source {
  if (source === undefined || source === null) return { kind: 'local_process' }
  const { kind, event, metadata } = source
  if (kind === 'kernel_api' || kind === 'cdp') {
    throw invalidRequest('body.source.kind', `${kind} is reserved for events that the server makes. Use extension or local_process`)
  }
  if (event !== undefined && event !== null) checkBytes(event, limits.foreignNameBytes, 'body.source.event')
  if (metadata !== undefined && metadata !== null) checkMetadata(metadata)
  // Empty strings are left out: absent means absent.
  return {
    kind,
    ...(event !== undefined && event !== null && event !== '' && { event }),
    ...(metadata !== undefined && metadata !== null && Object.keys(metadata).length > 0 && { metadata }),
  }
}

function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const keys = Object.keys(metadata).length
  if (keys > limits.foreignMetadataKeys) {
    throw invalidRequest('body.source.metadata', `${keys} keys, at most ${limits.foreignMetadataKeys} are taken`)
  }
  checkBytes(JSON.stringify(metadata), limits.foreignMetadataBytes, 'body.source.metadata')
}

function checkData(definition: EventDefinition, data: unknown): void {
  // What a type without required fields says without `data` is complete.
  if (!definition.dataRequired && (data === undefined || data === null) && definition.data.safeParse({}).success) return
  checked<z.ZodType>(definition.data, data, 'body.data')
}

function checkBytes(text: string, most: number, path: string): void {
  const bytes = new TextEncoder().encode(text).length
  if (bytes > most) throw invalidRequest(path, `${bytes} bytes, at most ${most} are taken`)
}
