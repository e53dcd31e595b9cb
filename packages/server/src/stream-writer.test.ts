import { EventEmitter } from 'node:events'
import { openEventLog } from '@tabscope/log'
import { type Cursor, createManualClock, type EventRecord } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StreamResponse } from './paced-response.ts'
import type { Selection } from './selection.ts'
import { createStreams } from './streams.ts'
import { consoleDraft, lines, targetDraft } from './testing/drafts.ts'
import { idsOf } from './testing/raw-stream.ts'

/** A connection whose client takes a write when the test says so. */
interface HeldConnection {
  readonly response: StreamResponse
  readonly text: () => string
  /** Writes that the client has not taken. */
  readonly pending: () => number
  /** The client takes what is pending, and says so. */
  take(): void
  readonly isEnded: () => boolean
}

/** `hangs`: what is written at its end is never taken. */
function heldConnection(client: 'takes at once' | 'waits' | 'hangs'): HeldConnection {
  const takesAtOnce = client === 'takes at once'
  const events = new EventEmitter()
  const written: string[] = []
  let pending = 0
  let isEnded = false
  const put = (bytes: Uint8Array | undefined): void => {
    if (bytes === undefined) return
    written.push(Buffer.from(bytes).toString())
    if (!takesAtOnce) pending += 1
  }
  const response = Object.assign(events, {
    socket: null,
    write: (bytes: Uint8Array) => {
      put(bytes)
      return takesAtOnce
    },
    end: (bytes?: Uint8Array) => {
      put(bytes)
      isEnded = true
      if (client !== 'hangs') queueMicrotask(() => events.emit('close'))
    },
    destroy: () => events.emit('close'),
  }) as unknown as StreamResponse
  return {
    response,
    text: () => written.join(''),
    pending: () => pending,
    take: () => {
      if (pending === 0) return
      pending = 0
      events.emit('drain')
    },
    isEnded: () => isEnded,
  }
}

const everything: Selection = { filter: {}, untilTypes: undefined }
const now: Cursor = { at: 'now' }

async function bench(ringRecords: number) {
  const clock = createManualClock()
  const log = await openEventLog({ clock, limits: { ringRecords } })
  const troubles: unknown[] = []
  const streams = createStreams({ log, clock, mostStreams: undefined, onTrouble: (cause) => troubles.push(cause) })
  return { clock, log, streams, troubles }
}

/** One turn of the event loop and everything that it wakes. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

test('a client that takes nothing has one write waiting, however much is published (promise 26)', async () => {
  const { log, streams } = await bench(100)
  const slow = heldConnection('waits')
  const fast = heldConnection('takes at once')
  for (const { response } of [slow, fast]) streams.open(response, { selection: everything, from: now, gapStyle: 'comment' })
  for (let count = 0; count < 50; count++) {
    for (const draft of lines(10)) log.append(draft, 'capture')
    await turn()
  }
  expect([slow.pending(), idsOf(slow.text().split('\n\n')).length, idsOf(fast.text().split('\n\n')).length]).toEqual([1, 10, 500])
})

test('what is published in one turn goes out in one write (promise 25)', async () => {
  const { log, streams } = await bench(100)
  const { response, pending, text } = heldConnection('waits')
  streams.open(response, { selection: everything, from: now, gapStyle: 'comment' })
  for (const draft of lines(25)) log.append(draft, 'capture')
  await turn()
  expect([pending(), idsOf(text().split('\n\n')).length]).toEqual([1, 25])
})

test('a client that hangs in the middle of its last write is cut in the end (promise 28)', async () => {
  const { clock, log, streams } = await bench(100)
  const { response } = heldConnection('hangs')
  streams.open(response, { selection: { filter: {}, untilTypes: new Set(['console_log']) }, from: now, gapStyle: 'comment' })
  for (const draft of lines(1)) log.append(draft, 'capture')
  await turn()
  const before = streams.count
  clock.advance(40_000)
  expect([before, streams.count, streams.endings.stalled]).toEqual([1, 0, 1])
})

interface Plan {
  readonly ringRecords: number
  readonly from: number
  readonly filtered: boolean
  readonly steps: readonly (number | 'take')[]
}

const plans: fc.Arbitrary<Plan> = fc.record({
  ringRecords: fc.integer({ min: 2, max: 60 }),
  from: fc.integer({ min: 0, max: 40 }),
  filtered: fc.boolean(),
  steps: fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant<'take'>('take')), { maxLength: 25 }),
})

/** Every number that a stream accounts for, in order: its events, and the numbers that its gaps name. */
function accountedFor(text: string, wanted: ReadonlySet<number>): readonly number[] {
  return text.split('\n\n').flatMap((block) => {
    const gap = /^: gap from=(\d+) to=(\d+)/.exec(block)
    if (gap === null) return idsOf([block])
    const from = Number(gap[1])
    return Array.from({ length: Number(gap[2]) - from + 1 }, (_, index) => from + index).filter((seq) => wanted.has(seq))
  })
}

test('whatever a client takes and whenever, it gets every wanted event once and in order, or a gap that names it (promise 14)', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ ringRecords, from, filtered, steps }) => {
      const { log, streams, troubles } = await bench(ringRecords)
      const records: EventRecord[] = []
      const publish = (count: number): void => {
        for (let index = 0; index < count; index++) {
          const isPage = records.length % 3 === 0
          const draft = isPage ? targetDraft('page_load', 'page', 'tab') : consoleDraft('line')
          records.push(log.append(draft, 'capture'))
        }
      }
      publish(40)
      const held = heldConnection('waits')
      const selection: Selection = { filter: filtered ? { types: new Set(['page_load']) } : {}, untilTypes: undefined }
      const cursor: Cursor = from === 0 ? { at: 'after', seq: 1 } : { at: 'after', seq: from }
      // One that keeps up shares its batches with the slow one, whose cursor is seldom at the beginning of one.
      streams.open(heldConnection('takes at once').response, { selection, from: now, gapStyle: 'comment' })
      streams.open(held.response, { selection, from: cursor, gapStyle: 'comment' })
      for (const step of steps) {
        if (step === 'take') held.take()
        else publish(step)
        await turn()
        expect(held.pending()).toBeLessThanOrEqual(1)
      }
      const ending = streams.end()
      while (!held.isEnded()) {
        held.take()
        await turn()
      }
      await ending
      const wanted = records.filter((record) => record.seq > cursor.seq && (!filtered || record.type === 'page_load')).map(({ seq }) => seq)
      const withoutLast = held.text().replace(/id: \d+\n\n$/, '')
      expect([accountedFor(withoutLast, new Set(wanted)), troubles]).toEqual([wanted, []])
    }),
    { numRuns: 150 },
  )
})
