// The short way of reading a line and the long one must agree on everything, whatever strings a page made up.
import type { EventRecord } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLine, parseWholeLine } from './line.ts'
import { createRecord } from './record.ts'
import { type Draft, serialise } from './serialise.ts'
import { createSlabWriter, linesOf } from './slab.ts'
import { consoleDraft, sessionId } from './testing/drafts.ts'

const place = { seq: 7, tsUs: 1_789_000_000_123_456, captureSessionId: sessionId }
// Strings with everything that could lead a hasty reader astray.
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"target_id":"X"', '\\', '"', '}', '}}', '{', '\n', '\u2028', '\ud800', 'target_id', ''),
)
/** Half a pair of surrogates is no character; what is written in its place is U+FFFD. */
const wellFormed = (text: string): string => Buffer.from(text).toString('utf8')
const name = hostile.map(wellFormed)
const draft: fc.Arbitrary<Draft> = fc.record({
  type: name,
  category: fc.constantFrom('console', 'network', 'system'),
  detailLevel: fc.constantFrom('minimal', 'raw'),
  source: fc.oneof(
    fc.record({ kind: fc.constant('extension' as const) }),
    fc.record({
      kind: fc.constant('cdp' as const),
      event: name,
      metadata: fc.dictionary(fc.oneof(name, fc.constant('target_id')), name),
    }),
  ),
  data: fc.oneof(fc.jsonValue(), fc.dictionary(fc.oneof(hostile, fc.constant('target_id')), hostile)),
})

function bare({ bytes: _, ...rest }: EventRecord): Omit<EventRecord, 'bytes'> {
  return rest
}

test('a line gives the record that was written, by the short way and by the long one', () => {
  const slabs = createSlabWriter(4096)
  fc.assert(
    fc.property(draft, (made) => {
      const record = createRecord(made, place, slabs)
      const line = Buffer.from(record.bytes)
      const short = parseLine(line)
      const long = parseWholeLine(line)
      if (short === undefined || long === undefined) throw new Error('not read back')
      expect(bare(short)).toEqual(bare(record))
      expect(bare(long)).toEqual(bare(record))
    }),
    { numRuns: 2000 },
  )
})

function allWellFormed(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value)
  if (Array.isArray(value)) return value.map(allWellFormed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [wellFormed(key), allWellFormed(field)]))
}

test('what is put together by hand is what JSON.stringify makes of the whole with well-formed text', () => {
  fc.assert(
    fc.property(draft, ({ type, category, detailLevel, source, data }) => {
      const whole = {
        seq: place.seq,
        capture_session_id: sessionId,
        event: { ts: place.tsUs, type, category, detail_level: detailLevel, source, data },
      }
      expect(serialise({ type, category, detailLevel, source, data }, place)).toBe(JSON.stringify(allWellFormed(whole)))
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['half a line', '{"seq":7,"capture_session_id":"a","event":{"ts":1,'],
  ['zeros', '\0\0\0\0'],
  ['other JSON', '{"seq":7}'],
  ['a number that is none', '{"seq":"7","event":{"ts":1,"type":"a","source":{"kind":"cdp"}}}'],
  ['nothing', ''],
])('%s is no record', (_, text) => {
  expect([parseLine(Buffer.from(text)), parseWholeLine(Buffer.from(text))]).toEqual([undefined, undefined])
})

test('records made one after the other are lines already, also across blocks of memory', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 900 })), (texts) => {
      const slabs = createSlabWriter(2048)
      const records = texts.map((text) => ({ bytes: slabs.write(text) }))
      const lines = Buffer.concat(linesOf(records)).toString('utf8')
      expect(lines).toBe(texts.map((text) => `${Buffer.from(text).toString('utf8')}\n`).join(''))
    }),
  )
})

test('neighbours are one stretch of memory', () => {
  const slabs = createSlabWriter(65_536)
  const records = ['a', 'b', 'c'].map((text) => createRecord(consoleDraft(text), place, slabs))
  expect(linesOf(records).length).toBe(1)
})
