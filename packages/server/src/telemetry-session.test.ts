import { type EventLog, openEventLog } from '@tabscope/log'
import { configOff, createManualClock, limits, type ManualClock, type TelemetryConfig, withCategories } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type Capture, createTelemetrySession, type TelemetrySession } from './telemetry-session.ts'
import { consoleDraft, targetDraft } from './testing/drafts.ts'

/** A capture whose every `apply` is answered by the test. */
interface HeldCapture {
  readonly capture: Capture
  /** What was applied, in order, and how to answer it. */
  readonly applied: { readonly config: TelemetryConfig; readonly resolve: () => void; readonly reject: (cause: Error) => void }[]
  /** Resolves when so many applications have been asked for. */
  untilApplied(count: number): Promise<void>
}

function heldCapture(): HeldCapture {
  const applied: HeldCapture['applied'] = []
  let wake = (): void => undefined
  return {
    applied,
    capture: {
      apply: (config) =>
        new Promise((resolve, reject) => {
          applied.push({ config, resolve: () => resolve({ warnings: [] }), reject })
          wake()
        }),
    },
    untilApplied: (count) =>
      new Promise((resolve) => {
        wake = () => {
          if (applied.length >= count) resolve()
        }
        wake()
      }),
  }
}

interface Bench extends HeldCapture {
  readonly clock: ManualClock
  readonly session: TelemetrySession
  readonly log: EventLog
  readonly troubles: string[]
}

async function createBench(): Promise<Bench> {
  const clock = createManualClock()
  const held = heldCapture()
  const troubles: string[] = []
  const log = await openEventLog({ clock })
  const session = createTelemetrySession({
    log,
    droppedEvents: () => 0,
    capture: held.capture,
    clock,
    defaults: configOff,
    redactor: () => (draft) => draft,
    labels: {},
    onTrouble: (what) => troubles.push(what),
  })
  return { ...held, clock, session, log, troubles }
}

function capturing(...names: readonly ('console' | 'page')[]): TelemetryConfig {
  return withCategories(configOff, new Set(names))
}

/** Starts with `config` in force. */
async function on(bench: Bench, config: TelemetryConfig): Promise<void> {
  const change = bench.session.change(() => ({ config, warnings: [] }))
  await bench.untilApplied(1)
  bench.applied[0]?.resolve()
  await change
}

function admitted(session: TelemetrySession): readonly boolean[] {
  return [consoleDraft('line'), targetDraft('page_load', 'page', 'tab'), targetDraft('monitor_degraded', 'monitor', 'tab')].map(
    (draft) => session.publish(draft) !== undefined,
  )
}

test('events of a new selection are admitted while it is being applied, those of the old one not any more', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const change = bench.session.change(() => ({ config: capturing('page'), warnings: [] }))
  await bench.untilApplied(2)
  const meanwhile = admitted(bench.session)
  bench.applied[1]?.resolve()
  await change
  expect([meanwhile, admitted(bench.session)]).toEqual([
    [false, true, true],
    [false, true, true],
  ])
})

test('a configuration that fails to apply is an error that says why, and the old capture goes on', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const before = bench.session.state()
  const change = bench.session.change(() => ({ config: capturing('page'), warnings: [] }))
  await bench.untilApplied(2)
  bench.applied[1]?.reject(new Error('the socket broke'))
  await expect(change).rejects.toMatchObject({
    code: 'telemetry_not_applied',
    httpStatus: 500,
    message: expect.stringContaining('the socket broke'),
  })
  expect({ state: bench.session.state(), admitted: admitted(bench.session), last: bench.applied.at(-1)?.config }).toEqual({
    state: before,
    admitted: [true, false, true],
    last: capturing('console'),
  })
})

test('a first configuration that fails to apply leaves telemetry off', async () => {
  const bench = await createBench()
  const change = bench.session.change(() => ({ config: capturing('page'), warnings: [] }))
  await bench.untilApplied(1)
  bench.applied[0]?.reject(new Error('no browser'))
  await expect(change).rejects.toMatchObject({ code: 'telemetry_not_applied' })
  expect([bench.session.state(), admitted(bench.session)]).toEqual([undefined, [false, false, false]])
})

test('a configuration that nobody applies in time is rolled back', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const change = bench.session.change(() => ({ config: capturing('page'), warnings: [] }))
  await bench.untilApplied(2)
  bench.clock.advance(limits.captureApplyMs)
  await expect(change).rejects.toMatchObject({ code: 'telemetry_not_applied', message: expect.stringContaining('10000 ms') })
  expect(admitted(bench.session)).toEqual([true, false, true])
})

test('switching off is off at once and answers within 1 s although the browser does not let go; a newer change goes through', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const off = bench.session.change(() => ({ config: capturing(), warnings: [] }))
  const onAgain = bench.session.change(() => ({ config: capturing('page'), warnings: [] }))
  await bench.untilApplied(2)
  const whileHanging = [bench.session.state(), admitted(bench.session)]
  bench.clock.advance(999)
  await off
  await bench.untilApplied(3)
  bench.applied[2]?.resolve()
  const { started } = await onAgain
  expect({ whileHanging, started, admitted: admitted(bench.session) }).toEqual({
    whileHanging: [undefined, [false, false, false]],
    started: true,
    admitted: [false, true, true],
  })
})

test('a clean-up that fails does not make switching off fail, but it is told', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const off = bench.session.change(() => ({ config: capturing(), warnings: [] }))
  await bench.untilApplied(2)
  bench.applied[1]?.reject(new Error('gone'))
  const { state } = await off
  expect([state.config, bench.troubles]).toEqual([capturing(), ['capture could not be taken down']])
})

test('changes are made one after the other, each upon the result of the one before', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const seen: unknown[] = []
  const first = bench.session.change((current) => {
    seen.push(current)
    return { config: capturing('page'), warnings: [] }
  })
  const second = bench.session.change((current) => {
    seen.push(current)
    return { config: undefined, warnings: [] }
  })
  await bench.untilApplied(2)
  expect(seen).toEqual([capturing('console')])
  bench.applied[1]?.resolve()
  await Promise.all([first, second])
  expect(seen).toEqual([capturing('console'), capturing('page')])
})

test('a change is told with the configuration that is in force, but not with its labels', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const change = bench.session.change(() => ({ config: { ...capturing('page'), labels: { egress_ip: '192.0.2.7' } }, warnings: [] }))
  await bench.untilApplied(2)
  bench.applied[1]?.resolve()
  const { state } = await change
  const { labels: _labels, ...config } = capturing('page')
  const told = bench.log.readLive(0, limits.recordBytes)?.map(({ bytes }) => JSON.parse(bytes.toString()).event.data)
  expect({ told, shown: state.labels }).toEqual({ told: [{ config }], shown: { egress_ip: '192.0.2.7' } })
})

test('a category with types admits those only', async () => {
  const bench = await createBench()
  const config = capturing('page')
  await on(bench, { ...config, browser: { ...config.browser, page: { ...config.browser.page, types: ['page_load'] } } })
  const drafts = [targetDraft('page_load', 'page', 'tab'), targetDraft('page_navigation', 'page', 'tab')]
  expect(drafts.map((draft) => bench.session.publish(draft)?.type)).toEqual(['page_load', undefined])
})

test('events that are not admitted use no number', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  const drafts = [consoleDraft('1'), targetDraft('page_load', 'page', 'tab'), consoleDraft('2')]
  expect(drafts.map((draft) => bench.session.publish(draft)?.seq)).toEqual([1, undefined, 2])
})

test('a closed session admits nothing', async () => {
  const bench = await createBench()
  await on(bench, capturing('console'))
  bench.session.close()
  expect(admitted(bench.session)).toEqual([false, false, false])
})
