// The `browsers` commands as a person and a program use them, against a small server of the contract.
import { expect, test } from 'vitest'
import { browsers } from '../testing/browsers.ts'
import { runCommand, runTabscope, tabscopeFile } from '../testing/command.ts'
import { consoleLine, startContractServer } from '../testing/contract-server.ts'

test('create sends what was asked for, and a pipe gets the browser as one line of JSON', async () => {
  await using server = await startContractServer()
  const { code, out, err } = await browsers(
    [
      'create',
      '--name',
      'shop',
      '--tag',
      'a=1',
      '--tag',
      'b=2',
      '--headless',
      '--timeout',
      '120',
      '--viewport',
      '800x600@30',
      '--telemetry',
      'console,page',
    ],
    server.env,
  )
  const request = {
    name: 'shop',
    tags: { a: '1', b: '2' },
    viewport: { width: 800, height: 600, refresh_rate: 30 },
    telemetry: { browser: { console: { enabled: true }, page: { enabled: true } } },
    headless: true,
    timeout_seconds: 120,
  }
  expect([code, err, out.map((line) => JSON.parse(line))]).toEqual([0, [], [expect.objectContaining({ session_id: 'b1', ...request })]])
  expect(server.asked).toEqual([
    { line: 'POST /browsers', query: '', body: request, authorization: 'Bearer secret-key', lastEventId: undefined },
  ])
})

test.each([
  ['default', { enabled: true }, 'Telemetry: disabled'],
  ['off', { enabled: false }, 'Telemetry: disabled'],
  ['network', { browser: { network: { enabled: true } } }, 'Telemetry capturing: network'],
])('--telemetry %s becomes a request, and the answer says what is captured', async (what, telemetry, said) => {
  await using server = await startContractServer()
  const { out } = await browsers(['update', 'shop', '--telemetry', what, '-o', 'table'], server.env)
  expect(server.asked.map(({ line, body }) => [line, body])).toEqual([['PATCH /browsers/shop', { telemetry }]])
  expect(out).toEqual(['Updated b1', said])
})

test('--telemetry all asks for every category that can be switched', async () => {
  await using server = await startContractServer()
  await browsers(['create', '--telemetry', 'all'], server.env)
  const categories = ['console', 'network', 'page', 'interaction', 'control', 'platform', 'connection', 'system', 'screenshot', 'captcha']
  expect(server.asked[0]?.body).toEqual({
    telemetry: { enabled: true, browser: Object.fromEntries(categories.map((name) => [name, { enabled: true }])) },
  })
})

test('list shows a page and how to get the next, all pages, or lines of JSON', async () => {
  await using server = await startContractServer({ browser: { name: 'shop', tags: { team: 'x' } } })
  const page = await browsers(['list', '-o', 'table', '--status', 'all', '--tag', 'team=x'], server.env)
  expect(server.asked[0]?.query).toBe('?limit=20&status=all&tags[team]=x')
  expect(page.out.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['Browser', 'Name', 'Created', 'State', 'Captures', 'Tags'],
    ['b1', 'shop', '2026-01-02T03:04:05Z', 'active', 'disabled', 'team=x'],
    ['There are more: --offset 1, or --all.'],
  ])
  const all = await browsers(['list', '--all'], server.env)
  expect(all.out.map((line) => JSON.parse(line).session_id)).toEqual(['b1', 'b2'])
  const array = await browsers(['list', '--all', '-o', 'json'], server.env)
  expect(array.out.map((line) => JSON.parse(line).length)).toEqual([2])
})

test('get shows one browser, and one that is not there is exit code 6 with the words of the server', async () => {
  await using server = await startContractServer({
    instead: (response, { line }) => {
      if (line !== 'GET /browsers/gone') return false
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"code":"not_found","message":"There is no browser gone."}')
      return true
    },
  })
  const shown = await browsers(['get', 'b1', '-o', 'table'], server.env)
  expect(shown.out[0]).toBe('Browser     b1')
  expect(shown.out.at(-1)).toBe('Telemetry: disabled')
  expect(await browsers(['get', 'gone'], server.env)).toEqual({ code: 6, out: [], err: ['tabscope: There is no browser gone.'] })
})

test('delete takes several', async () => {
  await using server = await startContractServer()
  expect(await browsers(['delete', 'a', 'b', '-o', 'table'], server.env)).toEqual({ code: 0, out: ['Deleted a', 'Deleted b'], err: [] })
  expect((await browsers(['delete', 'a'], server.env)).out).toEqual(['{"deleted":"a"}'])
  expect(server.asked.map(({ line }) => line)).toEqual(['DELETE /browsers/a', 'DELETE /browsers/b', 'DELETE /browsers/a'])
})

const attack = '\x1b]0;owned\x07\x1b[2J\u202e\n'

test('no name, tag, time or event text reaches a terminal as a control sequence', async () => {
  await using server = await startContractServer({
    browser: { session_id: attack, name: attack, tags: { [attack]: attack }, created_at: attack, base_url: attack, cdp_ws_url: attack },
    events: [
      {
        ...Object(consoleLine(1, attack)),
        event: { ts: 1, type: attack, category: attack, source: { kind: 'cdp' }, data: { text: attack } },
      },
    ],
  })
  for (const format of ['table', 'ndjson']) {
    for (const args of [
      ['create'],
      ['list'],
      ['get', attack],
      ['update', attack],
      ['delete', attack],
      ['telemetry', 'events', attack],
      ['telemetry', 'stream', attack, '--no-reconnect'],
    ]) {
      const { code, out, err } = await browsers([...args, '-o', format], server.env)
      expect([args, code, [...out, ...err].filter((line) => /[\p{Cc}\p{Bidi_Control}]/u.test(line))]).toEqual([args, 0, []])
    }
  }
})

test('an error text of a server cannot reach a terminal as a control sequence either', async () => {
  await using server = await startContractServer({
    instead: (response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'x', message: attack }))
      return true
    },
  })
  expect(await browsers(['get', 'b1'], server.env)).toEqual({ code: 2, out: [], err: ['tabscope: \\x1b]0;owned\\x07\\x1b[2J\\u202e\\n'] })
})

test.each([
  [['list', '--limit', '0'], /Give a number from 1 to 100\./],
  [['create', '--telemetry', 'konsole'], /There is no category "konsole"\. Give all, off, or some of: console/],
  [['create', '--viewport', 'big'], /Give WIDTHxHEIGHT, such as 1280x720/],
  [['telemetry', 'stream', 'x', '--categories', 'konsole'], /There is no category "konsole"/],
  [['telemetry', 'stream', 'x', '--seq', '0'], /Give the number of an event: 1 or more\./],
  [['telemetry', 'stream', 'x', '--seq', '1', '--replay', 'all'], /option '--seq <number>' cannot be used with option '--replay <what>'/],
  [['telemetry', 'events', 'x', '--order', 'desc', '--since', '5m'], /has no '--since'/],
  [['list', '--base-url', 'localhost'], /Give the address of a control plane/],
  [['list', '--api-key', ''], /There is no API key/],
  [['frobnicate'], /unknown command 'frobnicate'/],
])('%j is exit code 2 and nothing is sent', async (args, message) => {
  await using server = await startContractServer()
  const { code, out, err } = await browsers(args, server.env)
  expect([code, out, server.asked]).toEqual([2, [], []])
  expect(err.join('\n')).toMatch(message)
})

test('options before the sub-command, and nobody listening', async () => {
  const server = await startContractServer()
  const before = ['browsers', '--base-url', server.url, '--api-key', 'k']
  await using command = runTabscope([...before, 'delete', 'a'])
  expect([await command.ended(), server.asked[0]?.authorization]).toEqual([0, 'Bearer k'])
  await server[Symbol.asyncDispose]()
  const { code, err } = await browsers(['delete', 'a'], server.env)
  expect(code).toBe(6)
  expect(err[0]).toMatch(
    /^tabscope: No connection to http:\/\/127\.0\.0\.1:\d+: fetch failed: connect ECONNREFUSED .*\. Is the server running there\?$/,
  )
})

test('a reader that goes away ends it, and that is no error', async () => {
  await using server = await startContractServer({
    staysOpen: true,
    events: Array.from({ length: 500 }, (_, index) => consoleLine(index + 1, 'x'.repeat(500))),
  })
  await using command = runCommand(
    'bash',
    ['-c', `"${process.execPath}" "${tabscopeFile}" browsers telemetry stream b1 | head -n 1`],
    server.env,
  )
  expect([await command.ended(), command.stdout.all.length, command.stderr.all]).toEqual([0, 1, []])
})

/** Runs `tabscope browsers create` on a terminal of so many columns and answers everything that it wrote there. */
async function createOnTerminal(columns: number): Promise<string> {
  await using server = await startContractServer()
  const line = `stty cols ${columns}; "${process.execPath}" "${tabscopeFile}" browsers create --telemetry console`
  const env = { ...server.env, TERM: 'xterm', NO_COLOR: undefined, FORCE_COLOR: '1', CI: undefined }
  await using command = runCommand('script', ['-qec', line, '/dev/null'], env)
  expect(await command.ended()).toBe(0)
  return command.stdout.all.join('\n')
}

test.skipIf(process.platform !== 'linux')('on a terminal it is text with colours, and progress leaves nothing behind', async () => {
  const text = await createOnTerminal(100)
  expect(text).toContain('\x1b[2mBrowser     \x1b[22mb1')
  expect(text).toContain('Telemetry capturing: console')
  // Whatever the spinner showed, its line is cleared and the cursor is shown again.
  const after = text.slice(text.lastIndexOf('starting a browser'))
  expect([after.includes('\x1b[2K'), after.includes('\x1b[?25h')]).toEqual([true, true])
})

test.skipIf(process.platform !== 'linux')('on a terminal that does not know its width there is no progress, and it ends', async () => {
  expect(await createOnTerminal(0)).not.toContain('starting a browser')
})
