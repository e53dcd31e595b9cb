// Recorded events again: the real command on a real folder, and its stream followed by the real `tail` and by bytes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openReplayLog } from '@tabscope/log'
import { followStream } from '@tabscope/sdk'
import { describeWithS2, type S2Lite, startS2Lite } from '@tabscope/sinks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTabscope, urlOf } from '../testing/command.ts'
import { type Folder, makeFolder } from '../testing/folder.ts'
import { startQuietServer } from '../testing/quiet-server.ts'

let folder: Folder
let data = ''
/** What the live stream of the server sent, byte for byte. */
let liveText = ''

const count = 300

beforeAll(async () => {
  folder = await makeFolder()
  data = join(folder.path, 'data')
  await using server = await startQuietServer({ dataDirectory: data })
  for (let number = 1; number <= count; number++) {
    const type = number % 10 === 0 ? 'tenth' : 'test_event'
    server.log.append(
      { type, category: 'system', detailLevel: 'standard', source: { kind: 'local_process' }, data: { number } },
      'session-1',
    )
  }
  await server.log.flush()
  liveText = await readStream(`${server.url}/telemetry/stream?replay=all`, count)
})

afterAll(() => folder[Symbol.asyncDispose]())

/** The stream up to the frame of that event. */
async function readStream(url: string, lastSeq: number, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const stop = new AbortController()
  const response = await fetch(url, { headers, signal: stop.signal })
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.includes(`id: ${lastSeq}\n`) && text.endsWith('\n\n')) break
  }
  stop.abort()
  return text
}

const seqsOf = (lines: readonly string[]): number[] => lines.map((line) => JSON.parse(line).seq)
const span = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('a folder is replayed to standard output in order, with filters and a beginning', async () => {
  await using all = runTabscope(['replay', '--data', data])
  expect([await all.ended(), seqsOf(all.stdout.all), all.stderr.all]).toEqual([0, span(1, count), []])
  await using some = runTabscope(['replay', '--data', data, '--after', '250', '--type', 'tenth'])
  expect([await some.ended(), seqsOf(some.stdout.all)]).toEqual([0, [260, 270, 280, 290, 300]])
})

test('into a file, which must not be there yet', async () => {
  const file = join(folder.path, 'events.jsonl')
  await using written = runTabscope(['replay', '--data', data, '--to', file])
  expect([await written.ended(), written.stdout.all]).toEqual([0, []])
  expect(seqsOf((await readFile(file, 'utf8')).trimEnd().split('\n'))).toEqual(span(1, count))
  await using again = runTabscope(['replay', '--data', data, '--to', file])
  expect([await again.ended(), again.stderr.all.join('\n')]).toEqual([
    5,
    expect.stringMatching(/events\.jsonl cannot be written: EEXIST.*not there yet/),
  ])
})

test('as a stream with the bytes of the live one, with resume, and readable by tail; Ctrl-C ends it', async () => {
  await using replay = runTabscope(['replay', '--data', data, '--serve', '0'])
  const url = await urlOf(replay)
  await replay.stderr.until(/everything has happened: 300/)
  const whole = await readStream(`${url}/telemetry/stream?replay=all`, count)
  const resumed = await readStream(`${url}/telemetry/stream?type=tenth`, count, { 'last-event-id': '275' })
  expect([whole === liveText, [...resumed.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))]).toEqual([true, [280, 290, 300]])
  await using tail = runTabscope(['tail', url, '--json', '--no-follow'])
  expect([await tail.ended(), seqsOf(tail.stdout.all)]).toEqual([0, span(1, count)])
  replay.kill('SIGINT')
  expect(await replay.ended()).toBe(0)
})

test('a served replay that keeps the pace gives events to who waits as they happen', async () => {
  await using paced = await makeFolder()
  {
    await using server = await startQuietServer({ dataDirectory: paced.path })
    for (const number of [1, 2, 3]) {
      server.log.append(
        { type: 'step', category: 'system', detailLevel: 'standard', source: { kind: 'local_process' }, data: { number } },
        's',
      )
      // Steps of more than a microsecond, so that a pace of one millionth has something to wait for.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await using replay = runTabscope(['replay', '--data', paced.path, '--serve', '0', '--speed', '0.001'])
  const url = await urlOf(replay)
  const stop = new AbortController()
  const seqs: number[] = []
  for await (const { seq } of followStream({ url: `${url}/telemetry/stream`, replay: 'all', signal: stop.signal })) {
    seqs.push(seq)
    if (seq === 3) break
  }
  expect(seqs).toEqual([1, 2, 3])
  replay.kill('SIGINT')
  expect(await replay.ended()).toBe(0)
})

test('a replayed log shows nothing that has not happened, and wakes who waits', async () => {
  await using log = await openReplayLog({ directory: data })
  await using reader = log.reader({ from: { at: 'oldest' } })
  const before = [log.seq, (await reader.read(1e6)).at, log.readLive(0, 1e6)]
  const waiting = reader.wait()
  log.showTo(2)
  await waiting
  const result = await reader.read(1e6)
  log.showTo(1)
  expect([
    before,
    log.seq,
    result.at === 'records' ? result.records.map(({ seq }) => seq) : result.at,
    (await reader.read(1e6)).at,
  ]).toEqual([[0, 'caught-up', []], 2, [1, 2], 'caught-up'])
  expect(() => log.append({ type: 'x', category: 'system', detailLevel: 'standard', source: { kind: 'local_process' } }, 's')).toThrow(
    'closed',
  )
})

describeWithS2('an S2 stream', () => {
  let lite: S2Lite
  let env: Readonly<Record<string, string>> = {}
  let liveOfStream = ''

  beforeAll(async () => {
    lite = await startS2Lite()
    const { accessToken, basin, accountEndpoint = '', basinEndpoint = '' } = lite.settings()
    const access = { accessToken, basin, accountEndpoint, basinEndpoint, stream: 'replayed' }
    env = { S2_ACCESS_TOKEN: accessToken(), S2_BASIN: basin, S2_ACCOUNT_ENDPOINT: accountEndpoint, S2_BASIN_ENDPOINT: basinEndpoint }
    await using server = await startQuietServer({ s2: { at: 'on', access } })
    for (let number = 1; number <= 120; number++) {
      const type = number % 10 === 0 ? 'tenth' : 'test_event'
      server.log.append({ type, category: 'system', detailLevel: 'standard', source: { kind: 'local_process' }, data: { number } }, 's')
    }
    liveOfStream = await readStream(`${server.url}/telemetry/stream?replay=all`, 120)
  })

  afterAll(() => lite[Symbol.asyncDispose]())

  test('is replayed to its end, with filters and a beginning', async () => {
    await using all = runTabscope(['replay', '--s2', 'replayed'], env)
    expect([await all.ended(), seqsOf(all.stdout.all)]).toEqual([0, span(1, 120)])
    await using some = runTabscope(['replay', '--s2', 'replayed', '--after', '95', '--type', 'tenth'], env)
    expect([await some.ended(), seqsOf(some.stdout.all)]).toEqual([0, [100, 110, 120]])
  })

  test('is served as a stream with the bytes of the live one, with resume and filters', async () => {
    await using replay = runTabscope(['replay', '--s2', 'replayed', '--serve', '0'], env)
    const url = await urlOf(replay)
    await replay.stderr.until(/everything has happened: 120/)
    const whole = await readStream(`${url}/telemetry/stream?replay=all`, 120)
    const resumed = await readStream(`${url}/telemetry/stream?type=tenth`, 120, { 'last-event-id': '95' })
    expect([whole === liveOfStream, [...resumed.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))]).toEqual([true, [100, 110, 120]])
    replay.kill('SIGINT')
    expect(await replay.ended()).toBe(0)
  })

  test('is served at a pace, each event as it happens', async () => {
    await using replay = runTabscope(['replay', '--s2', 'replayed', '--serve', '0', '--speed', '0.01'], env)
    const url = await urlOf(replay)
    const seqs: number[] = []
    for await (const { seq } of followStream({ url: `${url}/telemetry/stream`, replay: 'all', signal: new AbortController().signal })) {
      seqs.push(seq)
      if (seq === 120) break
    }
    expect(seqs).toEqual(span(1, 120))
  })
})

test.each<[readonly string[], number, RegExp]>([
  [['--s2', 'x'], 2, /S2 is not configured: .*Set S2_ACCESS_TOKEN and S2_BASIN/],
  [['--s2', 'x', '--serve', '0'], 2, /S2 is not configured/],
  [['--s2', 'x', '--data', 'y'], 2, /cannot be used with option/],
  [['--speed', '0'], 2, /Give a factor above 0/],
  [['--serve', '0', '--to', 'x'], 2, /cannot be used with option/],
  [['--data', '/nowhere/at/all'], 5, /no events to read in \/nowhere\/at\/all/],
])('%j ends with %i and says why', async (args, code, text) => {
  await using running = runTabscope(['replay', ...args])
  expect([await running.ended(), running.stdout.all]).toEqual([code, []])
  expect(running.stderr.all.join('\n')).toMatch(text)
})
