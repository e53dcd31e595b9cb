// Errors by status, repeats, deadlines and aborts of ordinary calls, on real sockets.
import { expect, test } from 'vitest'
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from './api-errors.ts'
import { Tabscope } from './client.ts'
import { startPlanes } from './testing/planes.ts'
import { type Reply, replyJson, replyProblem } from './testing/recording-server.ts'

test.each([
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [409, ConflictError],
  [418, APIError],
  [422, UnprocessableEntityError],
  [429, RateLimitError],
  [500, InternalServerError],
  [503, InternalServerError],
])('status %d is a %o with code, text and headers of the server', async (status, kind) => {
  await using planes = await startPlanes({
    maxRetries: 0,
    onControl: (response) =>
      replyJson(response, { code: 'some_code', message: 'some words', details: [1] }, { status, headers: { 'x-a': 'b' } }),
  })
  const error = await planes.client.browsers.retrieve('b1').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(kind)
  if (!(error instanceof APIError)) throw error
  expect([error.constructor, error.status, error.code, error.message, error.headers?.get('x-a'), error.error]).toEqual([
    kind,
    status,
    'some_code',
    'some words',
    'b',
    { code: 'some_code', message: 'some words', details: [1] },
  ])
})

test('an error that is not JSON is shown by its beginning, and its end is not read', async () => {
  await using planes = await startPlanes({
    onControl: (response) => {
      response.writeHead(404, { 'content-type': 'text/html' })
      const more = (): void => {
        if (response.write('<p>no</p>'.repeat(10_000))) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    },
  })
  await expect(planes.client.browsers.retrieve('b1')).rejects.toMatchObject({
    code: 'http_404',
    message: expect.stringMatching(/^The server answered 404: <p>no<\/p><p>no/),
  })
})

/** Answers with the statuses one by one, then with success. */
function statuses(codes: readonly number[], headers: Record<string, string> = {}): Reply {
  let index = 0
  return (response) => {
    const status = codes[index++]
    if (status === undefined) replyJson(response, { session_id: 'b1' })
    else replyJson(response, { code: 'x', message: 'y' }, { status, headers })
  }
}

test.each([408, 409, 429, 500, 502, 503, 504])('%d is tried again, up to twice, after waits that double', async (status) => {
  await using passing = await startPlanes({ onControl: statuses([status, status]) })
  expect(await passing.client.browsers.retrieve('b1')).toEqual({ session_id: 'b1' })
  expect(passing.waits).toEqual([500, 1000])
  await using failing = await startPlanes({ onControl: statuses([status, status, status]) })
  await expect(failing.client.browsers.retrieve('b1')).rejects.toMatchObject({ status })
  expect(failing.control.lines).toHaveLength(3)
})

test.each([400, 401, 403, 404, 410, 422])('%d is not tried again', async (status) => {
  await using planes = await startPlanes({ onControl: statuses([status]) })
  await expect(planes.client.browsers.retrieve('b1')).rejects.toMatchObject({ status })
  expect(planes.control.lines).toHaveLength(1)
})

test('x-should-retry decides against the status', async () => {
  await using yes = await startPlanes({ onControl: statuses([400], { 'x-should-retry': 'true' }) })
  expect(await yes.client.browsers.retrieve('b1')).toEqual({ session_id: 'b1' })
  await using no = await startPlanes({ onControl: statuses([500], { 'x-should-retry': 'false' }) })
  await expect(no.client.browsers.retrieve('b1')).rejects.toMatchObject({ status: 500 })
})

test.each([
  [{ 'retry-after-ms': '123' }, 123],
  [{ 'retry-after': '2' }, 2000],
  // The manual clock stands at 2023-11-14T22:13:20Z.
  [{ 'retry-after': 'Tue, 14 Nov 2023 22:13:25 GMT' }, 5000],
  [{ 'retry-after': '3600' }, 500],
  [{ 'retry-after': '-1' }, 500],
  [{ 'retry-after': 'soon' }, 500],
])('%j makes it wait %d ms', async (headers, waitMs) => {
  await using planes = await startPlanes({ onControl: statuses([429], { ...headers }) })
  await planes.client.browsers.retrieve('b1')
  expect(planes.waits).toEqual([waitMs])
})

test('up to a quarter of a wait is left out at random, and no wait is above 8 s', async () => {
  await using planes = await startPlanes({ random: () => 1, maxRetries: 6, onControl: statuses([500, 500, 500, 500, 500, 500]) })
  await planes.client.browsers.retrieve('b1')
  expect(planes.waits).toEqual([375, 750, 1500, 3000, 6000, 6000])
})

test('a connection that breaks before an answer is made again', async () => {
  let count = 0
  await using planes = await startPlanes({
    onControl: (response) => {
      count += 1
      if (count < 3) response.destroy()
      else replyJson(response, { session_id: 'b1' })
    },
  })
  expect(await planes.client.browsers.create()).toEqual({ session_id: 'b1' })
})

test('nobody listening is an error that says where, after all attempts', async () => {
  await using planes = await startPlanes()
  await planes.control.stop()
  const error = await planes.client.browsers.retrieve('b1').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(APIConnectionError)
  expect(error).toMatchObject({
    code: 'connect_failed',
    status: undefined,
    message: expect.stringMatching(
      /^No connection to http:\/\/127\.0\.0\.1:\d+: fetch failed: connect ECONNREFUSED .* Is the server running there\?$/,
    ),
  })
  expect(planes.waits).toEqual([500, 1000])
})

test('no answer in time is an error of its own kind', async () => {
  await using planes = await startPlanes({ maxRetries: 0, timeoutMs: 20_000, onControl: () => {} })
  const answer = planes.client.browsers.retrieve('b1').catch((thrown: unknown) => thrown)
  while (planes.control.lines.length === 0) await new Promise(setImmediate)
  planes.clock.advance(20_000)
  const error = await answer
  expect(error).toBeInstanceOf(APIConnectionTimeoutError)
  expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('no answer within 20000 ms') })
  expect(planes.clock.pendingTimers()).toBe(0)
})

test('an abort ends a call with the reason given, while it waits for an answer and while it waits to try again', async () => {
  const reason = new Error('enough')
  const stop = new AbortController()
  await using hanging = await startPlanes({ onControl: () => {} })
  const waiting = hanging.client.browsers.retrieve('b1', {}, { signal: stop.signal })
  while (hanging.control.lines.length === 0) await new Promise(setImmediate)
  stop.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  expect(hanging.clock.pendingTimers()).toBe(0)
  await using busy = await startPlanes({ onControl: (response) => replyProblem(response, 503, 'busy') })
  await expect(busy.client.browsers.retrieve('b1', {}, { signal: stop.signal })).rejects.toBe(reason)
})

test('an answer that is not JSON, or breaks off, is said to be so', async () => {
  await using html = await startPlanes({ onControl: (response) => response.end('<h1>hello</h1>') })
  await expect(html.client.browsers.retrieve('b1')).rejects.toMatchObject({
    code: 'malformed_answer',
    message: 'The answer is not JSON: "<h1>hello</h1>". Is the address right?',
  })
  await using broken = await startPlanes({
    onControl: (response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{', () => response.destroy())
    },
  })
  await expect(broken.client.browsers.create()).rejects.toMatchObject({ code: 'connection_lost' })
  // What was sent may have been done; nobody repeats it behind the caller's back.
  expect(broken.control.lines).toEqual(['POST /browsers'])
})

test.each(['', '.', '..'])('%j is no id: nothing is sent', async (id) => {
  await using planes = await startPlanes()
  await expect(planes.client.browsers.retrieve(id)).rejects.toMatchObject({ code: 'invalid_argument' })
  await expect(planes.client.browsers.telemetry.stream(id)).rejects.toMatchObject({ code: 'invalid_argument' })
  expect(planes.control.lines).toEqual([])
})

test('an id is one segment of the path, whatever is in it', async () => {
  await using planes = await startPlanes({ onControl: (response) => replyJson(response, {}) })
  await planes.client.browsers.retrieve('../a/b?c#d')
  expect(planes.control.lines).toEqual(['GET /browsers/..%2Fa%2Fb%3Fc%23d'])
})

test('a client without a key, or with an address that is none, is refused with the next step', () => {
  expect(() => new Tabscope({ baseURL: 'http://127.0.0.1:1' })).toThrow(/^There is no API key\. Give `apiKey`/)
  expect(() => new Tabscope({ apiKey: 'k', baseURL: '127.0.0.1:8400' })).toThrow('"127.0.0.1:8400" is not the address of a control plane.')
  expect(new Tabscope({ apiKey: 'k' }).baseURL).toBe('http://127.0.0.1:8400/')
})
