import { expect, test } from 'vitest'
import { followStream } from './follow-stream.ts'
import { frame, openStream, startScriptedServer } from './testing/scripted-server.ts'
import { takeSeqs, watch } from './testing/watch.ts'

test('after a clean end it connects again behind the last event, and says so', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).end(frame(1) + frame(2)),
    (response) => openStream(response).write(frame(3)),
  ])
  const { options, changes } = watch(server)
  expect(await takeSeqs(options, 3)).toEqual([1, 2, 3])
  expect(server.asked).toEqual([
    { query: { gaps: 'event' }, lastEventId: undefined },
    { query: { gaps: 'event' }, lastEventId: '2' },
  ])
  expect(changes).toEqual([{ at: 'live' }, { at: 'lost', reason: 'the server ended the stream', retryInMs: 250 }, { at: 'live' }])
})

test('a connection that breaks within a frame loses that frame only until the next connection', async () => {
  await using server = await startScriptedServer([
    (response) => {
      openStream(response).write(frame(1) + frame(2).slice(0, 20), () => response.destroy())
    },
    (response) => openStream(response).write(frame(2)),
  ])
  expect(await takeSeqs(watch(server).options, 2)).toEqual([1, 2])
  expect(server.asked.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '1'])
})

test('a server that repeats what was read is not believed twice', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).end(frame(1) + frame(2) + frame(2)),
    (response) => openStream(response).write(frame(1) + frame(2) + frame(3)),
  ])
  expect(await takeSeqs(watch(server).options, 3)).toEqual([1, 2, 3])
})

test('replay is asked for until the first event came, then the cursor counts', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).end(),
    (response) => openStream(response).end(frame(5)),
    (response) => openStream(response).write(frame(6)),
  ])
  expect(await takeSeqs(watch(server, { replay: 'all' }).options, 2)).toEqual([5, 6])
  expect(server.asked).toEqual([
    { query: { gaps: 'event', replay: 'all' }, lastEventId: undefined },
    { query: { gaps: 'event', replay: 'all' }, lastEventId: undefined },
    { query: { gaps: 'event' }, lastEventId: '5' },
  ])
})

test('an id without an event moves the cursor', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).end('id: 40\n\n'),
    (response) => openStream(response).write(frame(41)),
  ])
  expect(await takeSeqs(watch(server, { lastEventId: 7 }).options, 1)).toEqual([41])
  expect(server.asked.map(({ lastEventId }) => lastEventId)).toEqual(['7', '40'])
})

test('a gap is reported, and reading goes on behind it', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).end('event: gap\ndata: {"from":8,"to":99,"reason":"evicted"}\n\n'),
    (response) => openStream(response).write(frame(100)),
  ])
  const { options, gaps } = watch(server, { lastEventId: 7 })
  expect(await takeSeqs(options, 1)).toEqual([100])
  expect(gaps).toEqual([{ from: 8, to: 99, reason: 'evicted' }])
  expect(server.asked.map(({ lastEventId }) => lastEventId)).toEqual(['7', '99'])
})

test('a cursor ahead of the server, which began anew, starts over with its lower numbers', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).write(`event: gap\ndata: {"from":5001,"reason":"ahead"}\n\n${frame(1)}${frame(2)}`),
  ])
  const { options, gaps } = watch(server, { lastEventId: 5000 })
  expect(await takeSeqs(options, 2)).toEqual([1, 2])
  expect(gaps).toEqual([{ from: 5001, reason: 'ahead' }])
})

test('filters go into the query, beside what the address already says', async () => {
  await using server = await startScriptedServer([(response) => openStream(response).write(frame(1))])
  const filters = {
    category: ['console', 'page'],
    type: ['page_load'],
    sourceKind: ['cdp'],
    targetId: ['T'],
    detailLevel: 'standard',
    untilType: ['x'],
  }
  await takeSeqs({ ...watch(server).options, url: `${server.url}?jwt=abc`, filters }, 1)
  expect(server.asked.map(({ query }) => query)).toEqual([
    {
      jwt: 'abc',
      category: 'page',
      type: 'page_load',
      source_kind: 'cdp',
      target_id: 'T',
      detail_level: 'standard',
      until_type: 'x',
      gaps: 'event',
    },
  ])
})

test('after the first event of an until type it is over, without another connection', async () => {
  await using server = await startScriptedServer([(response) => openStream(response).end(frame(1) + frame(2, 'page_load'))])
  const seqs: number[] = []
  for await (const { seq } of followStream({ ...watch(server).options, filters: { untilType: ['page_load'] } })) seqs.push(seq)
  expect(seqs).toEqual([1, 2])
  expect(server.asked.length).toBe(1)
})

test.each([
  ['read', frame(2) + frame(3) + frame(4), [2, 3]],
  ['skipped', `${frame(2)}id: 5\n\n${frame(6)}`, [2]],
  ['found to be gone', `${frame(2)}event: gap\ndata: {"from":3,"to":9,"reason":"evicted"}\n\n${frame(10)}`, [2]],
])('with an end in sight it is over when the last seq was %s', async (_how, stream, expected) => {
  await using server = await startScriptedServer([(response) => openStream(response).write(stream)])
  const seqs: number[] = []
  for await (const { seq } of followStream({ ...watch(server).options, untilSeq: 3 })) seqs.push(seq)
  expect(seqs).toEqual(expected)
  expect(server.asked.length).toBe(1)
})
