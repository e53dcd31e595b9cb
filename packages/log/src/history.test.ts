// Pages of the past: order, filters, times, and pages that fit together without a hole or a repetition.
import { expect, test } from 'vitest'
import type { EventLog } from './event-log.ts'
import { type HistoryOptions, readHistory } from './history.ts'
import { consoleDraft, sessionId } from './testing/drafts.ts'
import { createWorld, fill } from './testing/world.ts'

const { signal } = new AbortController()

async function pages(log: EventLog, options: Partial<HistoryOptions>): Promise<number[][]> {
  const found: number[][] = []
  let offset: number | undefined
  do {
    const page = await readHistory(log, { limit: 3, order: 'asc', signal, ...options, offset })
    found.push(page.records.map((record) => record.seq))
    offset = page.nextOffset
  } while (offset !== undefined)
  return found
}

/** Twelve records one second apart in several segments and batches, every third of TAB2. */
async function prepare(): Promise<EventLog> {
  const world = createWorld()
  const log = await world.open({ limits: { segmentBytes: 1_500 } })
  for (let count = 1; count <= 12; count++) {
    log.append(consoleDraft('x', count % 3 === 0 ? 'TAB2' : 'TAB1'), sessionId)
    if (count % 2 === 0) await log.flush()
    world.clock.advance(1_000)
  }
  return log
}

test.each([
  [
    'asc',
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
      [10, 11, 12],
    ],
  ],
  [
    'desc',
    [
      [12, 11, 10],
      [9, 8, 7],
      [6, 5, 4],
      [3, 2, 1],
    ],
  ],
] as const)('pages in order %s hold each record once, and the last one says that it is the last', async (order, expected) => {
  await using log = await prepare()
  expect(await pages(log, { order })).toEqual(expected)
})

test('a filter is applied before the page is cut', async () => {
  await using log = await prepare()
  expect([
    await pages(log, { filter: { targetIds: new Set(['TAB2']) } }),
    await pages(log, { filter: { types: new Set(['none']) } }),
  ]).toEqual([[[3, 6, 9], [12]], [[]]])
})

test('since counts, until does not', async () => {
  await using log = await prepare()
  const startUs = 1_700_000_000_000_000
  const window = { sinceUs: startUs + 3_000_000, untilUs: startUs + 8_000_000 }
  expect([await pages(log, window), await pages(log, { ...window, order: 'desc' })]).toEqual([
    [
      [4, 5, 6],
      [7, 8],
    ],
    [
      [8, 7, 6],
      [5, 4],
    ],
  ])
})

test('what is not durable is not history', async () => {
  await using log = await prepare()
  log.append(consoleDraft('x'), sessionId)
  expect((await readHistory(log, { limit: 1, order: 'desc', signal })).records.map((record) => record.seq)).toEqual([12])
})

test('a page larger than everything has no next page', async () => {
  await using log = await prepare()
  const page = await readHistory(log, { limit: 1000, order: 'asc', signal })
  expect([page.records.length, 'nextOffset' in page]).toEqual([12, false])
})

test('a log without a disk has no history', async () => {
  const world = createWorld()
  const { openEventLog } = await import('./event-log.ts')
  await using log = await openEventLog({ clock: world.clock })
  log.append(consoleDraft('x'), sessionId)
  expect(await readHistory(log, { limit: 1, order: 'asc', signal })).toEqual({ records: [] })
})

test('a reader that goes away ends the search with its reason', async () => {
  await using log = await prepare()
  await expect(readHistory(log, { limit: 1, order: 'asc', signal: AbortSignal.abort(new Error('client left')) })).rejects.toThrow(
    'client left',
  )
})

test('history of an earlier run is there, found by its index', async () => {
  const world = createWorld()
  const log = await world.open({ limits: { segmentBytes: 1_500 } })
  await fill(log, 9, 3)
  await log.close()
  await using again = await world.open()
  expect(await pages(again, { order: 'desc', limit: 5 })).toEqual([
    [9, 8, 7, 6, 5],
    [4, 3, 2, 1],
  ])
})
