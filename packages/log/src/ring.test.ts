// The ring against the simplest thing that does the same: a list.
import type { EventRecord } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRing } from './ring.ts'

function recordOf(seq: number, bytes: number): EventRecord {
  return {
    seq,
    tsUs: seq,
    type: 'note',
    category: 'system',
    sourceKind: 'extension',
    targetId: undefined,
    detailLevel: 'minimal',
    bytes: new Uint8Array(bytes),
  }
}

const limits = { ringRecords: 8, ringBytes: 2_000, queueBytes: 4_000, recordOverheadBytes: 100 }
const overhead = limits.recordOverheadBytes

type Step = { readonly at: 'push'; readonly bytes: number } | { readonly at: 'write'; readonly count: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: fc.constant('push' as const), bytes: fc.integer({ min: 0, max: 700 }) }) },
  { weight: 1, arbitrary: fc.record({ at: fc.constant('write' as const), count: fc.integer({ min: 1, max: 6 }) }) },
)

/** What must be in the ring: the newest, and of the others as many as the bounds allow, written ones under the smaller bounds. */
function evictModel(held: { seq: number; bytes: number }[], keepFromSeq: number): void {
  for (;;) {
    const oldest = held[0]
    if (oldest === undefined || held.length === 1) return
    const cost = held.reduce((sum, { bytes }) => sum + bytes + overhead, 0)
    const isOver = oldest.seq >= keepFromSeq ? cost > limits.queueBytes : held.length > limits.ringRecords || cost > limits.ringBytes
    if (!isOver) return
    held.shift()
  }
}

test('the ring holds what a list with the same bounds would hold, whatever comes and is written', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(0, 2 ** 31 - 3, 2 ** 40), (steps, lastSeq) => {
      const ring = createRing(limits, lastSeq)
      const held: { seq: number; bytes: number }[] = []
      let writtenSeq = lastSeq
      ring.keepFrom(lastSeq + 1)
      for (const { at, ...made } of steps) {
        if ('bytes' in made && at === 'push') {
          const record = recordOf(ring.newestSeq + 1, made.bytes)
          ring.push(record)
          held.push({ seq: record.seq, bytes: made.bytes })
        } else if ('count' in made) {
          writtenSeq = Math.min(writtenSeq + made.count, ring.newestSeq)
          ring.keepFrom(writtenSeq + 1)
        }
        evictModel(held, writtenSeq + 1)
        const read = ring.collect(ring.oldestSeq, ring.newestSeq, Number.POSITIVE_INFINITY)
        expect(read.map(({ seq, bytes }) => ({ seq, bytes: bytes.length }))).toEqual(held)
        expect(ring.heldBytes).toBe(held.reduce((sum, { bytes }) => sum + bytes + overhead, 0))
      }
    }),
  )
})

test('a ring grows for what waits for the disk and finds every record of it', () => {
  const ring = createRing({ ...limits, queueBytes: 1e9 }, 0)
  ring.keepFrom(1)
  for (let seq = 1; seq <= 5_000; seq++) ring.push(recordOf(seq, 1))
  const found = [1, 1023, 1024, 1025, 2049, 5000].map((seq) => ring.get(seq)?.seq)
  expect([found, ring.get(0), ring.get(5001)]).toEqual([[1, 1023, 1024, 1025, 2049, 5000], undefined, undefined])
})

test('the newest record is kept whatever its size', () => {
  const ring = createRing(limits, 0)
  ring.push(recordOf(1, 10))
  ring.push(recordOf(2, 1_000_000))
  expect([ring.oldestSeq, ring.newestSeq]).toEqual([2, 2])
})

test('a read takes what fits, but always one', () => {
  const ring = createRing(limits, 0)
  for (let seq = 1; seq <= 4; seq++) ring.push(recordOf(seq, 100))
  const counts = [0, 100, 250, 400, 1000].map((maxBytes) => ring.collect(1, 4, maxBytes).length)
  expect(counts).toEqual([1, 1, 2, 4, 4])
})
