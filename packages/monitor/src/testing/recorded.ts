// Plays a behaviour's recording through the monitor, with no browser and a hand-cranked clock: the same events every time.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { OpenTransport } from '@tabscope/cdp'
import { type ReplayReport, readRecording, recordingStartUs, replayTransport } from '@tabscope/cdp/testing'
import { configOff, createManualClock, limits, type ManualClock, type TelemetryConfig, withCategories } from '@tabscope/schema'
import { createMonitor, type Monitor } from '../supervisor.ts'
import type { Behaviour } from './behaviour.ts'
import { type AnyDraft, createCaptured } from './captured.ts'

export const recordingsFolder = fileURLToPath(new URL('../../../../fixtures/cdp/', import.meta.url))

/** What is captured in a recording: console, network and page, with the behaviour's own settings. */
export function behaviourConfig(behaviour: Pick<Behaviour, 'mode' | 'categories'>): TelemetryConfig {
  const base = withCategories(configOff, new Set(['console', 'network', 'page']))
  const browser = Object.fromEntries(
    Object.entries(base.browser).map(([name, category]) => [name, { ...category, ...behaviour.categories?.[name] }]),
  ) as unknown as TelemetryConfig['browser']
  return { ...base, browser, attach_mode: behaviour.mode ?? 'passive' }
}

/** The names that are random otherwise, in the order in which a monitor asks for them: a replay must ask for what was recorded. */
export function recordedNames(): () => string {
  let count = 0
  return () => `recorded${++count}`
}

/** What else was captured from a moment on. `at_ms` counts as in the recording. */
export interface RecordedChange {
  readonly at_ms: number
  readonly categories: NonNullable<Behaviour['categories']>
}

interface Witness {
  readonly requests: ReplayedBehaviour['requests']
  readonly changes?: readonly RecordedChange[]
}

export interface ReplayedBehaviour {
  readonly drafts: readonly AnyDraft[]
  readonly report: ReplayReport
  readonly requests: readonly { readonly method: string; readonly url: string }[]
}

type RecordedLines = ReturnType<typeof readRecording>

/** `rearrange` changes what was recorded before it is played: for orders that Chromium has now and then. */
export async function replayBehaviour(
  behaviour: Behaviour,
  rearrange: (lines: RecordedLines) => RecordedLines = (lines) => lines,
): Promise<ReplayedBehaviour> {
  const lines = rearrange(readRecording(await readFile(join(recordingsFolder, `${behaviour.name}.ndjson`), 'utf8')))
  const witness = JSON.parse(await readFile(join(recordingsFolder, `${behaviour.name}.witness.json`), 'utf8')) as Witness
  const clock = createManualClock(recordingStartUs(lines))
  const captured = createCaptured(clock)
  const replay = replayTransport(lines, clock)
  const monitor = createMonitor({
    endpoint: async () => 'ws://recorded',
    publish: captured.publish,
    clock,
    transport: () => withPulse(replay.open, clock),
    randomName: recordedNames(),
  })
  await monitor.apply(behaviourConfig(behaviour), 'recorded')
  for (const { at_ms, categories } of witness.changes ?? []) {
    clock.schedule(at_ms, () => void monitor.apply(behaviourConfig({ ...behaviour, categories }), 'recorded'))
  }
  const report = await replay.run({ tailMs: behaviour.tailMs ?? 3_000 })
  // Copies: closing the monitor adds to both.
  const replayed = {
    drafts: [...captured.drafts],
    report: { unanswered: [...report.unanswered], unsent: [...report.unsent] },
    requests: witness.requests,
  }
  await closeOn(clock, monitor)
  return replayed
}

// In a silence longer than the recording the monitor asks Chromium whether it is there. It is; what it says matters to nobody.
function withPulse(open: OpenTransport, clock: ManualClock): OpenTransport {
  return async (events, signal) => {
    const transport = await open(events, signal)
    const send = (text: string): void => {
      const { id, method } = JSON.parse(text) as { id: number; method: string }
      if (method !== 'Browser.getVersion') return transport.send(text)
      clock.schedule(clock.monotonicMs() + 1, () => events.message(Buffer.from(JSON.stringify({ id, result: {} }))))
    }
    return { ...transport, send }
  }
}

// Closing asks Chromium to let go of what it holds, and nobody answers here: the hand-cranked clock has to reach the deadline.
async function closeOn(clock: ManualClock, monitor: Monitor): Promise<void> {
  let isClosed = false
  const closed = monitor.close().then(() => {
    isClosed = true
  })
  while (!isClosed) {
    clock.advance(limits.cdpCloseMs)
    await setImmediate()
  }
  await closed
}

/** One draft a line, as the goldens hold them. */
export function serialiseDrafts(drafts: readonly AnyDraft[]): string {
  return drafts.map((draft) => `${JSON.stringify(draft)}\n`).join('')
}
