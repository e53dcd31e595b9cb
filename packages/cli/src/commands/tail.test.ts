import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { runCommand, runTabscope, tabscopeFile, urlOf } from '../testing/command.ts'
import { makeFolder } from '../testing/folder.ts'
import { publish, startQuietServer } from '../testing/quiet-server.ts'

const textsOf = (lines: readonly string[]): string[] => lines.map((line) => JSON.parse(line).event.data.text)

async function publishAll(server: { readonly url: string }, texts: readonly string[], type?: string): Promise<number[]> {
  const seqs: number[] = []
  for (const text of texts) seqs.push(await publish(server, text, type))
  return seqs
}

/** Waits until the server says that the event is on disk. */
async function untilDurable(url: string, seq: number): Promise<void> {
  for (;;) {
    const state: unknown = await (await fetch(`${url}/telemetry`)).json()
    if (typeof state === 'object' && state !== null && 'durable_seq' in state && Number(state.durable_seq) >= seq) return
  }
}

test('tail shows what comes, as one readable line each, and ends with 130 on Ctrl-C', async () => {
  await using server = await startQuietServer()
  await publish(server, 'before')
  await using tail = runTabscope(['tail', server.url, '--replay', 'all'])
  await tail.stdout.until(/before/)
  const seq = await publish(server, 'while it runs')
  const line = await tail.stdout.until(/while it runs/)
  expect(line).toMatch(new RegExp(`^ +${seq}  \\d\\d:\\d\\d:\\d\\d\\.\\d{3}  test_event +text=while it runs$`))
  tail.kill('SIGINT')
  expect(await tail.ended()).toBe(130)
})

test('tail ended by SIGTERM says 143', async () => {
  await using server = await startQuietServer()
  await publish(server, 'here')
  await using tail = runTabscope(['tail', server.url, '--replay', 'all'])
  await tail.stdout.until(/here/)
  tail.kill('SIGTERM')
  expect(await tail.ended()).toBe(143)
})

test('with --json every line is one envelope, the same as the stream sends', async () => {
  await using server = await startQuietServer()
  const seq = await publish(server, 'hello')
  await using tail = runTabscope(['tail', server.url, '--json', '--no-follow'])
  expect(await tail.ended()).toBe(0)
  expect(tail.stdout.all.map((line) => JSON.parse(line))).toEqual([
    {
      seq,
      capture_session_id: expect.any(String),
      event: {
        ts: expect.any(Number),
        type: 'test_event',
        category: 'system',
        detail_level: 'standard',
        source: { kind: 'local_process' },
        data: { text: 'hello' },
      },
    },
  ])
})

test('--after begins behind that event, --no-follow ends with the newest, filters apply to both', async () => {
  await using server = await startQuietServer()
  const [first] = await publishAll(server, ['a', 'b'])
  await publishAll(server, ['c'], 'other_event')
  await publishAll(server, ['d'])
  await using after = runTabscope(['tail', server.url, '--json', '--no-follow', '--after', String(first)])
  expect(await after.ended()).toBe(0)
  expect(textsOf(after.stdout.all)).toEqual(['b', 'c', 'd'])
  await using filtered = runTabscope(['tail', server.url, '--json', '--no-follow', '--type', 'other_event', '--category', 'system'])
  expect(await filtered.ended()).toBe(0)
  expect(textsOf(filtered.stdout.all)).toEqual(['c'])
  await using none = runTabscope(['tail', server.url, '--json', '--no-follow', '--source-kind', 'cdp'])
  expect([await none.ended(), none.stdout.all]).toEqual([0, []])
})

test('a live filter lets through what it should and nothing else', async () => {
  await using server = await startQuietServer()
  await using tail = runTabscope([
    'tail',
    server.url,
    '--json',
    '--replay',
    'all',
    '--type',
    'wanted_event,last_event',
    '--until-type',
    'last_event',
  ])
  await publishAll(server, ['a', 'b'], 'unwanted_event')
  await publishAll(server, ['c'], 'wanted_event')
  await tail.stdout.untilCount(1)
  await publishAll(server, ['d'], 'unwanted_event')
  await publishAll(server, ['e'], 'last_event')
  expect(await tail.ended()).toBe(0)
  expect(textsOf(tail.stdout.all)).toEqual(['c', 'e'])
})

test('when the server restarts, tail connects again and goes on without losing or repeating an event', async () => {
  await using folder = await makeFolder()
  const before = await startQuietServer({ dataDirectory: folder.path })
  const port = Number(new URL(before.url).port)
  await publishAll(before, ['1', '2', '3'])
  await using tail = runTabscope(['tail', before.url, '--json', '--replay', 'all', '--until-type', 'last_event'])
  await tail.stdout.untilCount(3)
  await before.close()
  await tail.stderr.until(/^tabscope: .*; connecting again in \d+ ms$/)
  await using after = await startQuietServer({ dataDirectory: folder.path, port })
  await publishAll(after, ['4', '5'])
  await publishAll(after, ['6'], 'last_event')
  expect(await tail.ended()).toBe(0)
  expect(textsOf(tail.stdout.all)).toEqual(['1', '2', '3', '4', '5', '6'])
  const seqs = tail.stdout.all.map((line) => JSON.parse(line).seq)
  expect(seqs).toEqual([1, 2, 3, 4, 5, 6].map((offset) => seqs[0] - 1 + offset))
})

test('when the server is killed, tail goes on after its restart, and the numbers that were never used are told as a gap', async () => {
  await using folder = await makeFolder()
  const serve = (port: string) => runTabscope(['serve', '--browser', 'none', '--data', folder.path, '--port', port])
  await using first = serve('0')
  const url = await urlOf(first)
  await publishAll({ url }, ['1', '2', '3'])
  await untilDurable(url, 3)
  await using tail = runTabscope(['tail', url, '--json', '--replay', 'all', '--until-type', 'last_event'])
  await tail.stdout.untilCount(3)
  first.kill('SIGKILL')
  await first.ended()
  await using second = serve(new URL(url).port)
  await urlOf(second)
  const [seq = 0] = await publishAll({ url }, ['4'], 'last_event')
  expect(await tail.ended()).toBe(0)
  expect(textsOf(tail.stdout.all)).toEqual(['1', '2', '3', '4'])
  expect(await tail.stderr.until(/gap/)).toBe(
    `tabscope: gap: events 4 to ${seq - 1} are missing (the server restarted and never used these numbers)`,
  )
})

test('what is gone is told on standard error, and standard output holds events only', async () => {
  const first = await startQuietServer()
  const port = Number(new URL(first.url).port)
  await publishAll(first, ['1', '2', '3'])
  await using tail = runTabscope(['tail', first.url, '--json', '--replay', 'all', '--until-type', 'last_event'])
  await tail.stdout.untilCount(3)
  await first.close()
  // In memory only: the next one begins at 1 again.
  await using second = await startQuietServer({ port })
  await tail.stderr.until(/gap: nothing after event 3 \(the server has not got that far; it may have begun with an empty data folder\)$/)
  await publishAll(second, ['4'], 'last_event')
  expect(await tail.ended()).toBe(0)
  expect(textsOf(tail.stdout.all)).toEqual(['1', '2', '3', '4'])
})

test('with --no-reconnect the end of the server is the end', async () => {
  const server = await startQuietServer()
  await publish(server, 'hello')
  await using tail = runTabscope(['tail', server.url, '--replay', 'all', '--no-reconnect'])
  await tail.stdout.until(/hello/)
  await server.close()
  expect(await tail.ended()).toBe(0)
})

test('a page cannot act on the terminal, neither through lines nor through JSON', async () => {
  await using server = await startQuietServer()
  await publish(server, 'red\x1b[31m \x9b31m title\x1b]0;x\x07 \u202e end')
  for (const args of [[], ['--json']]) {
    await using tail = runTabscope(['tail', server.url, '--no-follow', ...args])
    expect(await tail.ended()).toBe(0)
    expect(tail.stdout.all.length).toBe(1)
    expect(tail.stdout.all[0]).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
    expect(tail.stdout.all[0]).toContain('title')
  }
})

test('a reader of the output that goes away is a good end, not an error', async () => {
  await using server = await startQuietServer()
  await publishAll(server, ['1', '2', '3'])
  const command = `"${process.execPath}" "${tabscopeFile}" tail ${server.url} --replay all | head -n 1; echo "codes \${PIPESTATUS[*]}"`
  await using shell = runCommand('bash', ['-c', command])
  await shell.stdout.untilCount(1)
  // The next line meets a closed pipe.
  await publishAll(server, ['4', '5'])
  expect(await shell.ended()).toBe(0)
  expect(shell.stdout.all).toEqual([expect.stringContaining('text=1'), 'codes 0 0'])
  expect(shell.stderr.all).toEqual([])
})

test('the address may come from the environment', async () => {
  await using server = await startQuietServer()
  await publish(server, 'hello')
  await using tail = runTabscope(['tail', '--no-follow'], { TABSCOPE_URL: server.url })
  expect(await tail.ended()).toBe(0)
  expect(tail.stdout.all).toEqual([expect.stringContaining('text=hello')])
})

test('a server that is not there is exit code 6 with the next step', async () => {
  const gone = await startQuietServer()
  await gone.close()
  await using tail = runTabscope(['tail', gone.url])
  expect(await tail.ended()).toBe(6)
  expect(tail.stderr.all).toEqual([
    expect.stringMatching(/^tabscope: No connection to http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.* Is the server running there\?$/),
  ])
})

test('something else at the address is exit code 6', async () => {
  const other = createServer((_request, response) => response.end('<h1>hello</h1>')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await using tail = runTabscope(['tail', `127.0.0.1:${port}`])
  expect(await tail.ended()).toBe(6)
  expect(tail.stderr.all).toEqual([
    `tabscope: http://127.0.0.1:${port}/telemetry/stream answered with nothing, not with an event stream. Is the address right?`,
  ])
  other.close()
})

test.each([
  [['tail', '--category', 'konsole'], /^tabscope: Category "konsole" is not one that can be used here\./],
  [['tail', '--after', '0'], /Give the number of an event: 1 or more\./],
  [['tail', '--after', '1', '--replay', 'all'], /option '--after <seq>' cannot be used with option '--replay <what>'/],
  [['tail', '--detail', 'everything'], /Give one of: minimal, standard, verbose, raw\./],
  [['tail', 'ftp://host'], /ftp:\/\/ is not spoken here\./],
  [['tail', '--frobnicate'], /unknown option '--frobnicate'/],
])('%j is exit code 2', async (args, message) => {
  await using server = await startQuietServer()
  await using tail = runTabscope(args, { TABSCOPE_URL: server.url })
  expect(await tail.ended()).toBe(2)
  expect(tail.stderr.all.join('\n')).toMatch(message)
  expect(tail.stdout.all).toEqual([])
})
