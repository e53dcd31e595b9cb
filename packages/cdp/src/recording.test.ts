// A recording of a real Chromium plays back to the same happenings, on a hand-cranked clock.
import { createManualClock, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { recordTransport } from './recording.ts'
import { launchTestChromium } from './testing/chromium.ts'
import { openDriver } from './testing/driver.ts'
import { type Happening, startObserver } from './testing/observer.ts'
import { servePages } from './testing/pages.ts'
import { readRecording, recordingStartUs, replayTransport } from './testing/replay.ts'
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
