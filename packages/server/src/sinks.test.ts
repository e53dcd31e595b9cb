import { readFile } from 'node:fs/promises'
import { createManualClock } from '@tabscope/schema'
import type { S2Access } from '@tabscope/sinks'
import { bodiesOf, describeWithS2, type S2Lite, startS2Lite, startTcpProxy } from '@tabscope/sinks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from './log-line.ts'
import { append, lines } from './testing/drafts.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

interface Ready {
  readonly status: string
  readonly sinks?: readonly { readonly name: string; readonly state: string; readonly behind: boolean; readonly lag_events: number }[]
}

async function readiness(server: TestServer): Promise<Ready> {
  return (await server.ask('GET', '/readyz')).json as Ready
}

test('without S2 variables a server has no sink, and says so in one line', async () => {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => lines.push(line) })
  await using server = await startTestServer({
    logger,
    s2: { at: 'off', isMeant: false, reason: 'S2_ACCESS_TOKEN and S2_BASIN are not set' },
  })
  expect(await readiness(server)).toEqual({ status: 'ready' })
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['no S2 sink'])
})

describeWithS2('a server with an S2 stream', () => {
  let lite: S2Lite

  beforeAll(async () => {
    lite = await startS2Lite()
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  function access(port = lite.port): { at: 'on'; access: S2Access } {
    const { stream: _, ...rest } = lite.settings('', port)
    return { at: 'on', access: rest }
  }

  test('everything published is there when the server has stopped, and a restart goes on behind it', async () => {
    await using folder = await temporaryFolder()
    const options = { dataDirectory: folder.path, s2: access(), telemetry: 'all' as const }
    {
      await using server = await startTestServer(options)
      for (const text of ['one', 'two', 'three']) await server.say(text)
    }
    {
      await using server = await startTestServer(options)
      await server.say('four')
    }
    const stream = `tabscope/${(await readFile(`${folder.path}/id`, 'utf8')).trim()}`
    const envelopes = (await bodiesOf(lite, stream)).map((text) => JSON.parse(text))
    const texts = envelopes.filter(({ event }) => event.type === 'console_log').map(({ event }) => event.data.text)
    expect(texts).toEqual(['one', 'two', 'three', 'four'])
    expect(envelopes.map(({ seq }) => seq)).toEqual(envelopes.map((_, position) => position + 1))
    expect(JSON.parse(await readFile(`${folder.path}/checkpoints/s2.json`, 'utf8'))).toMatchObject({ seq: envelopes.length })
  })

  test('figures and readiness show how far it is; the token is nowhere', async () => {
    const lines: string[] = []
    const logger = createLogger('debug', { write: (line) => lines.push(line) })
    await using proxy = await startTcpProxy(lite.port)
    await using folder = await temporaryFolder()
    await using server = await startTestServer({
      dataDirectory: folder.path,
      s2: access(proxy.port),
      telemetry: 'all',
      browserId: 'b1',
      logger,
    })
    await server.say('one')
    await until(async () => (await readiness(server)).sinks?.[0]?.lag_events === 0)
    proxy.refuse()
    await server.say('two')
    await until(async () => (await readiness(server)).sinks?.[0]?.state === 'retrying')
    expect(await readiness(server)).toMatchObject({ status: 'ready', sinks: [{ name: 's2', state: 'retrying', behind: false }] })
    const metrics = (await server.ask('GET', '/metrics')).text
    expect(metrics).toMatch(/tabscope_sink_retries_total\{sink="s2"\} [1-9]/)
    expect(metrics).toMatch(/tabscope_sink_lag_events\{sink="s2"\} [1-9]/)
    proxy.accept()
    await until(async () => (await readiness(server)).sinks?.[0]?.lag_events === 0)
    expect((await bodiesOf(lite, 'browser/b1')).map((text) => JSON.parse(text).event.data.text).filter(Boolean)).toEqual(['one', 'two'])
    expect(lines.join('')).toContain('s2://')
    expect(lines.join('') + metrics).not.toContain(lite.settings().accessToken())
  })

  test('a sink that is behind is an event, a figure and a detail of readiness, and so is its return', async () => {
    const clock = createManualClock()
    await using proxy = await startTcpProxy(lite.port)
    proxy.refuse()
    await using server = await startTestServer({ clock, s2: access(proxy.port), telemetry: 'all', browserId: 'b3' })
    append(server, ...lines(3))
    const isBehind = async (): Promise<boolean> => (await readiness(server)).sinks?.[0]?.behind === true
    // However long a refused connection takes, the clock of the server goes on.
    for (; !(await isBehind()); clock.advance(1000));
    const figure = async (): Promise<string | undefined> =>
      /^tabscope_sink_behind\{sink="s2"\} (\d)$/m.exec((await server.ask('GET', '/metrics')).text)?.[1]
    const during = [(await readiness(server)).status, await figure()]
    proxy.accept()
    for (; await isBehind(); clock.advance(1000));
    const events = (server.running.log.readLive(0, 1_000_000) ?? []).map(
      ({ bytes }) => JSON.parse(Buffer.from(bytes).toString('utf8')).event,
    )
    const told = events.filter(({ type }) => type === 'monitor_degraded').map(({ data }) => data)
    expect([during, await figure(), told]).toEqual([
      ['ready', '1'],
      '0',
      [
        expect.objectContaining({ what: 'sink_behind', detail: expect.stringMatching(/^s2: s2:\/\//), count: 3 }),
        expect.objectContaining({ what: 'sink_recovered' }),
      ],
    ])
  })

  test('a stop while S2 is away does not hang, and the next start brings what was missing', async () => {
    await using proxy = await startTcpProxy(lite.port)
    await using folder = await temporaryFolder()
    const options = { dataDirectory: folder.path, s2: access(proxy.port), telemetry: 'all' as const, browserId: 'b2' }
    const server = await startTestServer(options)
    await server.say('one')
    await until(async () => (await readiness(server)).sinks?.[0]?.lag_events === 0)
    proxy.refuse()
    await server.say('two')
    await server[Symbol.asyncDispose]()
    proxy.accept()
    await using again = await startTestServer(options)
    await until(async () => (await readiness(again)).sinks?.[0]?.lag_events === 0)
    const seqs = (await bodiesOf(lite, 'browser/b2')).map((text) => JSON.parse(text).seq)
    expect(seqs).toEqual(seqs.map((_, position) => position + 1))
    expect(seqs.length).toBe(again.running.log.seq)
  })
})
