import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createManualClock, delay, type ManualClock, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { findChromium } from './find.ts'
import { type BrowserCrash, superviseBrowser } from './supervise.ts'
import { leftOver, processesWith, profileOf } from './testing/processes.ts'

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
  const firstLife = new Set(processesWith(marker))
  process.kill(browser?.pid ?? 0, 'SIGKILL')
  await browser?.exited
  // Into the middle of the second start.
  while (processesWith(marker).every((pid) => firstLife.has(pid))) await delay(clock, 5)
  await supervisor.close()
  expect(await leftOver(marker, 5_000)).toEqual([])
})

test('a caller that no longer wants the endpoint gets its own reason', async () => {
  await using supervisor = await superviseBrowser({ clock })
  const stop = AbortSignal.abort(new Error('not interested'))
  await expect(supervisor.endpoint(stop)).rejects.toThrow('not interested')
})

test('a Chromium that will not start again is given up after ten failures, each told, with waits that grow to 5 s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabscope-test-'))
  // Starts the real one, until told otherwise.
  const launcher = join(folder, 'chromium')
  await writeFile(launcher, `#!/bin/sh\n[ -e '${folder}/broken' ] && exit 7\nexec '${findChromium()}' "$@"\n`, { mode: 0o755 })
  const manual = createManualClock()
  const crashes: BrowserCrash[] = []
  const waitsMs: number[] = []
  const onCrash = (crash: BrowserCrash): void => {
    crashes.push(crash)
    // The wait is set in a later turn; its length is how far the clock has to be moved.
    setImmediate(() => waitsMs.push(moveToNextTimer(manual)))
  }
  try {
    await using supervisor = await superviseBrowser({ clock: manual, chromium: launcher, onCrash })
    await writeFile(join(folder, 'broken'), '')
    process.kill(supervisor.current?.pid ?? 0, 'SIGKILL')
    await supervisor.current?.exited
    await expect(supervisor.endpoint(never)).rejects.toMatchObject({ code: 'chromium_start_failed' })
    expect(crashes.map(({ phase }) => phase)).toEqual(['running', ...Array.from({ length: 9 }, () => 'startup'), 'gave_up'])
    expect(crashes.map(({ pid }) => pid !== undefined)).toEqual([...Array.from({ length: 10 }, () => true), false])
    expect(waitsMs.slice(0, 9)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000])
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** Moves the clock on in small steps until a timer fires. */
function moveToNextTimer(manual: ManualClock): number {
  const before = manual.pendingTimers()
  let movedMs = 0
  while (before > 0 && manual.pendingTimers() >= before && movedMs < 10_000) {
    manual.advance(50)
    movedMs += 50
  }
  return movedMs
}
