import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Gap } from '@tabscope/schema'
import { createManualClock, type ManualClock } from '@tabscope/schema/clock'
import { expect, test } from 'vitest'
import { type ConnectionChange, type FollowOptions, followStream } from './resume.ts'
import { frame, openStream, type ScriptedServer, startScriptedServer } from './testing/scripted-server.ts'

interface Watched {
  readonly gaps: Gap[]
  readonly changes: ConnectionChange[]
  readonly clock: ManualClock
  readonly options: FollowOptions
}

/** Options for a follower whose back-off is over as soon as it begins. */
function watch(server: ScriptedServer, more: Partial<FollowOptions> = {}): Watched {
  const clock = createManualClock()
  const gaps: Gap[] = []
  const changes: ConnectionChange[] = []
  const options: FollowOptions = {
    url: server.url,
    clock,
    random: () => 1,
    onGap: (gap) => gaps.push(gap),
    onConnection: (change) => {
      changes.push(change)
      // The wait is set in the same turn, after this call.
      if (change.at === 'lost') setImmediate(() => clock.advance(change.retryInMs))
    },
    ...more,
  }
  return { gaps, changes, clock, options }
}

async function takeSeqs(options: FollowOptions, count: number): Promise<number[]> {
  const seqs: number[] = []
  for await (const { seq } of followStream(options)) {
    seqs.push(seq)
    if (seqs.length === count) break
  }
  return seqs
}

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

test('a silent connection is given up after 45 s, and the next one goes on', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).write(frame(1)),
    (response) => openStream(response).write(frame(2)),
  ])
  const { options, clock, changes } = watch(server)
  const events = followStream(options)
  expect((await events.next()).value?.seq).toBe(1)
  const next = events.next()
  // Its wait for the next byte begins in a later turn.
  while (clock.pendingTimers() === 0) await new Promise(setImmediate)
  clock.advance(44_000)
  expect(changes.length).toBe(1)
  clock.advance(1_000)
  expect((await next).value?.seq).toBe(2)
  expect(changes[1]).toEqual({ at: 'lost', reason: 'nothing was heard for 45000 ms', retryInMs: 250 })
  await events.return()
})

test('the wait doubles up to 5 s while nothing is heard, and begins again after something was', async () => {
  const end = (response: Parameters<typeof openStream>[0]) => openStream(response).end()
  await using server = await startScriptedServer([
    ...Array.from({ length: 7 }, () => end),
    (response) => openStream(response).end(frame(1)),
    (response) => openStream(response).write(frame(2)),
  ])
  const { options, changes } = watch(server)
  expect(await takeSeqs(options, 2)).toEqual([1, 2])
  const waits = changes.flatMap((change) => (change.at === 'lost' ? [change.retryInMs] : []))
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 250])
})

test('up to half of a wait is left out at random', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).end(),
    (response) => openStream(response).write(frame(1)),
  ])
  const { options, changes } = watch(server, { random: () => 0 })
  await takeSeqs(options, 1)
  expect(changes[1]).toMatchObject({ at: 'lost', retryInMs: 125 })
})

test('a busy server is asked again, a refusal is final and keeps its code', async () => {
  const problem = (status: number, code: string) => (response: Parameters<typeof openStream>[0]) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message: `about ${code}` }))
  }
  await using server = await startScriptedServer([
    (response) => openStream(response).end(frame(1)),
    problem(503, 'too_many_streams'),
    problem(404, 'browser_gone'),
  ])
  const { options, changes } = watch(server)
  const events = followStream(options)
  expect((await events.next()).value?.seq).toBe(1)
  await expect(events.next()).rejects.toMatchObject({
    name: 'StreamError',
    code: 'browser_gone',
    status: 404,
    message: 'about browser_gone',
  })
  expect(changes.flatMap((change) => (change.at === 'lost' ? [change.reason] : []))).toEqual([
    'the server ended the stream',
    'about too_many_streams',
  ])
})

test('an answer that is no stream is refused by name', async () => {
  await using server = await startScriptedServer([
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello</p>'),
  ])
  await expect(followStream(watch(server).options).next()).rejects.toMatchObject({
    code: 'not_a_stream',
    message: `${server.url} answered with text/html, not with an event stream. Is the address right?`,
  })
})

test('when nothing listens at the address the error says where', async () => {
  const server = await startScriptedServer([])
  await server[Symbol.asyncDispose]()
  await expect(followStream(watch(server).options).next()).rejects.toMatchObject({
    code: 'connect_failed',
    message: expect.stringMatching(
      /^No connection to http:\/\/127\.0\.0\.1:\d+: fetch failed: connect ECONNREFUSED .*\. Is the server running there\?$/,
    ),
  })
})

test('without reconnecting, a clean end is the end, and a broken connection is an error', async () => {
  await using server = await startScriptedServer([
    (response) => openStream(response).end(frame(1)),
    (response) => openStream(response).write(frame(2), () => response.destroy()),
  ])
  const options = { ...watch(server).options, reconnect: false }
  const seqs: number[] = []
  for await (const { seq } of followStream(options)) seqs.push(seq)
  expect(seqs).toEqual([1])
  const broken = followStream(options)
  expect((await broken.next()).value?.seq).toBe(2)
  await expect(broken.next()).rejects.toMatchObject({ code: 'connection_lost' })
})

test('a frame that is no envelope ends the iteration instead of being skipped in silence', async () => {
  await using server = await startScriptedServer([(response) => openStream(response).write('data: {"hello":1}\n\n')])
  await expect(followStream(watch(server).options).next()).rejects.toMatchObject({ code: 'malformed_frame' })
})

test('an abort ends a waiting iteration with its reason, closes the connection and leaves no timer', async () => {
  let closed: Promise<unknown> | undefined
  await using server = await startScriptedServer([
    (response, request) => {
      closed = new Promise((resolve) => request.once('close', resolve))
      openStream(response).write(frame(1))
    },
  ])
  const stop = new AbortController()
  const { options, clock } = watch(server, { signal: stop.signal })
  const events = followStream(options)
  await events.next()
  const next = events.next()
  stop.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
  await closed
  expect(clock.pendingTimers()).toBe(0)
})

test('leaving the loop closes the connection', async () => {
  let closed: Promise<unknown> | undefined
  await using server = await startScriptedServer([
    (response, request) => {
      closed = new Promise((resolve) => request.once('close', resolve))
      openStream(response).write(frame(1))
    },
  ])
  const { options, clock } = watch(server)
  expect(await takeSeqs(options, 1)).toEqual([1])
  await closed
  expect(clock.pendingTimers()).toBe(0)
})

test('a program that only waits for the next connection stays alive until it comes', async () => {
  const program = `
    import { followStream } from '@tabscope/sdk'
    for await (const { seq } of followStream({ url: process.argv[1], filters: { untilType: ['page_load'] } })) console.log(seq)`
  await using server = await startScriptedServer([
    (response) => openStream(response).end(frame(1)),
    (response) => response.destroy(),
    (response) => openStream(response).end(frame(2, 'page_load')),
  ])
  const args = ['--conditions=tabscope-source', '--import', 'tsx', '--input-type=module', '--eval', program, server.url]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 30_000 })
  expect(stdout).toBe('1\n2\n')
})
