// The connection against a transport played by hand, on a hand-cranked clock.
import { createManualClock, limits, type ManualClock } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Connection, openConnection } from './connection.ts'
import type { CdpAnswer, CdpMessage } from './message.ts'
import { createMemoryTransport, type MemoryTransport } from './testing/memory-transport.ts'

interface Fixture {
  readonly connection: Connection
  readonly transport: MemoryTransport
  readonly clock: ManualClock
  readonly messages: CdpMessage[]
  readonly closed: string[]
  readonly stop: AbortController
}

async function connect(wanted: readonly string[] = []): Promise<Fixture> {
  const transport = createMemoryTransport()
  const clock = createManualClock(1_000_000)
  const messages: CdpMessage[] = []
  const closed: string[] = []
  const stop = new AbortController()
  const connection = await openConnection({
    open: transport.open,
    clock,
    wanted: new Set(wanted),
    onMessage: (message) => messages.push(message),
    onClosed: (cause) => closed.push(cause),
    signal: stop.signal,
  })
  return { connection, transport, clock, messages, closed, stop }
}

test('a command gets its answer with the time at which it came, once', async () => {
  const { connection, transport, clock } = await connect()
  const answers: unknown[] = []
  connection.post('S', { method: 'Page.enable', params: { a: 1 }, done: (...all) => answers.push(all) })
  clock.advance(5)
  transport.receive({ id: 1, result: { b: 2 }, sessionId: 'S' })
  transport.receive({ id: 1, result: { b: 3 }, sessionId: 'S' })
  expect(transport.sent).toEqual([{ burst: 1, message: { id: 1, method: 'Page.enable', params: { a: 1 }, sessionId: 'S' } }])
  expect(answers).toEqual([[{ ok: true, result: { b: 2 } }, 1_005_000, 5]])
})

test('everything inside a burst leaves in one write', async () => {
  const { connection, transport } = await connect()
  connection.burst(() => {
    connection.post(undefined, { method: 'A.a' })
    connection.post('S', { method: 'A.b' })
  })
  connection.post('S', { method: 'A.c' })
  expect(transport.sent.map(({ burst }) => burst)).toEqual([1, 1, 2])
})

test('send is post as a promise, and a refusal is a value', async () => {
  const { connection, transport } = await connect()
  const answer = connection.send(undefined, 'A.b', { c: 1 })
  transport.receive({ id: 1, error: { code: -32601, message: "'A.b' wasn't found" } })
  expect(await answer).toEqual({ ok: false, code: 'rejected', message: "'A.b' wasn't found" })
})

test('a command without an answer ends at its own deadline, a late answer is ignored, and no timer stays', async () => {
  const { connection, transport, clock } = await connect()
  const answers: [string, CdpAnswer, number][] = []
  const post = (method: string, timeoutMs?: number): void =>
    connection.post('S', {
      method,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      done: (answer, _us, atMs) => answers.push([method, answer, atMs]),
    })
  post('A.default')
  post('A.short', 100)
  post('A.middle', 200)
  clock.advance(150)
  transport.receive({ id: 2, result: {} })
  clock.advance(limits.cdpCommandMs)
  expect(answers).toEqual([
    ['A.short', { ok: false, code: 'timeout', message: 'A.short: no answer within 100 ms' }, 100],
    ['A.middle', { ok: false, code: 'timeout', message: 'A.middle: no answer within 200 ms' }, 200],
    ['A.default', { ok: false, code: 'timeout', message: `A.default: no answer within ${limits.cdpCommandMs} ms` }, limits.cdpCommandMs],
  ])
  expect(clock.pendingTimers()).toBe(0)
})

test('when the connection is lost every open command gets closed, then onClosed is called, then commands are refused', async () => {
  const { connection, transport, clock, closed } = await connect()
  const order: string[] = []
  connection.post('S', {
    method: 'A.a',
    done: (answer) => order.push(answer.ok ? 'ok' : `${answer.code} ${answer.message}, onClosed ${closed.length}`),
  })
  transport.lose('gone')
  transport.lose('gone again')
  const late = await connection.send('S', 'A.b')
  expect({ order, closed, late, timers: clock.pendingTimers() }).toEqual({
    order: ['closed A.a: gone, onClosed 0'],
    closed: ['gone'],
    late: { ok: false, code: 'closed', message: 'A.b: gone' },
    timers: 0,
  })
})

test.each(['close', 'abort'] as const)('after %s by its owner nothing comes any more, not even onClosed', async (how) => {
  const { connection, transport, messages, closed, stop } = await connect(['A.a'])
  const answer = connection.send('S', 'A.b')
  if (how === 'close') connection.close()
  else stop.abort(new Error('stop'))
  transport.receive({ method: 'A.a', params: {} })
  transport.lose('code 1000')
  expect({ messages, closed, isClosed: transport.isClosed(), code: await answer }).toEqual({
    messages: [],
    closed: [],
    isClosed: true,
    code: { ok: false, code: 'closed', message: `A.b: ${how === 'close' ? 'the connection was closed' : 'stopped'}` },
  })
})

test('an abort before the opening rejects with its reason', async () => {
  const transport = createMemoryTransport()
  const reason = new Error('not wanted any more')
  const opening = openConnection({
    open: async (events, signal) => {
      signal.throwIfAborted()
      return transport.open(events, signal)
    },
    clock: createManualClock(),
    wanted: new Set(),
    onMessage: () => undefined,
    onClosed: () => undefined,
    signal: AbortSignal.abort(reason),
  })
  await expect(opening).rejects.toBe(reason)
})

test('messages of wanted methods come through with both clocks; Target.* always; others are counted', async () => {
  const { connection, transport, clock, messages } = await connect(['Page.a'])
  connection.post(undefined, { method: 'A.a' })
  clock.advance(7)
  transport.receive({ method: 'Page.a', params: { x: 1 }, sessionId: 'S' })
  transport.receive({ method: 'Page.b', params: {} })
  transport.receive({ params: {}, method: 'Page.b' })
  transport.receive({ params: { y: 1 }, method: 'Page.a' })
  transport.receive({ method: 'Target.targetCreated', params: {} })
  transport.receive(Buffer.from('{"method":"Page.a",'))
  connection.setWanted(new Set(['Page.b']))
  transport.receive({ method: 'Page.a', params: {} })
  transport.receive({ method: 'Page.b', params: {} })
  const stamp = { receivedAtUs: 1_007_000, receivedAtMs: 7 }
  expect(messages).toEqual([
    { method: 'Page.a', params: { x: 1 }, sessionId: 'S', ...stamp },
    { method: 'Page.a', params: { y: 1 }, sessionId: undefined, ...stamp },
    { method: 'Target.targetCreated', params: {}, sessionId: undefined, ...stamp },
    { method: 'Page.b', params: {}, sessionId: undefined, ...stamp },
  ])
  expect(connection.counters).toMatchObject({ received: 8, skipped: 3, unparsable: 1, lastMessageAtMs: 7 })
})

test('nothing is heard before the first command', async () => {
  const { connection, transport, messages } = await connect(['A.a'])
  transport.receive({ method: 'A.a', params: { at: 'too early' } })
  connection.post(undefined, { method: 'A.b' })
  transport.receive({ method: 'A.a', params: { at: 'now' } })
  expect(messages.map(({ params }) => params)).toEqual([{ at: 'now' }])
})

test('a flood of unanswered commands is bounded: what comes too many is rejected at once', async () => {
  const { connection } = await connect()
  for (let sent = 0; sent < limits.cdpPendingCommands; sent++) connection.post('S', { method: 'A.a' })
  expect(await connection.send('S', 'A.b')).toEqual({
    ok: false,
    code: 'rejected',
    message: `A.b: ${limits.cdpPendingCommands} commands are unanswered already`,
  })
})

test('no bytes from the other side throw, and each message is counted', async () => {
  const { connection, transport } = await connect(['A.a'])
  connection.post(undefined, { method: 'A.a' })
  const messages = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.json().map((text) => Buffer.from(text)),
    ),
  )
  fc.assert(
    fc.property(messages, (all) => {
      const before = connection.counters.received
      for (const message of all) transport.receive(message)
      expect(connection.counters.received - before).toBe(all.length)
    }),
  )
})
