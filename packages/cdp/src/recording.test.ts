// A recording of a real Chromium plays back to the same happenings, on a hand-cranked clock.
import { type Clock, createManualClock, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { openConnection } from './connection.ts'
import { recordTransport } from './recording.ts'
import { launchTestChromium } from './testing/chromium.ts'
import { openDriver } from './testing/driver.ts'
import { createMemoryTransport } from './testing/memory-transport.ts'
import { type Happening, startObserver } from './testing/observer.ts'
import { servePages } from './testing/pages.ts'
import { readRecording, recordingStartUs, replayTransport } from './testing/replay.ts'
import type { OpenTransport } from './transport.ts'
import { openWebSocket } from './websocket.ts'

async function record(): Promise<{ ndjson: string; happenings: readonly Happening[] }> {
  await using chromium = await launchTestChromium({ args: ['--site-per-process'] })
  await using pages = await servePages({ '/': '<script src="/s.js"></script>', '/s.js': 'console.log("first"); console.log("second")' })
  await using driver = await openDriver(chromium.wsUrl)
  const lines: string[] = []
  const open = recordTransport(openWebSocket(chromium.wsUrl), { clock: systemClock, write: (line) => lines.push(line) })
  await using observer = await startObserver({ open, mode: 'passive' })
  await observer.happened('ready', 'attachment')
  const page = await driver.openPage(`${pages.url}/`)
  await observer.happened('console', 'page /', 'second')
  await page.close()
  await observer.happened('gone', 'page /')
  return { ndjson: lines.join('\n'), happenings: observer.happenings() }
}

test('a recording replays to what was seen live, twice the same, with no command left over', async () => {
  const { ndjson, happenings } = await record()
  const lines = readRecording(ndjson)
  for (let round = 0; round < 2; round++) {
    const clock = createManualClock(recordingStartUs(lines))
    const replay = replayTransport(lines, clock)
    const [observer, report] = await Promise.all([
      startObserver({ open: replay.open, mode: 'passive', clock }),
      replay.run({ tailMs: 10_000 }),
    ])
    expect({ happenings: observer.happenings(), ...report }).toEqual({ happenings, unanswered: [], unsent: [] })
    await observer[Symbol.asyncDispose]()
    expect(clock.pendingTimers()).toBe(0)
  }
})

test('a command that is not in the recording is rejected and reported', async () => {
  const lines = readRecording(
    '{"at_ms":5,"wall_us":1000005000,"connection":1,"direction":"in","message":{"method":"Target.x","params":{}}}',
  )
  const clock = createManualClock(recordingStartUs(lines))
  const replay = replayTransport(lines, clock)
  const answers: unknown[] = []
  const transport = await replay.open(
    { message: (bytes) => answers.push(JSON.parse(Buffer.from(bytes).toString())), closed: () => undefined },
    AbortSignal.any([]),
  )
  transport.send('{"id":7,"method":"Page.enable","sessionId":"S"}')
  const report = await replay.run()
  expect(answers).toEqual([
    { id: 7, error: { code: -32000, message: 'not in the recording' }, sessionId: 'S' },
    { method: 'Target.x', params: {} },
  ])
  expect(report.unanswered).toEqual([{ connection: 1, sessionId: 'S', method: 'Page.enable', params: undefined }])
})

test('an answer is matched by what the command is about, also when the order is another', async () => {
  const line = (atMs: number, direction: string, message: object): string =>
    JSON.stringify({ at_ms: atMs, wall_us: 1_000_000 + atMs * 1000, connection: 1, direction, message })
  const ask = (id: number, requestId: string): object => ({ id, method: 'Network.getResponseBody', params: { requestId } })
  const recorded = [
    line(0, 'out', ask(1, 'a')),
    line(0, 'out', ask(2, 'b')),
    line(1, 'in', { id: 1, result: 'A' }),
    line(2, 'in', { id: 2, result: 'B' }),
  ]
  const lines = readRecording(recorded.join('\n'))
  const replay = replayTransport(lines, createManualClock())
  const answers: unknown[] = []
  const transport = await replay.open(
    { message: (bytes) => answers.push(JSON.parse(Buffer.from(bytes).toString())), closed: () => undefined },
    AbortSignal.any([]),
  )
  transport.send(JSON.stringify(ask(10, 'b')))
  transport.send(JSON.stringify(ask(11, 'a')))
  await replay.run()
  expect(answers).toEqual([
    { id: 11, result: 'A' },
    { id: 10, result: 'B' },
  ])
})

test('a recording with a lost connection replays as one: the consumer opens again by its own clock and gets the second part', async () => {
  const started = { method: 'A.started', params: {} }
  const live = createMemoryTransport()
  const recordingClock = createManualClock()
  const recorded: string[] = []
  const open = recordTransport(live.open, { clock: recordingClock, write: (line) => recorded.push(line) })
  const seenLive = await reconnectOnce({ open, clock: recordingClock })
  live.receive({ id: 1, result: { connection: 'first' } })
  recordingClock.advance(100)
  live.lose('the browser was killed')
  recordingClock.advance(250)
  await seenLive.reopened()
  live.receive({ id: 1, result: { connection: 'second' } })
  live.receive(started)

  const lines = readRecording(recorded.join('\n'))
  const clock = createManualClock(recordingStartUs(lines))
  const replay = replayTransport(lines, clock)
  const [replayed, report] = await Promise.all([reconnectOnce({ open: replay.open, clock }), replay.run()])
  expect({ seen: replayed.seen, ...report }).toEqual({ seen: seenLive.seen, unanswered: [], unsent: [] })
  expect(seenLive.seen).toEqual([
    '0 answer {"ok":true,"result":{"connection":"first"}}',
    '100 closed the browser was killed',
    '350 answer {"ok":true,"result":{"connection":"second"}}',
    '350 message A.started',
  ])
})

/** A consumer that asks one thing on each connection and opens a second one 250 ms after it lost the first. */
async function reconnectOnce(options: {
  open: OpenTransport
  clock: Clock
}): Promise<{ seen: string[]; reopened: () => Promise<unknown> }> {
  const { clock } = options
  const seen: string[] = []
  const note = (text: string): number => seen.push(`${clock.monotonicMs()} ${text}`)
  let second: Promise<unknown> = Promise.resolve()
  const connect = async (): Promise<void> => {
    const connection = await openConnection({
      ...options,
      wanted: new Set(['A.started']),
      onMessage: ({ method }) => note(`message ${method}`),
      onClosed: (cause) => {
        note(`closed ${cause}`)
        clock.schedule(clock.monotonicMs() + 250, () => {
          second = connect()
        })
      },
      signal: new AbortController().signal,
    })
    connection.post(undefined, { method: 'A.ask', done: (answer) => note(`answer ${JSON.stringify(answer)}`) })
  }
  await connect()
  return { seen, reopened: () => second }
}
