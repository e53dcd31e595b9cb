// The live stream of a browser and waiting for one of its events, through the client, on real sockets.
import { expect, test } from 'vitest'
import { startPlanes } from './testing/planes.ts'
import { type Reply, replyJson, replyProblem } from './testing/recording-server.ts'
import { frame, openStream } from './testing/scripted-server.ts'

/** A control plane whose streams are answered one by one; the last answer is repeated. */
function streams(...answers: Reply[]): Reply {
  let index = 0
  return (response, request) => {
    if (!request.path.endsWith('/telemetry/stream')) return replyJson(response, {})
    answers[Math.min(index++, answers.length - 1)]?.(response, request)
  }
}

const gone: Reply = (response) => replyProblem(response, 404, 'browser_gone')

test('awaited, a stream is open: what happens afterwards is in it', async () => {
  let write: ((text: string) => void) | undefined
  await using planes = await startPlanes({
    onControl: streams((response) => {
      openStream(response)
      write = (text) => response.end(text)
    }, gone),
  })
  const stream = await planes.client.browsers.telemetry.stream('b1')
  write?.(frame(5))
  const seqs: number[] = []
  for await (const { seq } of stream) seqs.push(seq)
  expect(seqs).toEqual([5])
})

test('a stream that ended cleanly and is not there any more is complete: the browser was deleted', async () => {
  await using planes = await startPlanes({ onControl: streams((response) => openStream(response).end(frame(1) + frame(2)), gone) })
  const seqs: number[] = []
  for await (const { seq } of planes.client.browsers.telemetry.stream('b1')) seqs.push(seq)
  expect(seqs).toEqual([1, 2])
})

test('a stream that broke off before the browser was gone says so: there may have been more', async () => {
  await using planes = await startPlanes({
    onControl: streams((response) => openStream(response).write(frame(1), () => response.destroy()), gone),
  })
  const iteration = planes.client.browsers.telemetry.stream('b1')[Symbol.asyncIterator]()
  expect((await iteration.next()).value?.seq).toBe(1)
  await expect(iteration.next()).rejects.toMatchObject({ name: 'NotFoundError', code: 'browser_gone' })
})

test('a stream of a browser that is not there rejects, awaited and iterated alike', async () => {
  await using planes = await startPlanes({ onControl: streams((response) => replyProblem(response, 404, 'not_found')) })
  await expect(planes.client.browsers.telemetry.stream('b1')).rejects.toMatchObject({ name: 'NotFoundError', code: 'not_found' })
  const iterated = (async () => {
    for await (const _ of planes.client.browsers.telemetry.stream('b1'));
  })()
  await expect(iterated).rejects.toMatchObject({ name: 'NotFoundError', code: 'not_found' })
})

test('a wrong filter is refused once, with the words of the server', async () => {
  await using planes = await startPlanes({ onControl: streams((response) => replyProblem(response, 400, 'unknown_category')) })
  await expect(planes.client.browsers.telemetry.stream('b1', { category: ['konsole'] })).rejects.toMatchObject({
    name: 'BadRequestError',
    code: 'unknown_category',
  })
  expect(planes.control.lines).toHaveLength(1)
})

test('the spelling of the published clients for where to begin works too', async () => {
  await using planes = await startPlanes({ onControl: streams((response) => openStream(response)) })
  for (const id of ['41', 42]) await (await planes.client.browsers.telemetry.stream('b1', { 'Last-Event-ID': id })).close()
  await (await planes.client.browsers.telemetry.stream('b1', { replay: 'all' })).close()
  expect(planes.control.asked.map(({ query, headers }) => [query, headers['last-event-id']])).toEqual([
    [{ gaps: 'event' }, '41'],
    [{ gaps: 'event' }, '42'],
    [{ gaps: 'event', replay: 'all' }, undefined],
  ])
})

/** A stream that stays open, and the promise of its end. */
function openUntilClosed(): { reply: Reply; closed: Promise<unknown> } {
  let onClose: (value: unknown) => void = () => {}
  const closed = new Promise((resolve) => {
    onClose = resolve
  })
  return {
    closed,
    reply: (response) => {
      response.once('close', onClose)
      openStream(response).write(frame(1))
    },
  }
}

test('closing a stream ends the loop that waits for its next event, and its connection', async () => {
  const { reply, closed } = openUntilClosed()
  await using planes = await startPlanes({ onControl: streams(reply) })
  const stream = planes.client.browsers.telemetry.stream('b1')
  const seqs: number[] = []
  const loop = (async () => {
    for await (const { seq } of stream) {
      seqs.push(seq)
      setImmediate(() => void stream.close())
    }
  })()
  await loop
  await closed
  await stream.close()
  expect([seqs, planes.clock.pendingTimers()]).toEqual([[1], 0])
})

test('closing a stream that nobody reads ends its connection', async () => {
  const { reply, closed } = openUntilClosed()
  await using planes = await startPlanes({ onControl: streams(reply) })
  const stream = await planes.client.browsers.telemetry.stream('b1')
  await stream.close()
  await closed
  expect(planes.clock.pendingTimers()).toBe(0)
})

test('an abort ends the loop with its reason, also with a fetch that does not listen once the headers are there', async () => {
  const { reply, closed } = openUntilClosed()
  const stop = new AbortController()
  const reason = new Error('enough')
  const deaf: typeof fetch = (input, init) => fetch(input, { ...init, signal: null })
  await using planes = await startPlanes({ fetch: deaf, onControl: streams(reply) })
  const iteration = planes.client.browsers.telemetry.stream('b1', { signal: stop.signal })[Symbol.asyncIterator]()
  await iteration.next()
  const next = iteration.next()
  stop.abort(reason)
  await expect(next).rejects.toBe(reason)
  await closed
  expect(planes.clock.pendingTimers()).toBe(0)
})

test('waitFor asks for nothing but the awaited type, answers its first event and closes', async () => {
  await using planes = await startPlanes({
    onControl: streams((response) => openStream(response).write(frame(3, 'page_load') + frame(4, 'page_load'))),
  })
  const { seq, event } = await planes.client.browsers.telemetry.waitFor('b1', 'page_load', { category: ['page'] })
  // The type of the answer is that of the event: this compiles only because `cdp_timestamp` is a field of it.
  expect([seq, event.type, event.data.cdp_timestamp]).toEqual([3, 'page_load', undefined])
  expect(planes.control.asked[0]?.query).toEqual({ category: 'page', type: 'page_load', until_type: 'page_load', gaps: 'event' })
  expect(planes.clock.pendingTimers()).toBe(0)
})

test('waitFor takes several types, and a function that looks at every event', async () => {
  await using planes = await startPlanes({ onControl: streams((response) => openStream(response).write(frame(3) + frame(4) + frame(5))) })
  const found = await planes.client.browsers.telemetry.waitFor('b1', ({ seq }) => seq > 3)
  expect(found.seq).toBe(4)
  await planes.client.browsers.telemetry.waitFor('b1', ['page_load', 'console_log'])
  expect(planes.control.asked.map(({ query }) => query)).toEqual([
    { gaps: 'event' },
    { type: ['page_load', 'console_log'], until_type: ['page_load', 'console_log'], gaps: 'event' },
  ])
})

test('once `listening` resolves nothing can be missed', async () => {
  let write: ((text: string) => void) | undefined
  await using planes = await startPlanes({
    onControl: streams((response) => {
      openStream(response)
      write = (text) => response.write(text)
    }),
  })
  const settled = planes.client.browsers.telemetry.waitFor('b1', 'page_navigation_settled')
  await settled.listening
  write?.(frame(9, 'page_navigation_settled'))
  expect((await settled).seq).toBe(9)
})

test('waitFor gives up in time, says what it waited for, and closes', async () => {
  const { reply, closed } = openUntilClosed()
  await using planes = await startPlanes({ onControl: streams(reply) })
  const waiting = planes.client.browsers.telemetry.waitFor('b1', ({ seq }) => seq === 7, { timeoutMs: 20_000 })
  await waiting.listening
  planes.clock.advance(20_000)
  await expect(waiting).rejects.toMatchObject({
    name: 'StreamError',
    code: 'wait_timeout',
    message: expect.stringMatching(/^No event that the function accepts of browser b1 within 20000 ms\. Is its category captured\?/),
  })
  await closed
  expect(planes.clock.pendingTimers()).toBe(0)
})

test('waitFor rejects when the browser ends first, and with the reason of an abort', async () => {
  await using ended = await startPlanes({ onControl: streams((response) => openStream(response).end(), gone) })
  await expect(ended.client.browsers.telemetry.waitFor('b1', 'page_load')).rejects.toMatchObject({ code: 'wait_ended' })
  const stop = new AbortController()
  await using open = await startPlanes({ onControl: streams((response) => openStream(response)) })
  const waiting = open.client.browsers.telemetry.waitFor('b1', 'page_load', { signal: stop.signal })
  await waiting.listening
  const reason = new Error('enough')
  stop.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  expect(open.clock.pendingTimers()).toBe(0)
})

test('waitFor on a browser that is not there rejects, and `listening` alone does not crash the program', async () => {
  await using planes = await startPlanes({ onControl: streams(gone) })
  const waiting = planes.client.browsers.telemetry.waitFor('b1', 'page_load')
  await expect(waiting.listening).rejects.toMatchObject({ code: 'browser_gone' })
  await expect(waiting).rejects.toMatchObject({ code: 'browser_gone' })
})
