import { delay, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type BrowserCrash, superviseBrowser } from './supervise.ts'
import { leftOver, profileOf } from './testing/processes.ts'

const clock = systemClock
const never = new AbortController().signal

test('a killed Chromium is started again, with a new endpoint, and the crash is told once', async () => {
  const crashes: BrowserCrash[] = []
  await using supervisor = await superviseBrowser({ clock, onCrash: (crash) => crashes.push(crash) })
  const before = supervisor.current
  if (before === undefined) throw new Error('no browser after the start')
  process.kill(before.pid, 'SIGKILL')
  await before.exited
  const endpoint = await supervisor.endpoint(never)
  expect(endpoint).not.toBe(before.endpoint)
  expect(endpoint).toBe(supervisor.current?.endpoint)
  expect(crashes).toEqual([{ phase: 'running', pid: before.pid }])
})

test('close ends the browser without calling it a crash, and a waiting caller is told', async () => {
  const crashes: BrowserCrash[] = []
  const supervisor = await superviseBrowser({ clock, onCrash: (crash) => crashes.push(crash) })
  const profile = profileOf(supervisor.current?.pid ?? 0)
  await supervisor.close()
  await supervisor.close()
  expect(crashes).toEqual([])
  expect(await leftOver(profile, 2_000)).toEqual([])
  await expect(supervisor.endpoint(never)).rejects.toThrow('the browser supervisor was closed')
})

test('close right after a crash leaves no half-started browser', async () => {
  const marker = `--tabscope-test-${process.pid}-close-after-crash`
  const supervisor = await superviseBrowser({ clock, args: [marker] })
  const browser = supervisor.current
  process.kill(browser?.pid ?? 0, 'SIGKILL')
  await browser?.exited
  const next = supervisor.endpoint(never)
  next.catch(() => {})
  // Into the middle of the second start.
  await delay(clock, 400)
  await supervisor.close()
  expect(await leftOver(marker, 5_000)).toEqual([])
})

test('a caller that no longer wants the endpoint gets its own reason', async () => {
  await using supervisor = await superviseBrowser({ clock })
  const stop = AbortSignal.abort(new Error('not interested'))
  await expect(supervisor.endpoint(stop)).rejects.toThrow('not interested')
})
