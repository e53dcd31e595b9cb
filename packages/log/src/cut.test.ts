// The largest record: what goes first, what stays, and that the result always fits and is always JSON.
import { type EventDraft, limits } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecord } from './record.ts'
import type { Draft } from './serialise.ts'
import { cutMarker, jsonBytes, shorten, shortenText } from './shorten.ts'
import { createSlabWriter } from './slab.ts'
import { consoleDraft, foreignDraft, sessionId } from './testing/drafts.ts'

const place = { seq: 1, tsUs: 1, captureSessionId: sessionId }
const source = { kind: 'cdp', metadata: { target_id: 'TAB1' } } as const
const large = 'x'.repeat(2_000_000)

interface Cut {
  readonly bytes: number
  readonly targetId: string | undefined
  readonly truncated: unknown
  readonly data: Readonly<Record<string, unknown>> | null
  readonly metadata: unknown
}

function cut(draft: Draft): Cut {
  const record = createRecord(draft, place, createSlabWriter(1024))
  const { event } = JSON.parse(Buffer.from(record.bytes).toString('utf8'))
  return {
    bytes: record.bytes.length,
    targetId: record.targetId,
    truncated: event.truncated,
    data: event.data,
    metadata: event.source.metadata,
  }
}

function response(fields: Readonly<Record<string, unknown>>): Draft {
  return {
    type: 'network_response',
    category: 'network',
    detailLevel: 'verbose',
    source,
    data: { request_id: '1.1', method: 'GET', url: 'https://a.example/', status: 200, ...fields },
  }
}

test('an event at the limit is left alone', () => {
  const base = createRecord(foreignDraft('note', ''), place, createSlabWriter(1024)).bytes.length
  const atLimit = cut(foreignDraft('note', 'x'.repeat(limits.recordBytes - base)))
  const over = cut(foreignDraft('note', 'x'.repeat(limits.recordBytes - base + 1)))
  expect([atLimit.bytes, atLimit.truncated, over.data, over.truncated]).toEqual([limits.recordBytes, undefined, null, true])
})

test('the body goes first, as little of it as will do', () => {
  const result = cut(response({ body: large, headers: { a: 'b' } }))
  expect(result).toMatchObject({ bytes: limits.recordBytes, truncated: true, metadata: { target_id: 'TAB1' } })
  expect(result.data).toMatchObject({ request_id: '1.1', headers: { a: 'b' }, truncated_fields: ['body'] })
  expect(String(result.data?.['body'])).toMatch(/^x{990000,}\.\.\.\[truncated\]$/)
})

test('tier after tier goes until it fits, and all that was cut is named', () => {
  const result = cut(response({ body: large, headers: { a: large, b: 'short' }, request_headers: { c: large } }))
  expect(result.bytes).toBeLessThanOrEqual(limits.recordBytes)
  expect(result.data).toMatchObject({ request_id: '1.1', method: 'GET', url: 'https://a.example/', status: 200 })
  expect(result.data?.['truncated_fields']).toEqual(['body', 'headers', 'request_headers'])
})

test('what the contract requires survives when all of data goes, its long texts shortened', () => {
  const result = cut(response({ url: `https://a.example/${large}`, document_url: large, mime_type: large }))
  expect(result.bytes).toBeLessThanOrEqual(limits.recordBytes)
  expect(Object.keys(result.data ?? {}).sort()).toEqual(['request_id', 'status', 'truncated_fields', 'url'])
  expect([result.data?.['status'], String(result.data?.['url']).endsWith(cutMarker), result.data?.['truncated_fields']]).toEqual([
    200,
    true,
    ['method', 'url', 'document_url', 'mime_type'],
  ])
})

test('console text is required, so it is shortened after its arguments', () => {
  const result = cut({ ...consoleDraft(large), data: { ...consoleDraft(large).data, args: [large, 'second'] } })
  expect(result.bytes).toBeLessThanOrEqual(limits.recordBytes)
  expect([result.data?.['level'], String(result.data?.['text']).endsWith(cutMarker)]).toEqual(['log', true])
})

test('stack frames go from the end and stay whole', () => {
  const frame = { functionName: 'f', scriptId: '1', url: `https://a.example/${'y'.repeat(1000)}`, lineNumber: 1, columnNumber: 1 }
  const draft = consoleDraft('short')
  const stack_trace = { callFrames: Array.from({ length: 2000 }, () => frame) }
  const result = cut({ ...draft, data: { ...draft.data, stack_trace } })
  const kept = result.data?.['stack_trace'] as typeof stack_trace
  expect([kept.callFrames.length > 800, kept.callFrames.every((one) => JSON.stringify(one) === JSON.stringify(frame))]).toEqual([
    true,
    true,
  ])
})

test('unknown data becomes null as a whole', () => {
  expect(cut(foreignDraft('note', { anything: large }))).toMatchObject({ data: null, truncated: true })
})

test('metadata is the last to go', () => {
  const result = cut({ ...foreignDraft('note', { a: 1 }), source: { kind: 'extension', metadata: { target_id: 'T', huge: large } } })
  expect([result.data, result.metadata, result.targetId, result.truncated]).toEqual([null, undefined, undefined, true])
})

test('a picture is never cut: an event whose picture is too large loses it as a whole', () => {
  const draft: EventDraft<'monitor_screenshot'> = {
    type: 'monitor_screenshot',
    category: 'screenshot',
    detailLevel: 'minimal',
    source,
    data: { png: large },
  }
  expect(cut(draft)).toMatchObject({ data: null, truncated: true })
})

test('data is never null where the contract requires it', () => {
  const result = cut({
    type: 'cdp_command',
    category: 'control',
    detailLevel: 'minimal',
    source: { kind: 'kernel_api' },
    data: { method: 'Page.bringToFront', session_id: large },
  } as Draft)
  expect([result.data?.['method'], result.bytes <= limits.recordBytes]).toEqual(['Page.bringToFront', true])
})

test('whatever is published fits, is JSON, and keeps what is required', () => {
  const text = fc.record({
    length: fc.integer({ min: 0, max: 900_000 }),
    unit: fc.constantFrom('x', 'é', '\u{1f600}', '\n', '\ud800', '"'),
  })
  const texts = fc.array(text, { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(texts, (made) => {
      const [request_id, url, body, header, mime_type] = made.map(({ length, unit }) => unit.repeat(length))
      const result = cut(response({ request_id, url, body, headers: { header }, mime_type }))
      expect(result.bytes).toBeLessThanOrEqual(limits.recordBytes)
      expect(Object.keys(result.data ?? {})).toEqual(expect.arrayContaining(['request_id', 'url', 'status']))
    }),
    { numRuns: 5 },
  )
})

test('text is cut between characters and fits exactly as JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 0, max: 100 }), (text, maxBytes) => {
      const short = shortenText(text, maxBytes)
      if (short !== '') expect(jsonBytes(short)).toBeLessThanOrEqual(maxBytes)
      if (short !== text && short !== '') {
        expect(text.startsWith(short.slice(0, -cutMarker.length))).toBe(true)
        expect(/[\ud800-\udbff]$/.test(short.slice(0, -cutMarker.length))).toBe(
          /[\ud800-\udbff]$/.test([...text].slice(0, [...short].length - cutMarker.length).join('')),
        )
      }
    }),
  )
})

test('a shortened value fits and is of the same kind', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 200 }), (value, maxBytes) => {
      const short = shorten(value, maxBytes)
      if (short === undefined) return
      expect(jsonBytes(short)).toBeLessThanOrEqual(maxBytes)
      expect([typeof short, Array.isArray(short)]).toEqual([typeof value, Array.isArray(value)])
    }),
  )
})
