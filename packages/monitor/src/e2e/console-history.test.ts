// What a page said before capture: Chromium keeps its latest calls, and when that may not be all, it is told.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { behaviourConfig } from '../testing/recorded.ts'
import { openScene, type Scene } from '../testing/scene.ts'
import { dataOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const says = (count: number): string => `for (let call = 1; call <= ${count}; call++) console.log('call ' + call)`

function sceneAfter(count: number): Promise<Scene> {
  return openScene({
    chromium,
    pages: { '/': `<!doctype html><link rel="icon" href="data:,"><script>${says(count)}</script>` },
    before: async ({ server, driver }) => {
      await driver.openPage(`${server.url}/`)
    },
  })
}

const callsOf = ({ captured }: Scene): string[] => dataOf(captured.drafts, 'console_log').map(({ text }) => text)
const calls = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => `call ${from + index}`)

test('of more calls than Chromium keeps the latest are told as replayed, and that there may have been more', async () => {
  await using scene = await sceneAfter(1_500)
  const { data } = await scene.captured.until('monitor_degraded')
  expect([data.what, data.count]).toEqual(['console_history_full', 1])
  expect(callsOf(scene)).toEqual(calls(501, 1_500))
})

test('of fewer calls all are told, and no loss', async () => {
  await using scene = await sceneAfter(999)
  await scene.captured.until('console_log', ({ text }) => text === 'call 999')
  await scene.monitor.close()
  expect([callsOf(scene), scene.captured.of('monitor_degraded')]).toEqual([calls(1, 999), []])
})

test('a history that reaches back to what was told lost nothing, however long it is', async () => {
  await using scene = await openScene({ chromium, pages: { '/': '<!doctype html><link rel="icon" href="data:,">' } })
  const tab = await scene.visit('/')
  await tab.evaluate(says(900))
  await scene.captured.until('console_log', ({ text }) => text === 'call 900')
  const withoutConsole = behaviourConfig({ categories: { console: { enabled: false } } })
  await scene.monitor.apply(withoutConsole, 'test')
  await scene.wire.answered(tab.targetId)
  await tab.evaluate(says(500))
  await scene.monitor.apply(scene.config, 'test')
  await scene.captured.untilCount('console_log', 2, ({ text }) => text === 'call 500')
  await scene.monitor.close()
  expect([callsOf(scene), scene.captured.of('monitor_degraded')]).toEqual([[...calls(1, 900), ...calls(1, 500)], []])
})
