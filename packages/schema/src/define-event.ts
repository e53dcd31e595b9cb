// The shape of a registry entry. Everything that is known about an event type is data here, so that types, validation,
// documents and tests can be derived. It never touches an event: see envelope.ts for those.
import type { z } from 'zod'
import type { Category } from './category.ts'
import type { DetailLevel } from './source.ts'

/** Which published clients know the type: both (`node`), only the newer Python client (`python`), or none (`tabscope`). */
export type Contract = 'node' | 'python' | 'tabscope'

/**
 * What a field can hold of somebody's secrets; the redactor treats each kind by its own rules, and applies them to every
 * string inside the value, however deep. `headers`: a map of header names to values. `url`: one URL. `text`: prose in which
 * URLs may occur. `form`: a request body (form or JSON). `body`: a response body or message. `cdp`: a whole CDP object.
 */
export type Sensitivity = 'headers' | 'url' | 'text' | 'body' | 'form' | 'cdp'

/** What the registry knows of one field of `data` beyond its zod type. Given with `.meta()`. */
// A type and not an interface: `.meta()` takes an index signature, which only a type alias can satisfy.
export type FieldNotes = {
  /** The least detail level at which the field is captured. Absent = `minimal`. */
  readonly detail?: DetailLevel
  /** What to redact in it. Absent = nothing in it can be a secret. */
  readonly sensitive?: Sensitivity
  /** True for a field of the published contract; the others are ours, marked + in the documents. */
  readonly contract?: boolean
  readonly description?: string
}

/** Notes on a field of the published contract. */
export function published(description: string, notes: Pick<FieldNotes, 'detail' | 'sensitive'> = {}): FieldNotes {
  return { contract: true, description, ...notes }
}

/** Notes on a field that the published contract does not have; marked + in the documents. */
export function added(description: string, notes: Pick<FieldNotes, 'detail' | 'sensitive'> = {}): FieldNotes {
  return { description, ...notes }
}

/** What `data` of a type is: one object, or for a few types several told apart by one field. */
export type EventDataSchema = z.ZodObject | z.ZodDiscriminatedUnion<readonly z.ZodObject[], string>

/** One event type. */
export interface EventDefinition<
  Type extends string = string,
  Data extends EventDataSchema = EventDataSchema,
  In extends Category = Category,
> {
  readonly type: Type
  readonly category: In
  /** One sentence: what happened when this event is there. */
  readonly summary: string
  readonly contract: Contract
  /** The least detail level at which events of this type exist at all. */
  readonly detail: DetailLevel
  /** Whether `data` may never be null, not even when the event had to be cut to fit. */
  readonly dataRequired: boolean
  /** True when events of this type carry the browser context (session, target, frame, navigation). */
  readonly context: boolean
  readonly data: Data
}

interface EventOptions<Data extends EventDataSchema, In extends Category> {
  readonly category: In
  readonly summary: string
  readonly data: Data
  readonly contract?: Contract
  readonly detail?: DetailLevel
  readonly dataRequired?: boolean
  readonly context?: boolean
}

/** Makes a registry entry. Unless said otherwise: known to no published client, captured from `minimal` on, without context. */
export function defineEvent<const Type extends string, Data extends EventDataSchema, const In extends Category>(
  type: Type,
  options: EventOptions<Data, In>,
): EventDefinition<Type, Data, In> {
  return {
    type,
    category: options.category,
    summary: options.summary,
    contract: options.contract ?? 'tabscope',
    detail: options.detail ?? 'minimal',
    dataRequired: options.dataRequired ?? false,
    context: options.context ?? false,
    data: options.data,
  }
}
