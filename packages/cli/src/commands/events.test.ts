// Looking back with the real command: at a real server, and at the same folder without asking it.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningServer } from '@tabscope/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand, runTabscope, tabscopeFile } from '../testing/command.ts'
import { type Folder, makeFolder } from '../testing/folder.ts'
import { publish, startQuietServer } from '../testing/quiet-server.ts'

let folder: Folder
let server: RunningServer

beforeAll(async () => {
  folder = await makeFolder()
  server = await startQuietServer({ dataDirectory: folder.path })
  for (let number = 1; number <= 1500; number++) {
    const type = number % 100 === 0 ? 'hundredth' : 'test_event'
    server.log.append(
      { type, category: 'system', detailLevel: 'standard', source: { kind: 'local_process' }, data: { number } },
      'session-1',
    )
  }
  await server.log.flush()
})

afterAll(async () => {
  await server.close()
  await folder[Symbol.asyncDispose]()
})

interface Said {
  readonly code: number | NodeJS.Signals
  readonly lines: readonly string[]
  readonly notes: readonly string[]
}

async function events(...args: readonly string[]): Promise<Said> {
  await using running = runTabscope(['events', ...args])
  const code = await running.ended()
  return { code, lines: running.stdout.all, notes: running.stderr.all }
}

const numbersOf = ({ lines }: Said): readonly number[] => lines.map((line) => JSON.parse(line).event.data.number)
const span = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

/** The same events, once from the server and once from its folder, beside it. */
const places: readonly (readonly [string, () => readonly string[]])[] = [
  ['a server', () => [server.url]],
  ['its data folder', () => ['--data', folder.path]],
]

test.each(places)('from %s come the oldest hundred as JSON lines, and a note that there are more', async (_place, where) => {
  const said = await events(...where())
  expect([said.code, numbersOf(said), said.notes]).toEqual([
    0,
    span(1, 100),
    ['tabscope: there are more: --offset 100 goes on, --all gives everything'],
  ])
})

test.each(places)('from %s --offset goes on where the note said', async (_place, where) => {
  const said = await events(...where(), '--offset', '100', '--limit', '3')
  expect(numbersOf(said)).toEqual([101, 102, 103])
})

test.each(places)('from %s --all gives every event, page after page', async (_place, where) => {
  const said = await events(...where(), '--all')
  expect([said.code, numbersOf(said), said.notes]).toEqual([0, span(1, 1500), []])
})

test('a limit above a page is kept to', async () => {
  expect(numbersOf(await events(server.url, '--limit', '1200'))).toEqual(span(1, 1200))
})

test.each(places)('from %s filters, order and limit go together', async (_place, where) => {
  const said = await events(...where(), '--type', 'hundredth', '--category', 'system', '--order', 'desc', '--limit', '2')
  expect(numbersOf(said)).toEqual([1500, 1400])
})

test.each(places)('from %s --since and --until cut out a span of time to the microsecond', async (_place, where) => {
  const [at = 0] = [...(server.log.readLive(699, 1) ?? [])].map(({ tsUs }) => tsUs)
  const rfc3339 = `${new Date(Math.floor(at / 1e6) * 1000).toISOString().slice(0, 19)}.${String(at % 1e6).padStart(6, '0')}Z`
  const since = numbersOf(await events(...where(), '--since', rfc3339, '--all'))
  const until = numbersOf(await events(...where(), '--until', rfc3339, '--all'))
  expect([since[0], since.at(-1), until[0], until.at(-1)]).toEqual([expect.any(Number), 1500, 1, (since[0] ?? 0) - 1])
  expect(since[0]).toBeLessThanOrEqual(700)
})

test('-o json is one array, also when it is empty', async () => {
  const some = await events('--data', folder.path, '-o', 'json', '--limit', '2')
  const none = await events('--data', folder.path, '-o', 'json', '--type', 'no_such_type')
  expect([JSON.parse(some.lines.join('\n')).map(({ seq }: { seq: number }) => seq), JSON.parse(none.lines.join('\n'))]).toEqual([
    [1, 2],
    [],
  ])
})

test('-o lines is for people', async () => {
  const { lines } = await events(server.url, '-o', 'lines', '--limit', '1')
  expect(lines).toEqual([expect.stringMatching(/^ +1 {2}\d\d:\d\d:\d\d\.\d{3} {2}test_event +number=1$/)])
})

test('on a terminal lines come without asking', async () => {
  await using running = runCommand('script', [
    '-qec',
    `"${process.execPath}" "${tabscopeFile}" events ${server.url} --limit 1`,
    '/dev/null',
  ])
  expect(await running.ended()).toBe(0)
  expect(running.stdout.all.join('\n')).toMatch(/test_event +number=1/)
})

test('server and folder say the same, byte for byte', async () => {
  const [fromServer, fromFolder] = [await events(server.url, '--all'), await events('--data', folder.path, '--all')]
  expect(fromFolder.lines).toEqual(fromServer.lines)
})

test('the folder of a server that was killed is read up to its last whole line', async () => {
  await using copy = await makeFolder()
  await using killed = await startQuietServer({ dataDirectory: join(copy.path, 'live') })
  const seq = await publish(killed, 'there')
  await killed.log.flush()
  // As a kill leaves it: no clean end, no lock.
  await cp(join(copy.path, 'live'), join(copy.path, 'left'), { recursive: true })
  const said = await events('--data', join(copy.path, 'left'))
  expect([said.code, said.lines.map((line) => JSON.parse(line).seq)]).toEqual([0, [seq]])
})

test('a reader that has enough ends the command quietly', async () => {
  await using running = runCommand('bash', ['-c', `"${process.execPath}" "${tabscopeFile}" events ${server.url} --all | head -n 1`])
  expect([await running.ended(), running.stdout.all.length, running.stderr.all]).toEqual([0, 1, []])
})

test.each<[readonly string[], number, RegExp]>([
  [['--since', 'yesterday'], 2, /Give a time such as 2026-01-31T12:00:00Z/],
  [['--limit', '0'], 2, /Give a number of events from 1/],
  [['--all', '--limit', '5'], 2, /option '--all' cannot be used with option '--limit/],
  [['http://127.0.0.1:9', '--data', 'x'], 2, /give the address of a server or --data, not both/],
  [['http://127.0.0.1:9'], 6, /No connection to http:\/\/127\.0\.0\.1:9/],
  [['--data', '/nowhere/at/all'], 5, /no events to read in \/nowhere\/at\/all: ENOENT.*--data/],
])('%j ends with %i and says why', async (args, code, text) => {
  const said = await events(...args)
  expect([said.code, said.lines]).toEqual([code, []])
  expect(said.notes.join('\n')).toMatch(text)
})

test('an unknown category is told for a folder too', async () => {
  const said = await events('--data', folder.path, '--category', 'nonsense')
  expect([said.code, said.notes.join('\n')]).toEqual([2, expect.stringMatching(/Category "nonsense" is not one that can be used here/)])
})

test('a server without a disk says that it has no history', async () => {
  await using memory = await startQuietServer()
  const said = await events(memory.url)
  expect([said.code, said.notes.join('\n')]).toEqual([6, expect.stringMatching(/memory only/)])
})
