import { expect, test } from 'vitest'
import { findClockFaults } from './clock-rule.ts'

const faultsIn = (text: string, path = 'packages/log/src/a.ts'): string[] => findClockFaults([{ path, text }])

test.each([
  ['setTimeout', 'setTimeout(run, 100)'],
  ['setTimeout', 'const later = globalThis.setTimeout'],
  ['setTimeout', 'const timers = { wait: setTimeout }'],
  ['setInterval', 'setInterval(run, 100)'],
  ['Date.now', 'const at = Date.now()'],
  ['new Date()', 'const at = new Date()'],
  ['performance.now', 'const at = performance.now()'],
  ['performance.now', 'const at = globalThis.performance.now()'],
  ['process.hrtime', 'const at = process.hrtime.bigint()'],
  ['AbortSignal.timeout', 'await fetch(url, { signal: AbortSignal.timeout(100) })'],
  ['node:timers/promises', "import { setImmediate, setTimeout as wait } from 'node:timers/promises'"],
  ['node:timers/promises', "import { setTimeout as wait } from 'node:timers/promises'"],
])('%s is a fault in: %s', (what, text) => {
  expect(faultsIn(text)[0]).toBe(`packages/log/src/a.ts:1: ${what} outside of schema/src/clock.ts; take a Clock`)
})

test.each([
  'const text = new Date(ms).toISOString()',
  'socket.setTimeout(0)',
  "const inThePage = 'setTimeout(tick, 1000)'",
  '// setTimeout would be wrong here',
  "import { setImmediate as turn } from 'node:timers/promises'",
  'interface Timers { setTimeout: number }',
])('fine: %s', (text) => {
  expect(faultsIn(text)).toEqual([])
})

test('the clock itself may, and the one inside a page', () => {
  expect(faultsIn('setTimeout(run, 100)', 'packages/schema/src/clock.ts')).toEqual([])
  expect(faultsIn('setTimeout(run, 100)', 'packages/monitor/src/page-script/page-time.ts')).toEqual([])
})
