import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { delay, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { launchBrowser } from './launch.ts'
import { leftOver, processesWith, profileOf } from './testing/processes.ts'

const clock = systemClock

test('a launched Chromium answers at its endpoint and says its version', async () => {
  await using browser = await launchBrowser({ clock })
  const response = await fetch(`http://${new URL(browser.endpoint).host}/json/version`)
  expect(await response.json()).toMatchObject({ webSocketDebuggerUrl: browser.endpoint, Browser: browser.version })
  expect(browser.version).toMatch(/Chrome\/[0-9.]+$/)
})

test('close ends every process of the browser and removes its profile, also when called twice', async () => {
  const browser = await launchBrowser({ clock })
  const profile = profileOf(browser.pid)
  expect(processesWith(profile).length).toBeGreaterThan(2)
  await Promise.all([browser.close(), browser.close()])
  expect(await browser.exited).toEqual({ code: 0, signal: undefined })
  expect(await leftOver(profile, 2_000)).toEqual([])
  expect(existsSync(profile)).toBe(false)
})

test('a browser that is killed says so, and its profile goes too', async () => {
  const browser = await launchBrowser({ clock })
  const profile = profileOf(browser.pid)
  process.kill(browser.pid, 'SIGKILL')
  expect(await browser.exited).toEqual({ code: undefined, signal: 'SIGKILL' })
  await browser.close()
  expect(await leftOver(profile, 5_000)).toEqual([])
  expect(existsSync(profile)).toBe(false)
})

test('a stopped browser, which cannot end by itself, is killed', async () => {
  const browser = await launchBrowser({ clock })
  const profile = profileOf(browser.pid)
  process.kill(browser.pid, 'SIGSTOP')
  await browser.close()
  expect(await browser.exited).toEqual({ code: undefined, signal: 'SIGKILL' })
  expect(await leftOver(profile, 5_000)).toEqual([])
})

/** Runs a program that launches a browser, kills it with SIGKILL, and says what it had launched. */
async function killLauncher(args: string[]): Promise<{ profile: string; display?: string }> {
  const program = new URL('testing/launch-and-wait.ts', import.meta.url).pathname
  const { DISPLAY: _none, ...env } = process.env
  const nodeArgs = ['--conditions=tabscope-source', '--import', 'tsx', program, ...args]
  const parent = spawn(process.execPath, nodeArgs, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const ended = once(parent, 'exit')
  const [line] = await once(createInterface(parent.stdout), 'line')
  const launched = JSON.parse(String(line))
  expect(processesWith(launched.profile).length).toBeGreaterThan(2)
  parent.kill('SIGKILL')
  await ended
  return launched
}

test('when its parent is killed with SIGKILL, Chromium ends, and the next start removes what it left behind', async () => {
  const { profile } = await killLauncher([])
  expect(await leftOver(profile, 5_000)).toEqual([])
  await using _next = await launchBrowser({ clock })
  expect(existsSync(profile)).toBe(false)
})

test('when its parent is killed with SIGKILL, a visible Chromium and its private display both end', async () => {
  const { profile, display } = await killLauncher(['--headful'])
  expect(await leftOver(profile, 5_000)).toEqual([])
  const socket = `/tmp/.X11-unix/X${display?.slice(1)}`
  while (existsSync(socket)) await delay(clock, 20)
})

test('a program that is not a browser is an error with its last words and leaves no folder', async () => {
  await expect(launchBrowser({ clock, chromium: '/bin/false' })).rejects.toMatchObject({
    code: 'chromium_start_failed',
    message: '/bin/false ended with code 1. Its last words: "". Try it by hand, or name another with --chromium PATH.',
  })
})

test('a path that is not there is refused by name before anything is started', async () => {
  await expect(launchBrowser({ clock, chromium: '/nowhere/chromium' })).rejects.toMatchObject({
    code: 'chromium_not_found',
    message: '"/nowhere/chromium" is not an executable file. Name a Chromium or Chrome with --chromium PATH or CHROMIUM_PATH.',
  })
})

test('an aborted start rejects with the reason and leaves no process', async () => {
  const stop = new AbortController()
  const marker = `--tabscope-test-${process.pid}-abort`
  const launching = launchBrowser({ clock, args: [marker], signal: stop.signal })
  const appeared = (async () => {
    while (processesWith(marker).length === 0) await delay(clock, 5)
  })()
  await appeared
  stop.abort(new Error('changed my mind'))
  await expect(launching).rejects.toThrow('changed my mind')
  expect(await leftOver(marker, 5_000)).toEqual([])
})

test('a visible browser without DISPLAY gets a private display, which ends with it', async () => {
  const before = process.env['DISPLAY']
  delete process.env['DISPLAY']
  try {
    const browser = await launchBrowser({ clock, headful: true })
    expect(browser.version).not.toContain('Headless')
    expect(browser.display).toMatchObject({ isPrivate: true, name: expect.stringMatching(/^:[0-9]+$/) })
    const socket = `/tmp/.X11-unix/X${browser.display?.name.slice(1)}`
    expect(existsSync(socket)).toBe(true)
    await browser.close()
    expect(existsSync(socket)).toBe(false)
  } finally {
    if (before !== undefined) process.env['DISPLAY'] = before
  }
})
