import { describeWithS2, type S2Lite, startS2Lite, startTcpProxy } from '@tabscope/sinks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { append, lines } from './testing/drafts.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { type Answer, startTestServer, type TestServer } from './testing/test-server.ts'

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

interface Listed {
  readonly seq: number
  readonly event: { readonly ts: number; readonly data: { readonly text: string } }
}

function listed({ json }: Answer): readonly Listed[] {
  return json as readonly Listed[]
}

/** Every page from the first one on, as the contract's clients walk them. */
async function walk(server: TestServer, query: string): Promise<{ seqs: number[]; pages: number }> {
  const seqs: number[] = []
  let pages = 0
  for (let offset = '0'; ; pages++) {
    const answer = await server.ask('GET', `/telemetry/events?${query}&offset=${offset}`)
    expect(answer.status).toBe(200)
    expect(listed(answer).length).toBeGreaterThan(0)
    seqs.push(...listed(answer).map(({ seq }) => seq))
    if (answer.headers.get('x-has-more') !== 'true') return { seqs, pages: pages + 1 }
    offset = answer.headers.get('x-next-offset') ?? ''
  }
}

describeWithS2('history over disk and S2', () => {
  let lite: S2Lite
  const total = 300
  // Small segments, so that retention leaves only the newest events on disk.
  const logLimits = { segmentBytes: 8_000, retentionBytes: 24_000, batchMs: 1 }

  beforeAll(async () => {
    lite = await startS2Lite()
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  async function start(browserId: string, port = lite.port): Promise<{ server: TestServer } & AsyncDisposable> {
    const folder = await temporaryFolder()
    const { stream: _, ...access } = lite.settings('', port)
    const server = await startTestServer({ dataDirectory: folder.path, s2: { at: 'on', access }, telemetry: 'all', browserId, logLimits })
    const end = async (): Promise<void> => {
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    }
    return { server, [Symbol.asyncDispose]: end }
  }

  async function publish(server: TestServer): Promise<void> {
    const { ask } = server
    const { log } = server.running
    const isSent = async (): Promise<boolean> => {
      const { json } = await ask('GET', '/readyz')
      return (json as { sinks: { lag_events: number }[] }).sinks[0]?.lag_events === 0
    }
    const say = async (): Promise<void> => {
      append(server, ...lines(10, log.seq + 1, 'x'.repeat(100)))
      await log.flush()
    }
    while (log.seq < total) await say()
    await until(isSent)
    // Retention runs when a segment is full; what S2 has need not stay.
    for (; log.oldestSeq < total / 3; await until(isSent)) await say()
  }

  test('pages go over both in either order, with one cursor, and leave out and repeat nothing', async () => {
    await using setting = await start('h1')
    const { server } = setting
    await publish(server)
    const { seq, oldestSeq } = server.running.log
    const all = Array.from({ length: seq }, (_, index) => index + 1)
    expect(oldestSeq).toBeGreaterThan(1)
    for (const limit of [1000, 70]) {
      expect((await walk(server, `limit=${limit}`)).seqs).toEqual(all)
      expect((await walk(server, `limit=${limit}&order=desc`)).seqs).toEqual([...all].reverse())
    }
    // The last page is told as such also when it ends exactly at its limit.
    const exact = await server.ask('GET', `/telemetry/events?limit=${seq}&order=desc`)
    expect({ count: listed(exact).length, more: exact.headers.get('x-has-more') }).toEqual({ count: seq, more: 'false' })
  })

  test('times and filters choose in S2 as they do on disk', async () => {
    await using setting = await start('h2')
    const { server } = setting
    await publish(server)
    const everything = listed(await server.ask('GET', '/telemetry/events?limit=1000'))
    const from = everything[20]
    const to = everything[60]
    if (from === undefined || to === undefined) throw new Error('too few events')
    expect(to.seq).toBeLessThan(server.running.log.oldestSeq)
    const time = (us: number): string => encodeURIComponent(new Date(us / 1000).toISOString())
    const window = `since=${time(from.event.ts)}&until=${time(to.event.ts)}`
    const sinceUs = Math.floor(from.event.ts / 1000) * 1000
    const untilUs = Math.floor(to.event.ts / 1000) * 1000
    const expected = everything.filter(({ event }) => event.ts >= sinceUs && event.ts < untilUs).map(({ seq }) => seq)
    expect((await walk(server, `limit=7&${window}`)).seqs).toEqual(expected)
    expect((await walk(server, `limit=7&order=desc&${window}`)).seqs).toEqual([...expected].reverse())
    expect(listed(await server.ask('GET', '/telemetry/events?category=network'))).toEqual([])
    expect((await walk(server, 'limit=50&type=console_log&source_kind=local_process')).seqs).toEqual(everything.map(({ seq }) => seq))
  })

  test('when S2 is away, what the disk has is answered and the rest is an error that says so', async () => {
    await using proxy = await startTcpProxy(lite.port)
    await using setting = await start('h3', proxy.port)
    const { server } = setting
    await publish(server)
    proxy.refuse()
    const { oldestSeq, seq } = server.running.log
    const newest = await server.ask('GET', '/telemetry/events?order=desc&limit=1000')
    expect({ status: newest.status, seqs: listed(newest).map((envelope) => envelope.seq), more: newest.headers.get('x-has-more') }).toEqual(
      {
        status: 200,
        seqs: Array.from({ length: seq - oldestSeq + 1 }, (_, index) => seq - index),
        more: 'true',
      },
    )
    for (const query of ['limit=10', `order=desc&offset=${newest.headers.get('x-next-offset')}`]) {
      const answer = await server.ask('GET', `/telemetry/events?${query}`)
      expect({ status: answer.status, json: answer.json }).toMatchObject({
        status: 503,
        json: { code: 'archive_unreachable', message: expect.stringContaining(`Events before ${oldestSeq} are only in s2://`) },
      })
    }
    const kept = await server.ask('GET', `/telemetry/events?offset=${oldestSeq}`)
    expect(kept.status).toBe(200)
    proxy.accept()
    expect(listed(await server.ask('GET', '/telemetry/events?limit=10')).map((envelope) => envelope.seq)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ])
  })
})
