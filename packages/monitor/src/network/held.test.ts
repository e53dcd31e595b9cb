// What open requests keep in memory: counted, bounded in bytes, and reported when a bound cuts something.
import type { CdpSession } from '@tabscope/cdp'
import { configOff, createManualClock, type EventDraft, type HeldPart, limits, withCategories } from '@tabscope/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planCapture } from '../capture.ts'
import { createSessionMonitor, type SessionMonitor } from '../session-monitor.ts'
import { createTabMemory } from '../tabs/tab-memory.ts'
import { awaitHeaders, releaseWaiting } from './late-headers.ts'
import {
  createNetworkState,
  createSharedNetwork,
  endRequest,
  forgetRequests,
  openRequest,
  type RequestRecord,
  weighAgain,
} from './network-state.ts'
import { claimRequest } from './open-requests.ts'

interface Bench {
  readonly monitor: SessionMonitor
  readonly drafts: EventDraft[]
  /** The most that this part ever was, of what it is bounded by. */
  readonly most: Map<string, HeldPart>
  tell(tab: CdpSession, method: string, params: object): void
  advance(ms: number): void
}

function tabNamed(name: string): CdpSession {
  const tab = { sessionId: name, targetId: name, targetType: 'page', url: '', title: '', existing: true, post: () => undefined }
  const session = {
    ...tab,
    openerId: undefined,
    parentFrameId: undefined,
    parent: undefined,
    waitingForDebugger: false,
    replaces: undefined,
  }
  const page: CdpSession = {
    ...session,
    get page() {
      return page
    },
  }
  return page
}

function createBench(...tabs: readonly CdpSession[]): Bench {
  const clock = createManualClock()
  const drafts: EventDraft[] = []
  const most = new Map<string, HeldPart>()
  const monitor = createSessionMonitor({
    clock,
    publish: (draft) => void drafts.push(draft as EventDraft),
    plan: planCapture(withCategories(configOff, new Set(['network'])), 'test'),
    memory: createTabMemory(() => 'name'),
    warn: ({ what, message }) => expect.unreachable(`${what}: ${message}`),
    randomName: () => 'name',
    ready: () => undefined,
  })
  for (const tab of tabs) monitor.handlers.sessionStarted(tab)
  return {
    monitor,
    drafts,
    most,
    advance: (ms) => clock.advance(ms),
    tell: (tab, method, params) => {
      const stamp = { receivedAtUs: clock.wallUs(), receivedAtMs: clock.monotonicMs() }
      monitor.handlers.message(tab, { method, params, sessionId: tab.sessionId, ...stamp })
      for (const held of monitor.held(0)) {
        const key = `${held.part} ${held.unit}`
        if (held.value >= (most.get(key)?.value ?? 0)) most.set(key, held)
      }
    },
  }
}

const text = 'h'.repeat(4_000_000)

function request(bench: Bench, tab: CdpSession, requestId: string, header: string): void {
  const url = `https://example.test/${requestId}`
  const common = { requestId, loaderId: 'loader', frameId: tab.targetId, type: 'Fetch', timestamp: 1 }
  bench.tell(tab, 'Network.requestWillBeSent', { ...common, documentURL: url, wallTime: 1, request: { url, method: 'GET', headers: {} } })
  const response = { url, status: 200, statusText: 'OK', mimeType: 'text/plain', headers: { 'x-long': header } }
  bench.tell(tab, 'Network.responseReceived', { ...common, hasExtraInfo: false, response })
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`)

const overBounds = ({ most }: Bench): HeldPart[] => [...most.values()].filter(({ value, limit }) => value > limit)

test('above the bound the session that keeps most has its oldest requests closed, each with an event; the others go on', () => {
  const [greedy, modest] = [tabNamed('greedy'), tabNamed('modest')]
  const bench = createBench(greedy, modest)
  request(bench, modest, 'before', 'short')
  for (const id of ids(40)) request(bench, greedy, id, text)
  bench.tell(modest, 'Network.loadingFinished', { requestId: 'before', timestamp: 2, encodedDataLength: 1 })
  const told = bench.drafts.flatMap(({ type, data }) =>
    'request_id' in data && type !== 'network_request' ? [[data.request_id, type]] : [],
  )
  const closed = told.filter(([, type]) => type === 'network_loading_failed').map(([id]) => id)
  expect(closed.length).toBeGreaterThan(20)
  // The oldest, in order, each with the response that it had.
  expect(told.slice(0, -1)).toEqual(
    closed.flatMap((id) => [
      [id, 'network_response'],
      [id, 'network_loading_failed'],
    ]),
  )
  expect(closed).toEqual(ids(closed.length))
  expect(told.at(-1)).toEqual(['before', 'network_response'])
  expect(bench.most.get('open_requests bytes')?.value).toBeGreaterThan(0.9 * limits.openRequestsBytes - text.length)
  expect(overBounds(bench)).toEqual([])
  bench.monitor.end('over')
})

test('headers on the wire above their bound: the oldest are forgotten, and how many is reported', () => {
  const tab = tabNamed('tab')
  const bench = createBench(tab)
  for (const requestId of ids(12))
    bench.tell(tab, 'Network.responseReceivedExtraInfo', { requestId, statusCode: 200, headers: { 'x-long': text } })
  bench.advance(limits.cutReportMs)
  const reports = bench.drafts.flatMap(({ type, data }) => (type === 'monitor_degraded' ? [data] : []))
  expect(reports).toMatchObject([{ what: 'wire_headers_forgotten', count: 4 }])
  expect(overBounds(bench)).toEqual([])
  bench.monitor.end('over')
})

test('responses that wait for their headers on the wire: above their bound the oldest are told as they are', () => {
  const shared = createSharedNetwork()
  const owner = createNetworkState(shared)
  const waiting = (name: string) => ({
    ...{ requestId: name, hop: 0, sinceMs: 0, heldBytes: Math.floor(0.4 * limits.awaitingResponsesBytes), owner, followers: [] },
    finish: () => [{ name } as unknown as EventDraft],
  })
  const told = ids(4).map((name) => awaitHeaders(shared, waiting(name)))
  expect(told).toEqual([[], [], [{ name: 'r0' }], [{ name: 'r1' }]])
  releaseWaiting(owner)
  expect(shared.held.awaiting).toBe(0)
})

test('whatever becomes of requests, what is counted is what is kept', () => {
  const step = fc.record({
    act: fc.constantFrom('open', 'answer', 'claim', 'end', 'forget'),
    id: fc.nat(5),
    owner: fc.nat(2),
    size: fc.nat(99),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const shared = createSharedNetwork()
      const owners = [0, 1, 2].map(() => ({ network: createNetworkState(shared) }))
      for (const { act, id, owner: at, size } of steps) {
        const owner = owners[at]
        if (owner === undefined) continue
        const requestId = `r${id}`
        const record = owner.network.open.get(requestId)
        if (act === 'open') openRequest(owner, claimRequest(owner, requestId) ?? recordOf(requestId, size))
        if (act === 'answer' && record !== undefined) {
          Object.assign(record, { firstUrl: 'y'.repeat(size) })
          weighAgain(shared, record)
        }
        if (act === 'claim') claimRequest(owner, requestId)
        if (act === 'end') endRequest(owner, requestId)
        if (act === 'forget') forgetRequests(owner)
      }
      const kept = owners.flatMap(({ network }) => [...network.open.values()])
      expect(shared.held.open).toBe(kept.reduce((sum, { heldBytes }) => sum + heldBytes, 0))
      expect(kept.filter(({ heldBytes }) => heldBytes === 0)).toEqual([])
    }),
  )
})

function recordOf(requestId: string, size: number): RequestRecord {
  return { requestId, url: 'x'.repeat(size), firstUrl: '', heldBytes: 0 } as unknown as RequestRecord
}
