import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { followStream } from './follow-stream.ts'
import { frame, openStream, startScriptedServer } from './testing/scripted-server.ts'
import { takeSeqs, watch } from './testing/watch.ts'

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
    name: 'NotFoundError',
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

test('a server that takes connections and says nothing is given up after 30 s', async () => {
  await using server = await startScriptedServer([() => {}])
  const { options, clock } = watch(server)
  const next = followStream(options).next()
  while (server.asked.length === 0) await new Promise(setImmediate)
  clock.advance(30_000)
  await expect(next).rejects.toMatchObject({ name: 'APIConnectionTimeoutError', code: 'timeout' })
  expect(clock.pendingTimers()).toBe(0)
})

test('an abort reaches a stream also after a garbage collection', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  let closed: Promise<unknown> | undefined
  await using server = await startScriptedServer([
    (response, request) => {
      closed = new Promise((resolve) => request.once('close', resolve))
      openStream(response).write(frame(1))
    },
  ])
  const stop = new AbortController()
  const events = followStream(watch(server, { signal: stop.signal }).options)
  await events.next()
  const next = events.next()
  // What is only weakly held goes in a later turn than that in which it was let go.
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise(setImmediate)
    collect()
  }
  stop.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
  await closed
})
