// The client against a real server over a connection that is cut, ended early and clogged at any byte: each event once, in order, and what
// is really gone told as a gap. It lies here because this package may have both.
import { type Clock, createManualClock, limits, systemClock } from '@tabscope/schema'
import { followStream, type Gap } from '@tabscope/sdk'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeFolder } from './testing/folder.ts'
import { publish, startQuietServer } from './testing/quiet-server.ts'
import { startRoughProxy, type Trouble } from './testing/rough-proxy.ts'

/** The clock of the machine, on which silence and back-offs are over a hundred times earlier; connecting has its time. */
const hurriedClock: Clock = {
  ...systemClock,
  schedule: (atMs, run) => {
    const waitMs = atMs - systemClock.monotonicMs()
    const isConnecting = Math.abs(waitMs - limits.clientConnectMs) < 100
    return systemClock.schedule(isConnecting ? atMs : atMs - waitMs * 0.99, run)
  },
}

// The head of the answer has some 300 bytes, a frame some 200: cuts fall into both. A stall in the head would take all of the patience
// for connecting; follow-failures.test.ts has that one with a clock that is moved by hand.
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.record({ kind: fc.constantFrom('cut' as const, 'truncate' as const), afterBytes: fc.integer({ min: 0, max: 4_000 }) }),
  fc.record({ kind: fc.constant('stall' as const), afterBytes: fc.integer({ min: 600, max: 4_000 }) }),
)

test('however its connections are cut, ended early and clogged, a follower gets each event once and in order', async () => {
  await using server = await startQuietServer()
  const seqs: number[] = []
  for (let index = 0; index < 40; index += 1) seqs.push(await publish(server, `ünïcode 🎈 ${index}`))
  await fc.assert(
    fc.asyncProperty(fc.array(trouble, { maxLength: 6 }), async (troubles) => {
      // The first connection has to be made, or there is nothing to go on with.
      await using proxy = await startRoughProxy(server.url, [{ kind: 'truncate', afterBytes: 1_000 }, ...troubles])
      const gaps: Gap[] = []
      const got: number[] = []
      const url = `${proxy.url}/telemetry/stream`
      const options = {
        url,
        replay: 'all',
        clock: hurriedClock,
        untilSeq: seqs.at(-1) ?? 0,
        onGap: (gap: Gap) => void gaps.push(gap),
      } as const
      for await (const { seq } of followStream(options)) got.push(seq)
      expect([got, gaps]).toEqual([seqs, []])
    }),
    { numRuns: 25 },
  )
})

test('events that come while the connection is down are there after it', async () => {
  await using server = await startQuietServer()
  const first = await publish(server, 'first')
  await using proxy = await startRoughProxy(server.url, [
    { kind: 'cut', afterBytes: 900 },
    { kind: 'cut', afterBytes: 0 },
  ])
  const events = followStream({ url: `${proxy.url}/telemetry/stream`, lastEventId: first, clock: hurriedClock })
  const next = events.next()
  const published: number[] = []
  for (let index = 0; index < 20; index += 1) published.push(await publish(server, 'x'.repeat(100)))
  const got = [(await next).value?.seq]
  while (got.length < published.length) got.push((await events.next()).value?.seq)
  await events.return()
  expect(got).toEqual(published)
  expect(proxy.connections).toBeGreaterThan(1)
})

test('a follower from now on that is cut before its first event resumes where it began', async () => {
  await using server = await startQuietServer()
  await publish(server, 'before')
  // The head and the frame that says where it begins fit; of the next frame only a part.
  await using proxy = await startRoughProxy(server.url, [{ kind: 'cut', afterBytes: 500 }])
  const url = `${proxy.url}/telemetry/stream`
  const clock = createManualClock()
  let reconnect: (() => void) | undefined
  const lost = new Promise<void>((resolve) => {
    reconnect = resolve
  })
  let connected: (() => void) | undefined
  const live = new Promise<void>((resolve) => {
    connected = resolve
  })
  const events = followStream({ url, clock, onConnection: ({ at }) => (at === 'live' ? connected?.() : reconnect?.()) })
  const next = events.next()
  await live
  const cutOff = await publish(server, 'x'.repeat(1_000))
  await lost
  await publish(server, 'while it was away')
  clock.advance(5_000)
  expect((await next).value?.seq).toBe(cutOff)
  await events.return()
})

test('what a restarted server never numbered is told as a gap, and nothing comes twice', async () => {
  await using folder = await makeFolder()
  const before = await startQuietServer({ dataDirectory: folder.path })
  const first = await publish(before, 'before')
  const { port } = new URL(before.url)
  const gaps: Gap[] = []
  const events = followStream({ url: `${before.url}/telemetry/stream`, replay: 'all', clock: hurriedClock, onGap: (gap) => gaps.push(gap) })
  expect((await events.next()).value?.seq).toBe(first)
  const next = events.next()
  await before.close()
  await using after = await startQuietServer({ dataDirectory: folder.path, port: Number(port) })
  const second = await publish(after, 'after')
  expect((await next).value?.seq).toBe(second)
  await events.return()
  expect(gaps).toEqual([])
})
