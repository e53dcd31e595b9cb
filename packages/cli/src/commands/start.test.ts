import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { descendantsOf, isRunning, leftOver, profileBelow } from '@tabscope/browser/testing'
import { expect, test } from 'vitest'
import { runCommand, runTabscope, urlOf } from '../testing/command.ts'
import { makeFolder } from '../testing/folder.ts'

const repository = fileURLToPath(new URL('../../../../', import.meta.url))

/** The numbers of the event lines. */
const seqsOf = (lines: readonly string[]): number[] => lines.flatMap((line) => /^ *(\d+) {2}\d\d:/.exec(line)?.slice(1).map(Number) ?? [])

/** Whether anything still takes connections there. */
async function isListening(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}

test('npm start shows the demo page, curl follows the stream, and Ctrl-C leaves nothing behind', async () => {
  await using folder = await makeFolder()
  await using start = runCommand('npm', ['--prefix', repository, 'start', '--', '--port', '0', '--data', folder.path])
  const url = await urlOf(start)
  expect(await start.stdout.until(/^DevTools/)).toMatch(/ws:\/\/127\.0\.0\.1:\d+\/devtools\/browser\//)
  expect(await start.stdout.until(/^OpenAPI/)).toBe(`OpenAPI   ${url}/openapi.json`)
  for (const happening of [
    /console_log +step 1 of the demo/,
    /network_response +200 GET \S+tick/,
    /page_navigated_within_document .*step\/1/,
    /page_layout_shift/,
  ]) {
    await start.stdout.until(happening)
  }
  const seqs = seqsOf(start.stdout.all)
  expect(seqs).toEqual(seqs.map((_seq, index) => index + 1))
  await using curl = runCommand('curl', ['-sN', `${url}/telemetry/stream`])
  const id = await curl.stdout.until(/^id: \d+$/)
  const data = await curl.stdout.until(/^data: /)
  expect(JSON.parse(data.slice('data: '.length)).seq).toBe(Number(id.slice('id: '.length)))
  const profile = profileBelow(start.pid)
  const processes = descendantsOf(start.pid)
  // As a terminal does it: to the whole group.
  process.kill(-start.pid, 'SIGINT')
  await start.ended()
  expect(await curl.ended()).toBe(0)
  expect(await leftOver(profile, 5_000)).toEqual([])
  expect(processes.filter(isRunning)).toEqual([])
  expect(await isListening(url)).toBe(false)
})

test('start ends with 0 on Ctrl-C and on SIGTERM', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    await using start = runTabscope(['start', '--port', '0', '--data', 'none'])
    await start.stdout.until(/^Events {4}in memory only$/)
    start.kill(signal)
    expect(await start.ended()).toBe(0)
    expect(start.stderr.all).toEqual([])
  }
})

test('kill -9 of the server leaves no Chromium, and the next start goes on with higher numbers', async () => {
  await using folder = await makeFolder()
  const args = ['start', '--port', '0', '--data', folder.path]
  await using first = runTabscope(args)
  await first.stdout.until(/console_log +step 2/)
  const profile = profileBelow(first.pid)
  first.kill('SIGKILL')
  expect(await first.ended()).toBe('SIGKILL')
  expect(await leftOver(profile, 5_000)).toEqual([])
  await using second = runTabscope(args)
  await second.stdout.until(/console_log +step 1/)
  const before = seqsOf(first.stdout.all)
  const after = seqsOf(second.stdout.all)
  expect(after[0]).toBeGreaterThan(Math.max(...before))
  expect(after).toEqual([...after].sort((a, b) => a - b))
  second.kill('SIGINT')
  expect(await second.ended()).toBe(0)
})

test('a killed Chromium is started again with the page that was to be open, and the same stream goes on', async () => {
  await using start = runTabscope([
    'start',
    '--port',
    '0',
    '--data',
    'none',
    '--open',
    // Born later each time, by its own clock.
    'data:text/html,<script>console.log("life",performance.timeOrigin)</script>',
  ])
  const life = /console_log +life ([\d.]+)/
  const first = life.exec(await start.stdout.until(life))?.[1]
  const browser = descendantsOf(start.pid)[0] ?? 0
  process.kill(browser, 'SIGKILL')
  await start.stdout.until(/monitor_disconnected/)
  await start.stdout.until(/monitor_reconnected/)
  await start.stdout.until(new RegExp(`console_log +life (?!${first})`))
  expect(descendantsOf(start.pid)).not.toContain(browser)
  expect(descendantsOf(start.pid).length).toBeGreaterThan(2)
  start.kill('SIGINT')
  expect(await start.ended()).toBe(0)
})
