import { openEventLog } from '@tabscope/log'
import { createManualClock, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import type { Selection } from './selection.ts'
import { type Batch, createSharedFrames } from './shared-frames.ts'
import { consoleDraft, lines, targetDraft } from './testing/drafts.ts'
import { idsOf } from './testing/raw-stream.ts'

const everything: Selection = { filter: {}, untilTypes: undefined }

const enough = (): number => limits.streamSharedBytes

async function logWith(count: number, padding = '') {
  const log = await openEventLog({ clock: createManualClock(), limits: { ringRecords: 1000, ringBytes: 2 ** 30 } })
  for (const draft of lines(count, 1, padding)) log.append(draft, 'capture')
  return log
}

function idsIn(batch: Batch | 'nothing' | 'gone'): readonly number[] | string {
  return typeof batch === 'string' ? batch : idsOf(batch.frames.toString().split('\n\n'))
}

test('clients at the same cursor get the very same bytes', async () => {
  const frames = createSharedFrames(await logWith(5), everything, enough)
  const [one, other] = [frames.after(2), frames.after(2)]
  expect([idsIn(one), one === other]).toEqual([[3, 4, 5], true])
})

test('a client inside a batch of others gets the rest of it, and is together with them afterwards', async () => {
  const log = await logWith(5)
  const frames = createSharedFrames(log, everything, enough)
  frames.after(0)
  for (const draft of lines(3)) log.append(draft, 'capture')
  const [rest, next, others] = [frames.after(2), frames.after(5), frames.after(5)]
  expect([idsIn(rest), idsIn(next), next === others]).toEqual([[3, 4, 5], [6, 7, 8], true])
})

test('a client that has everything gets nothing, one that is too far behind is told so', async () => {
  const frames = createSharedFrames(await logWith(1200), everything, enough)
  expect([frames.after(1200), frames.after(100), idsIn(frames.after(1199))]).toEqual(['nothing', 'gone', [1200]])
})

test('a batch holds one write at most, and the next goes on behind it', async () => {
  const frames = createSharedFrames(await logWith(100, 'x'.repeat(10_000)), everything, enough)
  const ids: number[] = []
  for (let batch = frames.after(0); typeof batch !== 'string'; batch = frames.after(batch.to)) {
    expect(batch.frames.length).toBeLessThan(limits.streamWriteBytes * 1.1)
    ids.push(...idsOf(batch.frames.toString().split('\n\n')))
  }
  expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
})

test('without room to keep them, batches are the same but not shared', async () => {
  const frames = createSharedFrames(await logWith(5), everything, () => 0)
  const [one, other] = [frames.after(2), frames.after(2)]
  expect([one === other, one]).toEqual([false, other])
})

test('what was skipped moves the end of a batch, not its last id', async () => {
  const log = await logWith(2)
  for (const draft of [targetDraft('page_load', 'page', 'tab'), consoleDraft('skipped')]) log.append(draft, 'capture')
  const batch = createSharedFrames(log, { filter: { categories: new Set(['page']) }, untilTypes: undefined }, enough).after(0)
  expect(batch).toMatchObject({ from: 0, to: 4, lastId: 3, ends: false })
})

test('a batch ends with the awaited event', async () => {
  const log = await logWith(2)
  for (const draft of [targetDraft('page_load', 'page', 'tab'), consoleDraft('too late')]) log.append(draft, 'capture')
  const batch = createSharedFrames(log, { filter: {}, untilTypes: new Set(['page_load']) }, enough).after(0)
  expect(batch).toMatchObject({ to: 3, lastId: 3, ends: true })
})
