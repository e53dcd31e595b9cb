// Answers that the page never gets whole: what the server answered is told all the same, then what became of it.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectWitnessed, oddPages, pathOf, toldTo } from '../testing/odd-pages.ts'
import { openScene, type Scene } from '../testing/scene.ts'
import { toldOf } from '../testing/witness.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium({ args: ['--site-per-process'] })
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

const openPages = (): Promise<Scene> => openScene({ chromium, pages: oddPages })

test('a navigation that is answered with 204 is told with its answer, and as a navigation that got no document', async () => {
  await using scene = await openPages()
  const tab = await scene.visit('/')
  await scene.driver.send('Page.navigate', { url: `${scene.server.url}/nothing` }, tab.sessionId)
  const failed = await scene.captured.until('page_navigation_failed')
  expect([pathOf(failed.data.url), failed.data.error_text]).toEqual(['/nothing', 'net::ERR_ABORTED'])
  const told = await toldTo(scene, '/nothing')
  expect(told.responses.map(({ status, body_complete, body_absent_reason }) => [status, body_complete, body_absent_reason])).toEqual([
    [204, false, 'no_content'],
  ])
  expect(told.failures.map(({ error_text, canceled }) => [error_text, canceled])).toEqual([['net::ERR_ABORTED', true]])
  await expectWitnessed(scene)
})

test('an answer that breaks off is told with its status and headers before its failure', async () => {
  await using scene = await openPages()
  const tab = await scene.visit('/')
  await tab.evaluate("fetch('/half').then((r) => r.text()).catch(() => 0)")
  const told = await toldTo(scene, '/half')
  expect(told.responses.map(({ status, body_complete, headers }) => [status, body_complete, headers?.['content-length']])).toEqual([
    [200, false, '100'],
  ])
  expect(told.failures.map(({ error_text }) => error_text)).toEqual(['net::ERR_CONTENT_LENGTH_MISMATCH'])
  const order = scene.captured.drafts.filter(({ data }) => pathOf((data as { url?: string }).url) === '/half').map(({ type }) => type)
  expect(order).toEqual(['network_request', 'network_response', 'network_loading_failed'])
})

test('a frame that goes back to the site of its page is told whole: its document begins in one process and ends in another', async () => {
  await using scene = await openPages()
  const tab = await scene.visit('/')
  const other = scene.server.urlOf('other.localhost')
  await tab.evaluate(`new Promise((resolve) => {
    const frame = document.createElement('iframe')
    const way = ['${other}/document', '/document?back', '${other}/document?again', '/missing']
    frame.onload = () => { if (way.length === 0) resolve(0); else frame.src = way.shift() }
    document.body.append(frame)
  })`)
  await scene.captured.untilCount('network_response', 2, ({ url }) => pathOf(url) === '/missing' || url.endsWith('?back'))
  const told = toldOf(scene.captured.drafts, scene.server.port)
  expect(told.failures).toEqual([])
  await expectWitnessed(scene)
})

test('preflights and prefetches have a body that Chromium does not keep: that is said, not that there was none', async () => {
  await using scene = await openPages()
  const tab = await scene.visit('/')
  await tab.evaluate(`new Promise((resolve) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href: '/document?prefetched', onload: resolve }))
  }).then(() => 0)`)
  const prefetched = await scene.captured.until('network_response', ({ url }) => url.endsWith('?prefetched'))
  expect(prefetched.data.body_absent_reason).toBe('not_captured')
})
