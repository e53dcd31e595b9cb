import { createManualClock, type EventDraft } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createCutReporter } from './cut-reporter.ts'

const startUs = 1_000_000_000

function reporter() {
  const clock = createManualClock(startUs)
  const told: EventDraft['data'][] = []
  return { clock, told, cuts: createCutReporter({ clock, publish: ({ data }) => told.push(data) }) }
}

const key = { what: 'rate_limited', detail: 'keys', count: 1 }

test('what is cut within a second is told as one event with its sum, a second after the first', () => {
  const { clock, told, cuts } = reporter()
  clock.advance(100)
  for (let index = 0; index < 500; index++) cuts.note(key)
  clock.advance(999)
  expect(told).toEqual([])
  clock.advance(1)
  expect(told).toEqual([{ what: 'rate_limited', detail: 'keys', count: 500, since_ts: startUs + 100_000 }])
  clock.advance(10_000)
  expect(told).toHaveLength(1)
})

test('a flood of any length gives one event a second', () => {
  const { clock, told, cuts } = reporter()
  for (let index = 0; index < 500; index++) {
    cuts.note(key)
    clock.advance(10)
  }
  clock.advance(2_000)
  expect(told).toHaveLength(5)
  expect(told.reduce((sum, data) => sum + ((data as { count?: number }).count ?? 0), 0)).toBe(500)
})

test('kinds are told apart', () => {
  const { clock, told, cuts } = reporter()
  cuts.note(key)
  cuts.note({ what: 'rate_limited', detail: 'clicks and scrolls', count: 2 })
  clock.advance(1_000)
  expect(told).toEqual([
    { what: 'rate_limited', detail: 'keys', count: 1, since_ts: startUs },
    { what: 'rate_limited', detail: 'clicks and scrolls', count: 2, since_ts: startUs },
  ])
})

test('the end tells what is left and leaves no timer', () => {
  const { clock, told, cuts } = reporter()
  cuts.note(key)
  cuts.end()
  expect(told).toEqual([{ what: 'rate_limited', detail: 'keys', count: 1, since_ts: startUs }])
  expect(clock.pendingTimers()).toBe(0)
})
