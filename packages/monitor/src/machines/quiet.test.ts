// Network idle against a model that knows all times in advance, and which kinds of requests count.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createQuietState, stepQuiet } from './quiet.ts'
import type { QuietInput } from './settle-input.ts'
import { countsForIdle } from './settle-requests.ts'

interface Planned {
  readonly startMs: number
  /** Undefined: it never ends. */
  readonly lastsMs: number | undefined
  readonly movesAfterMs: number | undefined
}

const step100 = (most: number) => fc.integer({ min: 0, max: most }).map((count) => count * 100)
const plans = fc.array(
  fc.record<Planned>({
    startMs: step100(300),
    lastsMs: fc.option(step100(130), { nil: undefined }),
    movesAfterMs: fc.option(step100(130), { nil: undefined }),
  }),
  { maxLength: 25 },
)

// The gaps between the times at which something is in flight and younger than 10 s, found by looking at every 100 ms.
function idleTimesOf(requests: readonly Planned[], endMs: number): number[] {
  const isBusyFrom = (atMs: number): boolean =>
    requests.some(({ startMs, lastsMs }) => startMs <= atMs && atMs < startMs + Math.min(lastsMs ?? 10_000, 10_000))
  // A request that ends in the moment in which it starts interrupts the quiet too.
  const isTouched = (atMs: number): boolean => requests.some(({ startMs }) => startMs === atMs)
  const idleTimes: number[] = []
  let quietSinceMs: number | undefined
  for (let atMs = 0; atMs <= endMs; atMs += 100) {
    if (quietSinceMs !== undefined && atMs === quietSinceMs + 500) idleTimes.push(atMs)
    if (isBusyFrom(atMs)) quietSinceMs = undefined
    else if (isTouched(atMs)) quietSinceMs = atMs
    else quietSinceMs ??= atMs
  }
  return idleTimes
}

function inputsOf(requests: readonly Planned[]): QuietInput[] {
  const timed = requests.flatMap(({ startMs, lastsMs, movesAfterMs }, index): QuietInput[] => {
    const moves = movesAfterMs !== undefined && (lastsMs === undefined || movesAfterMs < lastsMs)
    const endMs = startMs + (lastsMs ?? 0)
    return [
      { kind: 'request_started', atMs: startMs, key: `a${index}`, url: 'https://a.test/', resourceType: 'XHR' },
      ...(moves ? [{ kind: 'request_moved', atMs: startMs + movesAfterMs, fromKey: `a${index}`, toKey: `b${index}` } as const] : []),
      ...(lastsMs === undefined ? [] : [{ kind: 'request_ended', atMs: endMs, key: moves ? `b${index}` : `a${index}` } as const]),
    ]
  })
  return timed.sort((one, other) => one.atMs - other.atMs)
}

function run(inputs: readonly QuietInput[], endMs: number): { atMs: number; idleSeq: number }[] {
  const state = createQuietState()
  const all: QuietInput[] = [{ kind: 'navigated', atMs: 0, navSeq: 1 }, ...inputs, { kind: 'wake', atMs: endMs }]
  const idles: { atMs: number; idleSeq: number }[] = []
  let wakeAtMs: number | undefined
  for (const input of all) {
    // Like a driver: every wake that is due before the input is sent first.
    while (wakeAtMs !== undefined && wakeAtMs < input.atMs) {
      const woken = stepQuiet(state, { kind: 'wake', atMs: wakeAtMs })
      idles.push(...woken.outputs)
      wakeAtMs = woken.wakeAtMs
    }
    const taken = stepQuiet(state, input)
    idles.push(...taken.outputs)
    wakeAtMs = taken.wakeAtMs
  }
  return idles.map(({ atMs, idleSeq }) => ({ atMs, idleSeq }))
}

describe('quiet', () => {
  test('is idle exactly when nothing younger than 10 s was in flight for 500 ms, counting from 1', () => {
    fc.assert(
      fc.property(plans, (requests) => {
        const expected = idleTimesOf(requests, 60_000).map((atMs, index) => ({ atMs, idleSeq: index + 1 }))
        expect(run(inputsOf(requests), 60_000)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('is not changed by wakes that come too early', () => {
    fc.assert(
      fc.property(plans, fc.array(step100(400), { maxLength: 30 }), (requests, wakes) => {
        const inputs = inputsOf(requests)
        const early = wakes.map((atMs): QuietInput => ({ kind: 'wake', atMs }))
        const mixed = [...inputs, ...early].sort((one, other) => one.atMs - other.atMs)
        expect(run(mixed, 60_000)).toEqual(run(inputs, 60_000))
      }),
    )
  })

  test('takes any input in any state without throwing, and keeps at most one timer', () => {
    const key = fc.constantFrom('a', 'b', 'c', '__proto__')
    const input = fc.oneof(
      fc.record({ kind: fc.constant('navigated' as const), navSeq: fc.nat(), documentRequestKey: fc.option(key, { nil: undefined }) }),
      fc.record({
        kind: fc.constant('attached_late' as const),
        readyState: fc.constantFrom('loading' as const, 'interactive' as const, 'complete' as const),
      }),
      fc.record({
        kind: fc.constant('request_started' as const),
        key,
        url: fc.string(),
        resourceType: fc.constantFrom('XHR', 'Document', undefined),
      }),
      fc.record({ kind: fc.constant('headers_received' as const), key, expectedBytes: fc.option(fc.nat(), { nil: undefined }) }),
      fc.record({ kind: fc.constant('bytes_received' as const), key, encodedBytes: fc.option(fc.nat(), { nil: undefined }) }),
      fc.record({ kind: fc.constant('request_ended' as const), key }),
      fc.record({ kind: fc.constant('request_moved' as const), fromKey: key, toKey: key }),
      fc.record({ kind: fc.constant('session_gone' as const), keys: fc.array(key) }),
      fc.record({ kind: fc.constantFrom('dom_content_loaded' as const, 'cancel' as const, 'wake' as const) }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(3000)), { maxLength: 60 }), (script) => {
        const state = createQuietState()
        let atMs = 0
        for (const [untimed, afterMs] of script) {
          atMs += afterMs
          const { wakeAtMs, outputs } = stepQuiet(state, { ...untimed, atMs })
          if (wakeAtMs !== undefined) expect(wakeAtMs).toBeGreaterThan(atMs)
          expect(outputs.length).toBeLessThanOrEqual(1)
          expect(linkedKeys(state.requests)).toEqual([...state.requests.inFlight.keys()].sort())
        }
      }),
    )
  })
})

// The keys along the links from the oldest request to the newest.
function linkedKeys(requests: ReturnType<typeof createQuietState>['requests']): string[] {
  const keys: string[] = []
  for (let entry = requests.oldest; entry !== undefined; entry = entry.newer) keys.push(entry.request.key)
  return keys.sort()
}

describe('idle waits', () => {
  const a = 'https://a.test/'
  test.each([
    { resourceType: 'Document', url: a },
    { resourceType: 'XHR', url: `${a}api` },
    { resourceType: 'Fetch', url: `${a}favicon.ico` },
    { resourceType: 'Other', url: `${a}thing?x=/favicon.ico` },
    { resourceType: 'Other', url: `${a}thing`, initiatorType: 'parser' },
    { resourceType: 'Script', url: `${a}worker.js`, initiatorType: 'other' },
    { resourceType: 'Script', url: 'BLOBS://a.test/' },
    { resourceType: undefined, url: a },
  ])('for $resourceType $url', (kind) => {
    expect(countsForIdle(kind)).toBe(true)
  })
  test.each([
    ...['WebSocket', 'EventSource', 'Ping', 'CSPViolationReport', 'Prefetch', 'Preflight'].map((resourceType) => ({
      resourceType,
      url: a,
    })),
    { resourceType: 'Other', url: `${a}favicon.ico?v=2` },
    { resourceType: 'Other', url: `${a}static/favicon-32x32.png#x` },
    { resourceType: 'Other', url: a, initiatorType: 'preflight' },
    { resourceType: 'Other', url: `${a}my-picture.svg`, initiatorType: 'other' },
    { resourceType: 'Other', url: `${a}next.js`, initiatorType: 'parser', isPrefetch: true },
    { resourceType: 'Image', url: 'data:image/png;base64,AAAA' },
    { resourceType: 'Fetch', url: 'Blob:https://a.test/1' },
  ])('not for $resourceType $url $initiatorType', (kind) => {
    expect(countsForIdle(kind)).toBe(false)
  })
})
