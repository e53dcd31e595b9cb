import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ScrollInput, type ScrollState, type ScrollStep, stepScroll } from './scroll-machine.ts'

const rules = { quietMs: 300, most: 3 }
const origin = { x: 0, y: 0 }

function machine(): {
  scrolled: (target: string, atMs: number, y?: number) => ScrollStep<string>
  wake: (atMs: number) => ScrollStep<string>
} {
  const state: ScrollState<string> = new Map()
  return {
    scrolled: (target, atMs, y = 0) => stepScroll(state, { kind: 'scrolled', target, atMs, before: () => ({ x: 0, y }) }, rules),
    wake: (atMs) => stepScroll(state, { kind: 'wake', atMs }, rules),
  }
}

test('an element has come to rest 300 ms after its last scroll event, not before', () => {
  const { scrolled, wake } = machine()
  expect(scrolled('list', 1000)).toEqual({ settled: [], wakeAtMs: 1300, lost: 0 })
  expect(scrolled('list', 1200)).toEqual({ settled: [], wakeAtMs: 1500, lost: 0 })
  expect(wake(1300)).toEqual({ settled: [], wakeAtMs: 1500, lost: 0 })
  expect(wake(1499)).toEqual({ settled: [], wakeAtMs: 1500, lost: 0 })
  expect(wake(1500)).toEqual({ settled: [{ target: 'list', from: origin }], wakeAtMs: undefined, lost: 0 })
  expect(wake(1800)).toEqual({ settled: [], wakeAtMs: undefined, lost: 0 })
})

test('where it was before is asked once, at the first event of a scroll', () => {
  const { scrolled, wake } = machine()
  scrolled('list', 0, 40)
  scrolled('list', 100, 140)
  expect(wake(400).settled).toEqual([{ target: 'list', from: { x: 0, y: 40 } }])
  scrolled('list', 1000, 140)
  expect(wake(1300).settled).toEqual([{ target: 'list', from: { x: 0, y: 140 } }])
})

test('two elements that scroll at once come to rest each by itself', () => {
  const { scrolled, wake } = machine()
  scrolled('left', 0)
  scrolled('right', 200)
  expect(wake(300)).toEqual({ settled: [{ target: 'left', from: origin }], wakeAtMs: 500, lost: 0 })
  expect(wake(500)).toEqual({ settled: [{ target: 'right', from: origin }], wakeAtMs: undefined, lost: 0 })
})

test('a wake that comes late gives the events that it overtook 100 ms to come, once', () => {
  const { scrolled, wake } = machine()
  scrolled('page', 0)
  expect(wake(900)).toEqual({ settled: [], wakeAtMs: 1000, lost: 0 })
  expect(scrolled('page', 910)).toEqual({ settled: [], wakeAtMs: 1210, lost: 0 })
  expect(wake(2000)).toEqual({ settled: [], wakeAtMs: 2100, lost: 0 })
  expect(wake(5000)).toEqual({ settled: [{ target: 'page', from: origin }], wakeAtMs: undefined, lost: 0 })
})

test('more elements than the bound are not followed, and counted', () => {
  const { scrolled, wake } = machine()
  for (const name of ['a', 'b', 'c']) scrolled(name, 0)
  expect(scrolled('d', 0)).toEqual({ settled: [], wakeAtMs: 300, lost: 1 })
  expect(wake(300).settled.map(({ target }) => target)).toEqual(['a', 'b', 'c'])
})

test('whatever comes when, every element that scrolled comes to rest exactly once after its last event', () => {
  const scroll = fc.record({ target: fc.constantFrom('a', 'b', 'c'), afterMs: fc.integer({ min: 0, max: 700 }) })
  fc.assert(
    fc.property(fc.array(scroll, { maxLength: 30 }), (scrolls) => {
      const state: ScrollState<string> = new Map()
      const told: { target: string; atMs: number }[] = []
      let wakeAtMs: number | undefined
      const give = (input: ScrollInput<string>): void => {
        const step = stepScroll(state, input, rules)
        wakeAtMs = step.wakeAtMs
        for (const { target } of step.settled) told.push({ target, atMs: input.atMs })
      }
      const wakeUntil = (limitMs: number): void => {
        while (wakeAtMs !== undefined && wakeAtMs <= limitMs) give({ kind: 'wake', atMs: wakeAtMs })
      }
      let nowMs = 0
      const expected: { target: string; atMs: number }[] = []
      for (const { target, afterMs } of scrolls) {
        nowMs += afterMs
        wakeUntil(nowMs)
        give({ kind: 'scrolled', target, atMs: nowMs, before: () => origin })
        const open = expected.findLast((each) => each.target === target)
        if (open !== undefined && open.atMs > nowMs) open.atMs = nowMs + rules.quietMs
        else expected.push({ target, atMs: nowMs + rules.quietMs })
      }
      wakeUntil(Number.POSITIVE_INFINITY)
      const order = (one: { target: string; atMs: number }, other: { target: string; atMs: number }): number =>
        one.atMs - other.atMs || (one.target < other.target ? -1 : 1)
      expect([...told].sort(order)).toEqual([...expected].sort(order))
    }),
    { numRuns: 200 },
  )
})
