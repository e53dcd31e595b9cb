// What producers hand in (a draft) and what everybody reads (an envelope). Never assigns a `seq`: only the log does.
import { z } from 'zod'
import { type Category, categories } from './category.ts'
import type { CategoryOf, EventDataOf, EventType } from './registry.ts'
import { type DetailLevel, detailLevels, type Source, type SourceKind, sourceSchema } from './source.ts'

/**
 * An event before it is admitted. `data` is final: after `publish` took a draft nobody changes it.
 * The log adds `seq`, `ts`, the capture session and, when it has to cut, `truncated`.
 */
export interface EventDraft<Type extends EventType = EventType> {
  readonly type: Type
  readonly category: Category
  readonly detailLevel: DetailLevel
  readonly source: Source
  readonly data: EventDataOf<Type>
  /** Set when the producer already cut something; `data.truncated_fields` then names what. */
  readonly truncated?: boolean
}

/** A draft of a type that only an outside producer knows: any name, a category, any JSON. */
export interface ForeignDraft {
  readonly type: string
  readonly category: Category
  readonly detailLevel: DetailLevel
  readonly source: Source
  readonly data?: unknown
  readonly truncated?: boolean
}

/** What `publish` answers: the admitted event, or undefined when its category or type is switched off. */
export type Publish = (draft: EventDraft | ForeignDraft) => EventRecord | undefined

/** An admitted event: its one-line JSON, made once, and what filters ask for, so that nobody parses it again. */
export interface EventRecord {
  readonly seq: number
  /** Unix microseconds; never decreases along `seq`. */
  readonly tsUs: number
  readonly type: string
  readonly category: Category
  readonly sourceKind: SourceKind
  readonly targetId: string | undefined
  readonly detailLevel: DetailLevel
  /** The envelope as UTF-8 JSON on one line, without a line feed. */
  readonly bytes: Uint8Array
}

/** The event inside an envelope as JSON Schema and validation see it. `data` is described by type in the registry. */
export const eventSchema = z.object({
  ts: z.int().describe('Unix time in microseconds; never decreases along seq'),
  type: z.string().describe('Globally unique name of what happened'),
  category: z.enum(categories),
  detail_level: z.enum(detailLevels).optional().describe('How much was captured'),
  source: sourceSchema,
  data: z.unknown().optional(),
  truncated: z.boolean().optional().describe('True when something was cut to fit a bound'),
})

/** One event with its place in the order. */
export const envelopeSchema = z.object({
  seq: z.int().positive().describe('Total order and resume token'),
  capture_session_id: z.string().describe('Made when capture goes from off to on'),
  event: eventSchema,
})

/** An envelope whose event may be of any type, as it comes from a parser. */
export type AnyEnvelope = z.infer<typeof envelopeSchema>

/** One typed event. */
export interface EventOf<Type extends EventType> {
  ts: number
  type: Type
  category: CategoryOf<Type>
  detail_level: DetailLevel
  source: Source
  data: EventDataOf<Type>
  truncated?: boolean
}

/** An envelope as a union discriminated on `event.type`. */
export type Envelope = { [Type in EventType]: { seq: number; capture_session_id: string; event: EventOf<Type> } }[EventType]
