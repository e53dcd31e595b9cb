// A page that does not draw, on a hand-cranked clock: what a minimised window does to the pictures of the others.
import type { CdpSession, Command } from '@tabscope/cdp'
import { createManualClock, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import type { SessionScope } from '../session-scope.ts'
import { createPageCamera } from './page-camera.ts'

// A session that answers nothing by itself; a command fails at its deadline, as the connection makes it.
function silentPage(clock: ReturnType<typeof createManualClock>): { page: SessionScope; sent: string[] } {
  const sent: string[] = []
  const post = ({ method, timeoutMs = 0, done }: Command): void => {
    sent.push(method)
    clock.schedule(clock.monotonicMs() + timeoutMs, () => done?.({ ok: false, code: 'timeout', message: 'no answer' }, 0, 0))
  }
  return { page: { openDialogs: 0, session: { post } as CdpSession } as SessionScope, sent }
}

test('a page that draws nothing fails at the deadline, and is left alone for a while', async () => {
  const clock = createManualClock()
  const camera = createPageCamera(clock)
  const { page, sent } = silentPage(clock)
  const first = camera.take(page, limits.screenshotMs)
  clock.advance(limits.screenshotMs)
  expect(await first).toEqual({ ok: false, reason: 'timeout' })
  expect(await camera.take(page, 2 * limits.screenshotMs)).toEqual({ ok: false, reason: 'the page did not draw a short while ago' })
  clock.advance(limits.screenshotStuckMs)
  const again = camera.take(page, clock.monotonicMs() + 500)
  clock.advance(500)
  expect([await again, sent]).toEqual([{ ok: false, reason: 'timeout' }, sent.map(() => 'Page.captureScreenshot')])
  // Three times for the first picture, and once for the second.
  expect(sent).toHaveLength(4)
})

test('a page whose frame Chromium lost is asked again, and that answer counts', async () => {
  const clock = createManualClock()
  const askedAtMs: number[] = []
  const post = ({ done }: Command): void => {
    askedAtMs.push(clock.monotonicMs())
    if (askedAtMs.length === 2) done?.({ ok: true, result: { data: 'picture' } }, 0, 0)
  }
  const page = { openDialogs: 0, session: { post } as CdpSession } as SessionScope
  const taken = createPageCamera(clock).take(page, limits.screenshotMs)
  clock.advance(limits.screenshotAgainMs)
  expect(await taken).toEqual({ ok: true, png: 'picture' })
  clock.advance(limits.screenshotMs)
  expect(askedAtMs).toEqual([0, limits.screenshotAgainMs])
})

test('a session that ends in the middle fails at once', async () => {
  const clock = createManualClock()
  const camera = createPageCamera(clock)
  const { page } = silentPage(clock)
  const taken = camera.take(page, limits.screenshotMs)
  camera.giveUp(page, 'the session is over')
  expect([await taken, clock.monotonicMs()]).toEqual([{ ok: false, reason: 'the session is over' }, 0])
})

test('a page with an open dialog is not even asked', async () => {
  const clock = createManualClock()
  const { page, sent } = silentPage(clock)
  page.openDialogs = 1
  expect([await createPageCamera(clock).take(page, 1_000), sent]).toEqual([{ ok: false, reason: 'a dialog is open' }, []])
})
