// The log in memory alone: numbers, times, envelope, live reading.
import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { openEventLog } from './event-log.ts'
import { consoleDraft, envelopeOf, foreignDraft, readAll, sessionId } from './testing/drafts.ts'

test('an admitted event becomes one envelope with the next number, its time and its capture session', async () => {
  const clock = createManualClock(1_789_000_000_000_000)
  await using log = await openEventLog({ clock })
  log.append(foreignDraft('backup_started'), sessionId)
  clock.advance(1)
  const record = log.append(consoleDraft('hello'), sessionId)
  expect({ ...record, bytes: undefined }).toEqual({
    seq: 2,
    tsUs: 1_789_000_000_001_000,
    type: 'console_log',
    category: 'console',
    sourceKind: 'cdp',
    targetId: 'TAB1',
    detailLevel: 'standard',
    bytes: undefined,
  })
  expect(Buffer.from(record.bytes).toString('utf8')).toBe(
    JSON.stringify({
      seq: 2,
      capture_session_id: sessionId,
      event: {
        ts: 1_789_000_000_001_000,
        type: 'console_log',
        category: 'console',
        detail_level: 'standard',
        source: consoleDraft('').source,
        data: { target_id: 'TAB1', target_type: 'page', level: 'log', text: 'hello' },
      },
    }),
  )
})

test('times never go back along the numbers, also when the wall clock does', async () => {
  let nowUs = 2_000
  await using log = await openEventLog({ clock: { ...createManualClock(), wallUs: () => nowUs } })
  const first = log.append(consoleDraft('a'), sessionId)
  nowUs = 1_000
  const second = log.append(consoleDraft('b'), sessionId)
  expect([first.tsUs, second.tsUs]).toEqual([2_000, 2_000])
})

test('hostile text becomes valid UTF-8 JSON on one line', async () => {
  await using log = await openEventLog({ clock: createManualClock() })
  const text = 'line\nfeed \u2028 quote " backslash \\ nul \0 lone \ud800 smile \u{1f600} bom \ufeff'
  const record = log.append(consoleDraft(text), sessionId)
  const line = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(record.bytes)
  expect({ lines: line.split('\n').length, data: JSON.parse(line).event.data.text }).toEqual({
    lines: 1,
    // Half a pair of surrogates is no character.
    data: text.replace('\ud800', '\ufffd'),
  })
})

test('hostile names are quoted', async () => {
  await using log = await openEventLog({ clock: createManualClock() })
  const type = 'a","seq":7,"b":"\n'
  const record = log.append(foreignDraft(type, { key: 1 }), sessionId)
  expect(envelopeOf(record)).toEqual({
    seq: 1,
    capture_session_id: sessionId,
    event: { ts: record.tsUs, type, category: 'system', detail_level: 'minimal', source: { kind: 'local_process' }, data: { key: 1 } },
  })
})

test('live reading gives what the ring holds, and says so when it no longer reaches back', async () => {
  await using log = await openEventLog({ clock: createManualClock(), limits: { ringRecords: 3 } })
  for (let count = 0; count < 5; count++) log.append(consoleDraft('x'), sessionId)
  expect({
    oldest: log.oldestSeq,
    behind: log.readLive(1, 1e6),
    reachable: log.readLive(2, 1e6)?.map((record) => record.seq),
    oneAtLeast: log.readLive(2, 1)?.map((record) => record.seq),
    caughtUp: log.readLive(5, 1e6),
  }).toEqual({ oldest: 3, behind: undefined, reachable: [3, 4, 5], oneAtLeast: [3], caughtUp: [] })
})

test('a listener is called once per turn however many records were appended', async () => {
  await using log = await openEventLog({ clock: createManualClock() })
  let calls = 0
  const woken = new Promise<void>((resolve) => {
    log.onAppend(() => {
      calls++
      resolve()
    })
  })
  for (let count = 0; count < 100; count++) log.append(consoleDraft('x'), sessionId)
  expect(calls).toBe(0)
  await woken
  expect(calls).toBe(1)
})

test('a reader from now, from the oldest and from a number get what comes after', async () => {
  await using log = await openEventLog({ clock: createManualClock() })
  for (let count = 0; count < 3; count++) log.append(consoleDraft('x'), sessionId)
  await using now = log.reader({ from: { at: 'now' } })
  await using oldest = log.reader({ from: { at: 'oldest' } })
  await using after = log.reader({ from: { at: 'after', seq: 2 } })
  log.append(consoleDraft('x'), sessionId)
  expect([await readAll(now), await readAll(oldest), await readAll(after)]).toEqual([[4], [1, 2, 3, 4], [3, 4]])
})

test('a reader behind the oldest record gets one gap, then the oldest record', async () => {
  await using log = await openEventLog({ clock: createManualClock(), limits: { ringRecords: 2 } })
  await using slow = log.reader({ from: { at: 'now' } })
  for (let count = 0; count < 5; count++) log.append(consoleDraft('x'), sessionId)
  await using late = log.reader({ from: { at: 'after', seq: 1 } })
  expect([await readAll(slow), await readAll(late), log.droppedEvents]).toEqual([['gap 1..3 slow', 4, 5], ['gap 2..3 evicted', 4, 5], 3])
})

test('a cursor above every number begins now, after a gap that says so', async () => {
  await using log = await openEventLog({ clock: createManualClock() })
  log.append(consoleDraft('x'), sessionId)
  await using reader = log.reader({ from: { at: 'after', seq: 9 } })
  log.append(consoleDraft('x'), sessionId)
  expect(await readAll(reader)).toEqual(['gap 10.. ahead', 2])
})

test('a filtered reader moves its cursor past what it leaves out', async () => {
  await using log = await openEventLog({ clock: createManualClock() })
  await using reader = log.reader({ from: { at: 'oldest' }, filter: { targetIds: new Set(['TAB2']) } })
  for (const target of ['TAB1', 'TAB2', 'TAB1', 'TAB1']) log.append(consoleDraft('x', target), sessionId)
  const result = await reader.read(1e6)
  expect([result.at === 'records' && result.records.map((record) => record.seq), result.cursor]).toEqual([[2], 4])
})

test('waiting ends with the next record, with the signal, and with the log', async () => {
  const log = await openEventLog({ clock: createManualClock() })
  const controller = new AbortController()
  await using reader = log.reader({ from: { at: 'now' } })
  await using aborted = log.reader({ from: { at: 'now' }, signal: controller.signal })
  const woken = reader.wait()
  const rejected = aborted.wait()
  controller.abort(new Error('client left'))
  await expect(rejected).rejects.toThrow('client left')
  log.append(consoleDraft('x'), sessionId)
  await woken
  await readAll(reader)
  const closed = reader.wait()
  await log.close()
  await expect(closed).rejects.toMatchObject({ code: 'log_closed' })
})

test('a reader of durable records in a log without a disk is woken by what is appended', async () => {
  await using log = await openEventLog({ clock: createManualClock() })
  await using reader = log.reader({ from: { at: 'oldest' }, durableOnly: true })
  const waiting = reader.wait()
  log.append(consoleDraft('one'), sessionId)
  await waiting
  expect(await readAll(reader)).toEqual([1])
})

test('a closed log refuses events: their numbers would come again', async () => {
  const log = await openEventLog({ clock: createManualClock() })
  await log.close()
  await log.close()
  expect(() => log.append(consoleDraft('x'), sessionId)).toThrow('log is closed')
})
