import type { EventType as KnownType, Envelope as SchemaEnvelope } from '@tabscope/schema'
import { expectTypeOf, test } from 'vitest'
import type { Envelope, EventType } from './event-types.ts'

// Absent and `undefined` are one thing in JSON; zod says both.
type Plain<Value> = Value extends readonly (infer Item)[]
  ? Plain<Item>[]
  : Value extends object
    ? { [Key in keyof Value]: Plain<Exclude<Value[Key], undefined>> }
    : Value

test('the plain types say what the registry says, no more and no less', () => {
  expectTypeOf<EventType>().toEqualTypeOf<KnownType>()
  expectTypeOf<Envelope>().toExtend<SchemaEnvelope>()
  expectTypeOf<Plain<SchemaEnvelope>>().toExtend<Plain<Envelope>>()
})
