// Whatever comes from outside, parsers answer with a value or with one of our own errors.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { configOff } from './config.ts'
import { anyEnabled, mergeConfig, replaceConfig } from './config-request.ts'
import { telemetryConfigSchema } from './config-schema.ts'
import { warningsFor } from './config-warnings.ts'
import { parseLastEventId } from './cursor.ts'
import { errorTable, TelemetryError } from './errors.ts'
import { type EventFilter, type Filterable, matchesEverything, matchesFilter } from './filter.ts'
import { parseFilterQuery } from './filter-query.ts'
import { parsePublishRequest } from './publish-request.ts'
import { eventTypes } from './registry.ts'
import { detailLevels, sourceKinds } from './source.ts'
import { parseDurationUs, parseRfc3339Us } from './times.ts'
import { validateEnvelope } from './validate.ts'

// Any JSON, but often with the names that the parsers look for.
const names = fc.constantFrom(
  ...['browser', 'network', 'page', 'api', 'control', 'cdp', 'enabled', 'types', 'detail_level', 'labels', 'excluded_methods', 'storage'],
  ...['type', 'category', 'source', 'kind', 'metadata', 'data', 'event', 'seq', 'ts', '__proto__', 'constructor', ''],
)
const leaves = fc.oneof(fc.constantFrom('raw', 'network', 'cdp', 'extension', ...eventTypes), fc.jsonValue({ maxDepth: 1 }))
const { anyBody } = fc.letrec<{ anyBody: unknown }>((tie) => ({
  anyBody: fc.oneof(
    { maxDepth: 5 },
    leaves,
    fc.array(tie('anyBody'), { maxLength: 3 }),
    fc.dictionary(names, tie('anyBody'), { maxKeys: 5 }),
  ),
}))

function outcome<Value>(run: () => Value): Value | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof TelemetryError && error.code in errorTable && error.message.length > 10) return undefined
    throw error
  }
}

test('any body replaces or merges to a whole configuration, or is refused with a code', () => {
  fc.assert(
    fc.property(anyBody, anyBody, (first, second) => {
      const replaced = outcome(() => replaceConfig(undefined, first))
      const merged = outcome(() => mergeConfig(replaced ?? configOff, second))
      for (const config of [replaced, merged].filter((result) => result !== undefined)) {
        expect(telemetryConfigSchema.parse(config)).toEqual(config)
        expect(warningsFor(config).every((warning) => warning.message.length > 0)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

test('a resolved configuration sent back gives itself, by PUT and by PATCH', () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      const config = outcome(() => replaceConfig(undefined, { browser: { network: { enabled: true } }, ...(Object(body) as object) }))
      if (config === undefined) return
      expect(replaceConfig(undefined, config)).toEqual(config)
      expect(mergeConfig(config, config)).toEqual(config)
      expect(anyEnabled(replaceConfig(undefined, config))).toBe(anyEnabled(config))
    }),
    { numRuns: 300 },
  )
})

test('any publish body becomes a draft that is valid in an envelope, or is refused with a code', () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      const draft = outcome(() => parsePublishRequest(body))
      if (draft === undefined) return
      const { detailLevel, ...event } = draft
      const envelope = { seq: 1, capture_session_id: 's', event: { ts: 1, detail_level: detailLevel, ...event } }
      expect(validateEnvelope(JSON.parse(JSON.stringify(envelope)))).toEqual([])
    }),
    { numRuns: 1000 },
  )
})

test('validating anything at all gives findings and never throws', () => {
  fc.assert(fc.property(fc.oneof(anyBody, fc.anything()), (value) => validateEnvelope(value).every((issue) => issue.message !== '')))
})

test('a Last-Event-ID is a positive safe integer or means from now', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.integer().map(String), fc.bigInt().map(String), fc.double().map(String)), (text) => {
      const seq = parseLastEventId(text)
      expect(seq === undefined || (Number.isSafeInteger(seq) && seq >= 1 && BigInt(text) === BigInt(seq))).toBe(true)
    }),
  )
  fc.assert(
    fc.property(
      fc.maxSafeNat().filter((seq) => seq >= 1),
      (seq) => parseLastEventId(String(seq)) === seq,
    ),
  )
})

const record: fc.Arbitrary<Filterable> = fc.record({
  type: fc.constantFrom('a', 'b', 'c'),
  category: fc.constantFrom('console', 'page', 'network'),
  sourceKind: fc.constantFrom(...sourceKinds),
  targetId: fc.option(fc.constantFrom('T1', 'T2'), { nil: undefined }),
  detailLevel: fc.constantFrom(...detailLevels),
})
const query = fc.record(
  {
    category: fc.subarray(['console', 'page', 'network'], { minLength: 1 }),
    type: fc.subarray(['a', 'b', 'c', 'nobody_knows'], { minLength: 1 }),
    source_kind: fc.subarray([...sourceKinds], { minLength: 1 }),
    target_id: fc.subarray(['T1', 'T2'], { minLength: 1 }),
    detail_level: fc.constantFrom(...detailLevels),
  },
  { requiredKeys: [] },
)

// The filter in other words, straight from the query.
function isWanted(given: { [name: string]: string | string[] }, seen: Filterable): boolean {
  const has = (name: string, value: string | undefined): boolean =>
    given[name] === undefined || (value !== undefined && given[name].includes(value))
  const { detail_level: level } = given
  const atMost =
    level === undefined || detailLevels.indexOf(seen.detailLevel) <= detailLevels.indexOf(level as (typeof detailLevels)[number])
  return (
    has('category', seen.category) &&
    has('type', seen.type) &&
    has('source_kind', seen.sourceKind) &&
    has('target_id', seen.targetId) &&
    atMost
  )
}

test('a filter passes exactly what its query asks for, repeated or comma-joined', () => {
  fc.assert(
    fc.property(query, record, (given, seen) => {
      const joined = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]))
      const filters: EventFilter[] = [parseFilterQuery(given), parseFilterQuery(joined)]
      expect(filters.map((filter) => matchesFilter(filter, seen))).toEqual(Array(2).fill(isWanted(given as Record<string, string[]>, seen)))
      expect(filters.map(matchesEverything)).toEqual(Array(2).fill(Object.keys(given).length === 0))
    }),
  )
})

test('any query is a filter or is refused with a code', () => {
  const anyQuery = fc.dictionary(
    fc.constantFrom('category', 'type', 'source_kind', 'detail_level', '__proto__', 'x'),
    fc.oneof(fc.string(), fc.array(fc.string())),
  )
  fc.assert(fc.property(anyQuery, (given) => outcome(() => parseFilterQuery(given)) !== null))
})

test('every time that JavaScript prints as ISO is read to its millisecond, and no text makes the parsers throw', () => {
  const years = { min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }
  fc.assert(fc.property(fc.date(years), (date) => parseRfc3339Us(date.toISOString()) === date.getTime() * 1000))
  fc.assert(
    fc.property(fc.string(), (text) =>
      [parseRfc3339Us(text), parseDurationUs(text)].every((time) => time === undefined || Number.isFinite(time)),
    ),
  )
})
