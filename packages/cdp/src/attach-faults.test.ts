// What an attachment does when Chromium refuses, keeps silent, repeats itself or says nonsense: played by hand, on a hand-cranked clock.
import { createManualClock, limits, type ManualClock } from '@tabscope/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Attachment, createAttachment } from './attach.ts'
import type { AttachHandlers, AttachMode } from './attach-state.ts'
import { type Connection, openConnection } from './connection.ts'
import { isRecord } from './message.ts'
import { createMemoryTransport, type MemoryTransport } from './testing/memory-transport.ts'

interface Fixture {
  readonly attachment: Attachment
  readonly connection: Connection
  readonly transport: MemoryTransport
  readonly clock: ManualClock
  readonly told: unknown[]
  /** The commands sent since the last call, as `session method`, one list a write. */
  writes(): string[][]
  /** Answers every command of that method that has none yet. */
  answer(method: string, answer?: object): void
}

async function attach(mode: AttachMode, more: Partial<AttachHandlers> = {}): Promise<Fixture> {
  const transport = createMemoryTransport()
  const clock = createManualClock()
  const told: unknown[] = []
  const handlers: AttachHandlers = {
    sessionStarted: (session) => {
      told.push(['started', session.sessionId, session.targetId])
      return [{ method: 'Network.enable' }]
    },
    sessionEnded: (session, cause) => told.push(['ended', session.sessionId, cause]),
    targetSeen: (target, { existing }) => told.push(['seen', target.targetId, existing]),
    targetChanged: (target) => told.push(['changed', target.targetId, target.url]),
    targetGone: (target) => told.push(['gone', target.targetId]),
    message: (session, message) => told.push(['message', session.sessionId, message.method]),
    warning: (warning) => told.push(['warning', warning]),
    ready: () => told.push(['ready']),
    failed: (cause) => told.push(['failed', cause]),
    modeFellBack: (cause) => told.push(['fell back', cause]),
    ...more,
  }
  const connection = await openConnection({
    open: transport.open,
    clock,
    wanted: new Set(['Page.x', 'Inspector.targetCrashed']),
    onMessage: (message) => attachment.receive(message),
    onClosed: (cause) => told.push(['closed', cause]),
    signal: new AbortController().signal,
  })
  const attachment = createAttachment({ connection, mode, clock, handlers })
  attachment.start()
  let read = 0
  const answered = new Set<unknown>()
  return {
    attachment,
    connection,
    transport,
    clock,
    told,
    writes: () => {
      const bursts = new Map<number, string[]>()
      for (const { burst, message } of transport.sent.slice(read)) {
        const write = bursts.get(burst) ?? []
        if (isRecord(message)) write.push(`${String(message['sessionId'] ?? 'browser')} ${String(message['method'])}`)
        bursts.set(burst, write)
      }
      read = transport.sent.length
      return [...bursts.values()]
    },
    answer: (method, answer = { result: {} }) => {
      for (const { message } of [...transport.sent]) {
        if (!isRecord(message) || message['method'] !== method || answered.has(message['id'])) continue
        answered.add(message['id'])
        transport.receive({ id: message['id'], ...answer })
      }
    },
  }
}

const info = (targetId: string, type = 'page', url = 'http://a/'): object => ({ targetId, type, url, title: '' })
const created = (targetId: string, type?: string, url?: string): object => ({
  method: 'Target.targetCreated',
  params: { targetInfo: info(targetId, type, url) },
})
const announced = (sessionId: string, targetInfo: object, parentId?: string): object => ({
  method: 'Target.attachedToTarget',
  params: { sessionId, targetInfo, waitingForDebugger: true },
  ...(parentId === undefined ? {} : { sessionId: parentId }),
})

/** A page T1 captured on S1, everything answered. */
async function attachToPage(mode: AttachMode): Promise<Fixture> {
  const fixture = await attach(mode)
  fixture.transport.receive(created('T1'))
  fixture.transport.receive(announced('S1', info('T1')))
  for (const { message } of [...fixture.transport.sent]) if (isRecord(message)) fixture.answer(String(message['method']))
  fixture.writes()
  fixture.told.length = 0
  return fixture
}

test('a session is set up in one write: automatic attaching first, resuming last', async () => {
  const { transport, writes } = await attach('passive')
  expect(writes()).toEqual([['browser Target.setDiscoverTargets']])
  transport.receive(created('T1'))
  expect(writes()).toEqual([['browser Target.attachToTarget']])
  transport.receive(announced('S1', info('T1')))
  expect(writes()).toEqual([['S1 Target.setAutoAttach', 'S1 Network.enable', 'S1 Runtime.runIfWaitingForDebugger']])
})

test('a set-up that throws still resumes the target', async () => {
  const { transport, writes } = await attach('complete', {
    sessionStarted: () => {
      throw new Error('a bug')
    },
  })
  writes()
  expect(() => transport.receive(announced('S1', info('T1')))).toThrow('a bug')
  expect(writes()).toEqual([['S1 Target.setAutoAttach', 'S1 Runtime.runIfWaitingForDebugger']])
})

describe('a second session on a captured target', () => {
  test('is resumed, then detached by its session id on the session that announced it, with no domain enabled', async () => {
    const { transport, writes, told } = await attachToPage('complete')
    transport.receive(announced('S2', info('T1')))
    expect(transport.sent.at(-1)?.message).toMatchObject({ method: 'Target.detachFromTarget', params: { sessionId: 'S2' } })
    expect(writes()).toEqual([['S2 Runtime.runIfWaitingForDebugger', 'browser Target.detachFromTarget']])
    transport.receive({ method: 'Page.x', params: {}, sessionId: 'S2' })
    transport.receive({ method: 'Target.detachedFromTarget', params: { sessionId: 'S2', targetId: 'T1' } })
    transport.receive({ method: 'Page.x', params: {}, sessionId: 'S1' })
    expect(told).toEqual([['message', 'S1', 'Page.x']])
  })

  test('of a service worker through a page is let go also when it comes first: the one from the browser is captured', async () => {
    const { transport, writes, told } = await attachToPage('passive')
    transport.receive(announced('S2', info('W', 'service_worker'), 'S1'))
    expect(writes()).toEqual([['S2 Runtime.runIfWaitingForDebugger', 'S1 Target.detachFromTarget'], ['browser Target.attachToTarget']])
    transport.receive(announced('S3', info('W', 'service_worker')))
    expect(told).toEqual([
      ['seen', 'W', false],
      ['started', 'S3', 'W'],
    ])
  })
})

test.each([
  ['a DevTools window', info('D', 'page', 'devtools://devtools/bundled/inspector.html')],
  ['a type that is not captured', info('O', 'other')],
  ['a target that is none', { targetId: 5 }],
])('%s that is announced is resumed and detached, not captured', async (_name, targetInfo) => {
  const { transport, writes, told } = await attachToPage('complete')
  transport.receive(announced('S2', targetInfo))
  expect({ writes: writes(), told }).toEqual({
    writes: [['S2 Runtime.runIfWaitingForDebugger', 'browser Target.detachFromTarget']],
    told: [],
  })
})

test('what a session announces after its end is resumed and detached', async () => {
  const { transport, writes, told } = await attachToPage('complete')
  transport.receive(announced('S2', info('F', 'iframe'), 'S-unknown'))
  expect(writes()).toEqual([['S2 Runtime.runIfWaitingForDebugger', 'S-unknown Target.detachFromTarget']])
  expect(told).toEqual([['seen', 'F', false]])
})

describe('the end of a session', () => {
  const detached = { method: 'Target.detachedFromTarget', params: { sessionId: 'S1', targetId: 'T1' } }

  test('with its target is target_closed, before the target is gone', async () => {
    const { transport, told } = await attachToPage('passive')
    transport.receive(detached)
    transport.receive({ method: 'Target.targetDestroyed', params: { targetId: 'T1' } })
    expect(told).toEqual([
      ['ended', 'S1', 'target_closed'],
      ['gone', 'T1'],
    ])
  })

  test('is no reason to attach again to a target that is on its way out', async () => {
    const { transport, writes } = await attachToPage('passive')
    transport.receive(detached)
    transport.receive({ method: 'Target.targetInfoChanged', params: { targetInfo: info('T1') } })
    transport.receive({ method: 'Target.targetDestroyed', params: { targetId: 'T1' } })
    expect(writes()).toEqual([['browser Target.getTargetInfo']])
  })

  test('while its target lives on is detached, and a page is attached again', async () => {
    const { transport, told, writes, answer } = await attachToPage('passive')
    transport.receive(detached)
    expect(told).toEqual([])
    answer('Target.getTargetInfo', { result: { targetInfo: info('T1') } })
    expect(told).toEqual([['ended', 'S1', 'detached']])
    expect(writes()).toEqual([['browser Target.getTargetInfo'], ['browser Target.attachToTarget']])
  })

  test('ends what it announced too, children first', async () => {
    const { transport, told } = await attachToPage('passive')
    transport.receive(announced('S2', info('F', 'iframe'), 'S1'))
    transport.receive(announced('S3', info('W', 'worker'), 'S2'))
    transport.receive(detached)
    for (const targetId of ['W', 'F', 'T1']) transport.receive({ method: 'Target.targetDestroyed', params: { targetId } })
    expect(told.slice(4)).toEqual([
      ['ended', 'S3', 'target_closed'],
      ['gone', 'W'],
      ['ended', 'S2', 'target_closed'],
      ['gone', 'F'],
      ['ended', 'S1', 'target_closed'],
      ['gone', 'T1'],
    ])
  })
})

describe('ready', () => {
  test('waits for the set-up of every existing target, refused commands included, and for no new one', async () => {
    const { transport, told, answer } = await attach('passive')
    transport.receive(created('T1'))
    answer('Target.setDiscoverTargets')
    transport.receive(created('T2'))
    transport.receive(announced('S1', info('T1')))
    transport.receive(announced('S2', info('T2')))
    answer('Target.attachToTarget')
    answer('Target.setAutoAttach')
    answer('Network.enable', { error: { code: -32601, message: 'not here' } })
    told.length = 0
    answer('Runtime.runIfWaitingForDebugger')
    expect(told).toEqual([['ready']])
  })

  test.each([
    ['is dying: it says so and answers no more', { method: 'Inspector.targetCrashed', params: {}, sessionId: 'S1' }],
    ['ends meanwhile', { method: 'Target.detachedFromTarget', params: { sessionId: 'S1', targetId: 'T1' } }],
  ])('does not wait for a target that %s', async (_how, message) => {
    const { transport, told, answer } = await attach('passive')
    transport.receive(created('T1', 'service_worker'))
    answer('Target.setDiscoverTargets')
    transport.receive(announced('S1', info('T1', 'service_worker')))
    answer('Target.attachToTarget')
    expect(told).not.toContainEqual(['ready'])
    transport.receive(message)
    expect(told.filter((each) => Array.isArray(each) && each[0] === 'ready')).toHaveLength(1)
  })

  test('does not wait for ever for a stuck tab', async () => {
    const { transport, clock, told, answer } = await attach('passive')
    transport.receive(created('T1'))
    answer('Target.setDiscoverTargets')
    transport.receive(announced('S1', info('T1')))
    told.length = 0
    clock.advance(limits.attachStuckMs)
    expect(told).toEqual([['ready']])
    clock.advance(limits.cdpCommandMs)
    expect(told.filter((each) => Array.isArray(each) && each[0] === 'ready')).toHaveLength(1)
  })

  test('waits on as long as some target answers now and then, and for a list that is late', async () => {
    const { transport, clock, told, answer } = await attach('passive')
    clock.advance(limits.attachStuckMs)
    transport.receive(created('T1'))
    answer('Target.setDiscoverTargets')
    transport.receive(announced('S1', info('T1')))
    clock.advance(limits.attachStuckMs - 1)
    answer('Target.attachToTarget')
    told.length = 0
    clock.advance(limits.attachStuckMs - 1)
    expect(told).toEqual([])
    clock.advance(1)
    expect(told).toEqual([['ready']])
  })

  test.each([
    ['refused', 'not allowed'],
    ['not answered', `Target.setDiscoverTargets: no answer within ${limits.attachReadyMs} ms`],
  ])('never comes when discovery is %s; that is a failure', async (how, cause) => {
    const { clock, told, answer } = await attach('passive')
    if (how === 'refused') answer('Target.setDiscoverTargets', { error: { message: 'not allowed' } })
    clock.advance(limits.cdpCommandMs * 2)
    expect(told).toEqual([['failed', cause]])
  })
})

test('automatic attaching that is refused is a failure, once', async () => {
  const { told, answer } = await attach('complete')
  answer('Target.setAutoAttach', { error: { message: 'not allowed' } })
  answer('Target.setDiscoverTargets', { error: { message: 'not allowed either' } })
  expect(told).toEqual([['failed', 'not allowed']])
})

test('a worker from an enormous data: URL is kept with a short one', async () => {
  const { transport, told } = await attachToPage('passive')
  const url = `data:text/javascript,${'é'.repeat(1_000_000)}`
  transport.receive({ method: 'Target.targetInfoChanged', params: { targetInfo: info('T1', 'page', url) } })
  expect(told).toEqual([['changed', 'T1', url.slice(0, limits.targetTextChars)]])
})

test('a refused command is a warning, and the session goes on', async () => {
  const { transport, told, answer } = await attachToPage('passive')
  transport.receive(announced('S2', info('F', 'iframe'), 'S1'))
  answer('Network.enable', { error: { code: -32601, message: "'Network.enable' wasn't found" } })
  transport.receive({ method: 'Page.x', params: {}, sessionId: 'S2' })
  expect(told.slice(2)).toEqual([
    ['warning', { what: 'command_failed', method: 'Network.enable', message: "'Network.enable' wasn't found" }],
    ['message', 'S2', 'Page.x'],
  ])
})

test('a target that is gone before it could be attached is no warning', async () => {
  const { transport, told, answer } = await attachToPage('passive')
  transport.receive(created('T2'))
  transport.receive({ method: 'Target.targetDestroyed', params: { targetId: 'T2' } })
  answer('Target.attachToTarget', { error: { code: -32602, message: 'No target with given id found' } })
  expect(told).toEqual([
    ['seen', 'T2', false],
    ['gone', 'T2'],
  ])
})

test('the number of targets is bounded: what comes too many runs, but is not captured', async () => {
  const { transport, told, writes } = await attachToPage('complete')
  for (let count = 1; count < limits.cdpTargets; count++) transport.receive(created(`W${count}`, 'worker'))
  told.length = 0
  transport.receive(announced('S2', info('one-too-many', 'worker'), 'S1'))
  expect(writes()).toEqual([['S2 Runtime.runIfWaitingForDebugger', 'S1 Target.detachFromTarget']])
  expect(told).toEqual([
    ['warning', { what: 'too_many_targets', message: `more than ${limits.cdpTargets} targets; one of type worker is not captured` }],
  ])
})

test('the event loop is watched in complete only', async () => {
  const timers = await Promise.all(
    (['complete', 'passive'] as const).map(async (mode) => {
      const { clock } = await attachToPage(mode)
      clock.advance(limits.cdpCommandMs)
      return clock.pendingTimers()
    }),
  )
  expect(timers).toEqual([1, 0])
})

test('after close nothing is told, nothing is sent, and no timer stays', async () => {
  const { attachment, connection, transport, told, writes, clock } = await attachToPage('complete')
  attachment.close()
  transport.receive({ method: 'Page.x', params: {}, sessionId: 'S1' })
  transport.receive(announced('S2', info('T2')))
  connection.close()
  expect({ told, writes: writes(), timers: clock.pendingTimers() }).toEqual({ told: [], writes: [], timers: 0 })
})

test('no Target message makes it throw, and none is taken for a session that it is not', async () => {
  const { transport, attachment } = await attachToPage('complete')
  const method = fc.constantFrom(
    'targetCreated',
    'targetInfoChanged',
    'attachedToTarget',
    'detachedFromTarget',
    'targetDestroyed',
    'targetCrashed',
    'x',
  )
  const value = fc.oneof(
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.constantFrom('T2', 'S2', 'page', 'iframe'),
  )
  const targetInfo = fc.dictionary(fc.constantFrom('targetId', 'type', 'url', 'title', 'openerId'), value)
  const params = fc.oneof(
    value,
    fc.dictionary(fc.constantFrom('sessionId', 'targetId', 'targetInfo', 'waitingForDebugger'), fc.oneof(value, targetInfo)),
  )
  fc.assert(
    fc.property(method, params, fc.option(fc.constantFrom('S1', 'S9'), { nil: undefined }), (name, params, sessionId) => {
      transport.receive({ method: `Target.${name}`, params, sessionId })
      for (const session of attachment.sessions()) expect([typeof session.sessionId, typeof session.targetId]).toEqual(['string', 'string'])
    }),
    { numRuns: 2000 },
  )
})
