// What pages can notice of being captured: docs/visibility.md lists it.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumArgsOfDetection, type Detection, detect } from '../testing/detection.ts'

let chromium: TestChromium
let unwatched: Detection

beforeAll(async () => {
  chromium = await launchTestChromium({ args: chromiumArgsOfDetection })
  unwatched = await detect({ chromium, categories: [] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

test.each([
  ['passive', ['network', 'page']],
  ['complete', ['network', 'page']],
  ['passive', ['network', 'page', 'interaction']],
  ['passive', ['network', 'page', 'screenshot']],
] as const)('in %s with %j a page sees what it sees without a collector', async (attachMode, categories) => {
  const watched = await detect({ chromium, categories, attachMode })
  // The control: the collector did watch.
  expect(categories.filter((category) => watched.published[category] === undefined)).toEqual([])
  expect(watched.facts).toEqual(unwatched.facts)
})

test('with console a page sees that its errors are formatted when they are logged, and nothing else', async () => {
  const watched = await detect({ chromium, categories: ['network', 'page', 'console', 'interaction'] })
  const traps = unwatched.facts['console'] as Record<string, number>
  expect(traps['prepareStackTrace']).toBe(0)
  expect(watched.facts).toEqual({ ...unwatched.facts, console: { ...traps, prepareStackTrace: 9 } })
})

test('in passive no worker, frame or window waits for the collector: while it is stopped a page sees what it sees without one', async () => {
  const watched = await detect({ chromium, categories: ['network', 'page'], isStopped: true })
  expect(watched.facts).toEqual({ ...unwatched.facts, held: '' })
})

test('in complete they do: a page can notice that its worker does not begin until the collector goes on', async () => {
  const watched = await detect({ chromium, categories: ['network', 'page'], attachMode: 'complete', isStopped: true })
  const asked = watched.facts['requests'] as string[]
  expect(watched.facts).toEqual({ ...unwatched.facts, held: 'worker', requests: asked })
  expect(asked.filter((request) => !request.includes('/detect-held?worker'))).toEqual(unwatched.facts['requests'])
})
