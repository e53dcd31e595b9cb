// The collector's side of interactions, with a session that only remembers what it was asked.
import type { CdpSession, Command } from '@tabscope/cdp'
import { configOff, createManualClock, type InteractionConfig, limits, type ManualClock, type TelemetryConfig } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { planCapture } from '../capture.ts'
import type { PageMessage } from '../interaction/page-message.ts'
import { createSessionMonitor } from '../session-monitor.ts'
import { createTabMemory } from '../tabs/tab-memory.ts'
import { type Captured, createCaptured } from '../testing/captured.ts'
import { recordedNames } from '../testing/recorded.ts'
import { dataOf } from '../testing/witness.ts'
import { wantedMethods } from '../wanted-methods.ts'

const configFor = (interaction: Partial<InteractionConfig>): TelemetryConfig => ({
  ...configOff,
  browser: { ...configOff.browser, interaction: { ...configOff.browser.interaction, enabled: true, ...interaction } },
})

interface Bench {
  readonly clock: ManualClock
  readonly captured: Captured
  readonly asked: Command[]
  /** Answers the oldest open command of the method. */
  answer(method: string, result: object): void
  say(message: unknown, more?: { readonly name?: string; readonly contextId?: number }): void
  event(method: string, params: object): void
  end(): void
}

const key: PageMessage = { kind: 'key', at: 0, key: 'a', selector: '#q', tag: 'INPUT' }
const frame = (id: string, parentId?: string): object => ({ id, parentId, loaderId: `${id}-loader`, url: `http://page.test/${id}` })

function bench(interaction: Partial<InteractionConfig> = {}): Bench {
  const clock = createManualClock()
  const captured = createCaptured(clock)
  const plan = planCapture(configFor(interaction), 'test')
  const monitor = createSessionMonitor({
    clock,
    publish: captured.publish,
    plan,
    memory: createTabMemory(recordedNames()),
    randomName: () => 'unguessable',
    warn: () => undefined,
    ready: () => undefined,
  })
  const asked: Command[] = []
  const session: CdpSession = {
    ...{ sessionId: 'session', targetId: 'top', targetType: 'page', url: 'http://page.test/top', title: '' },
    ...{ openerId: undefined, parentFrameId: undefined, parent: undefined, page: undefined, replaces: undefined },
    ...{ existing: false, waitingForDebugger: false },
    post: (command) => asked.push(command),
  }
  const page: CdpSession = {
    ...session,
    get page() {
      return page
    },
  }
  asked.push(...monitor.handlers.sessionStarted(page))
  const event = (method: string, params: object): void =>
    monitor.handlers.message(page, {
      method,
      params,
      sessionId: 'session',
      receivedAtUs: clock.wallUs(),
      receivedAtMs: clock.monotonicMs(),
    })
  return {
    clock,
    captured,
    asked,
    answer: (method, result) => {
      const at = asked.findIndex((command) => command.method === method)
      asked.splice(at, 1)[0]?.done?.({ ok: true, result }, clock.wallUs(), clock.monotonicMs())
    },
    say: (message, { name = 'unguessable', contextId = 1 } = {}) => {
      const payload = typeof message === 'string' ? message : JSON.stringify(message)
      event('Runtime.bindingCalled', { name, payload, executionContextId: contextId })
    },
    event,
    end: () => monitor.end('over'),
  }
}

// A document with one frame in it, whose worlds are contexts 1 and 2.
function withFrames(interaction: Partial<InteractionConfig> = {}): Bench {
  const made = bench(interaction)
  made.event('Page.frameNavigated', { frame: frame('top'), type: 'Navigation' })
  made.event('Page.frameNavigated', { frame: frame('inner', 'top'), type: 'Navigation' })
  made.answer('Page.createIsolatedWorld', { executionContextId: 1 })
  made.answer('Page.createIsolatedWorld', { executionContextId: 2 })
  // The look at what was there: its own, and that of the late documents.
  for (let asked = 0; asked < 2; asked++) made.answer('Page.getFrameTree', { frameTree: { frame: frame('top') } })
  made.answer('Page.createIsolatedWorld', { executionContextId: 1 })
  return made
}

const keysOf = ({ captured }: Bench): string[] => dataOf(captured.drafts, 'interaction_key').map((data) => data.key)

test('the context of an event is the one of its frame, and nothing of it comes from the page', () => {
  const made = withFrames()
  made.say(key, { contextId: 2 })
  expect(dataOf(made.captured.drafts, 'interaction_key')).toEqual([
    {
      session_id: 'session',
      target_id: 'top',
      target_type: 'page',
      frame_id: 'inner',
      loader_id: 'inner-loader',
      url: 'http://page.test/inner',
      nav_seq: 1,
      key: 'a',
      selector: '#q',
      tag: 'INPUT',
    },
  ])
})

test('a call under another name, of another kind or with more fields is no event; what is malformed is counted', () => {
  const made = withFrames()
  made.say(key, { name: 'guessed' })
  made.say({ ...key, target_id: 'forged' })
  made.say({ ...key, kind: 'page_navigation' })
  made.say('no json')
  made.clock.advance(limits.cutReportMs)
  expect(made.captured.drafts.map(({ type }) => type)).toEqual(['monitor_degraded'])
  expect(dataOf(made.captured.drafts, 'monitor_degraded').map(({ what, count }) => [what, count])).toEqual([['malformed_interaction', 3]])
})

test('a thousand keys in any second are told, and how many more there were', () => {
  const made = withFrames()
  for (let index = 0; index < 1_500; index++) made.say({ ...key, at: Math.floor(index / 2) })
  made.clock.advance(limits.cutReportMs)
  for (let index = 0; index < 1_500; index++) made.say({ ...key, at: 10_000 + index * 2 })
  made.clock.advance(limits.cutReportMs)
  expect(keysOf(made)).toHaveLength(2_500)
  expect(dataOf(made.captured.drafts, 'monitor_degraded').map(({ what, detail, count }) => [what, detail, count])).toEqual([
    ['rate_limited', 'keys', 500],
  ])
})

test('clicks do not count as keys, nor keys as clicks', () => {
  const made = withFrames()
  for (let index = 0; index < 30; index++) made.say({ kind: 'click', at: 0, x: 1, y: 1, selector: '#go', tag: 'BUTTON' })
  for (let index = 0; index < 30; index++) made.say(key)
  made.end()
  expect(dataOf(made.captured.drafts, 'interaction_click')).toHaveLength(20)
  expect(keysOf(made)).toHaveLength(30)
  expect(dataOf(made.captured.drafts, 'monitor_degraded').map(({ count }) => count)).toEqual([10])
})

test('what the script could not keep, and where it failed, is told', () => {
  const made = withFrames()
  made.say({ kind: 'lost', count: 7 })
  made.say({ kind: 'failed', where: 'click', error: 'TypeError' })
  made.clock.advance(limits.cutReportMs)
  expect(dataOf(made.captured.drafts, 'monitor_degraded').map(({ what, detail, count }) => [what, detail, count])).toEqual([
    ['rate_limited', 'interactions inside a page', 7],
    ['page_script_failed', 'TypeError on click', 1],
  ])
})

test.each([
  [{ keys: false }, []],
  [{ detail_level: 'minimal' }, ['printable', 'Enter']],
  [{ detail_level: 'standard' }, ['a', 'Enter']],
  [{ types: ['interaction_click'] }, []],
] as const)('with %j a script of before tells no more than may be told', (interaction, told) => {
  const made = withFrames(interaction)
  made.say(key)
  made.say({ ...key, key: 'Enter' })
  expect(keysOf(made)).toEqual(told)
})

test('a message of a frame that has no name yet waits for it, and what comes after it waits, too', () => {
  const made = withFrames()
  made.event('Page.frameNavigated', { frame: frame('late', 'top'), type: 'Navigation' })
  made.say({ ...key, key: 'b' }, { contextId: 3 })
  made.say({ ...key, key: 'c' }, { contextId: 1 })
  const before = keysOf(made)
  made.answer('Page.createIsolatedWorld', { executionContextId: 3 })
  expect(before).toEqual([])
  expect(dataOf(made.captured.drafts, 'interaction_key').map((data) => [data.key, data.frame_id])).toEqual([
    ['b', 'late'],
    ['c', 'top'],
  ])
})

test('a message whose frame cannot be found is told as of its tab', () => {
  const made = withFrames()
  made.say(key, { contextId: 99 })
  expect(dataOf(made.captured.drafts, 'interaction_key').map(({ frame_id, url }) => [frame_id, url])).toEqual([
    ['top', 'http://page.test/top'],
  ])
})

test('only what interactions need is asked for: no Runtime, no Network', () => {
  const { asked } = bench()
  const methods = new Set(asked.map(({ method }) => method))
  expect([...methods].filter((method) => /^(Runtime\.enable|Network|Log|PerformanceTimeline)/.test(method))).toEqual([])
  expect(methods.has('Runtime.addBinding')).toBe(true)
  expect(wantedMethods(planCapture(configFor({}), 'test')).has('Runtime.bindingCalled')).toBe(true)
  expect(wantedMethods(planCapture(configOff, 'test')).has('Runtime.bindingCalled')).toBe(false)
})

test('a screenshot that waits for a scroll needs the script, but nothing of it is published', () => {
  const plan = planCapture(
    {
      ...configOff,
      browser: {
        ...configOff.browser,
        screenshot: { ...configOff.browser.screenshot, enabled: true, triggers: ['interaction_scroll_settled'] },
      },
    },
    'test',
  )
  expect([
    plan.domains.has('Interaction'),
    plan.notices('interaction_scroll_settled'),
    plan.publishes('interaction_scroll_settled'),
  ]).toEqual([true, true, false])
})
