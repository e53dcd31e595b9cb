// Every command of the README is run as it stands there, but for the port, the folder and the other browser's address.
import { launchBrowser, type RunningBrowser } from '@tabscope/browser'
import { systemClock } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningCommand, runCommand, tabscopeFile, urlOf } from '../packages/cli/src/testing/command.ts'
import { apiKey, startTestControl } from '../packages/cli/src/testing/control.ts'
import { type Folder, makeFolder } from '../packages/cli/src/testing/folder.ts'
import { commandsOf, readDocument } from './documents.ts'

const readme = readDocument('README.md')

/** Commands that are tests of their own: the file that runs them, and what in it does. */
const testedElsewhere: Readonly<Record<string, { readonly file: string; readonly by: string }>> = {
  'npm start': { file: 'packages/cli/src/commands/start.test.ts', by: "runCommand('npm', ['--prefix', repository, 'start'" },
  'npm test': { file: 'tools/run-tests.test.ts', by: "join(repositoryRoot, 'tools', 'run-tests.mjs')" },
}

let folder: Folder
let server: RunningCommand
let otherBrowser: RunningBrowser
let url = ''

beforeAll(async () => {
  folder = await makeFolder()
  otherBrowser = await launchBrowser({ clock: systemClock })
  server = runCommand(process.execPath, [tabscopeFile, 'start', '--port', '0', '--data', `${folder.path}/server`])
  url = await urlOf(server)
  // The examples look at events that are there already.
  await server.stdout.until(/console_log +step 1/)
})

afterAll(async () => {
  server.kill('SIGINT')
  await server.ended()
  await otherBrowser.close()
  await folder[Symbol.asyncDispose]()
})

function run(command: string, address: string = url, env: NodeJS.ProcessEnv = {}): RunningCommand {
  const adapted = command
    .replaceAll('http://127.0.0.1:10001', address)
    .replaceAll('http://127.0.0.1:9222', `http://${new URL(otherBrowser.endpoint).host}`)
    .replaceAll('npx tabscope', `"${process.execPath}" "${tabscopeFile}"`)
    .replace(/--port \d+/, '--port 0')
    .replace(/--serve \d+/, '--serve 0')
    .replace('--data .tabscope', `--data "${folder.path}/server"`)
  const script = `cd "${folder.path}" && ${/[|]/.test(adapted) ? adapted : `exec ${adapted}`}`
  return runCommand('bash', ['-c', script], { TABSCOPE_URL: url, TABSCOPE_PORT: '0', TABSCOPE_CONTROL_PORT: '0', ...env })
}

/** What a line, or the whole answer, of each command looks like. */
const follows: readonly [string, RegExp][] = [
  ['npx tabscope replay --data .tabscope --speed 10 --serve 10002', /^Stream {4}http:\/\/127\.0\.0\.1:\d+\/telemetry\/stream /],
  ['curl -N http://127.0.0.1:10001/telemetry/stream', /^data: \{"seq":\d+,/],
  ['npx tabscope tail', /^ *\d+ {2}\d\d:\d\d:\d\d\.\d{3} {2}\w+/],
  ['npx tabscope tail --category console,network', /(console|network)_\w+/],
  ["npx tabscope tail --replay all --json | jq -c '[.seq, .event.type, .event.data.url]'", /^\[1,"\w+",/],
  ["curl -N -H 'Last-Event-ID: 1' http://127.0.0.1:10001/telemetry/stream", /^id: 2$/],
  ['npx tabscope serve --open https://example.com/', /^Stream {4}http:\/\/127\.0\.0\.1:\d+\/telemetry\/stream /],
  ['npx tabscope serve --browser http://127.0.0.1:9222', /^DevTools {2}http:\/\/127\.0\.0\.1:\d+ /],
  ['npx tabscope control', /^Control {3}http:\/\/127\.0\.0\.1:\d+ /],
  ['npx tabscope serve --telemetry console,network --attach complete --data ./events --port 10002', /^OpenAPI /],
]
const ends: readonly [string, RegExp][] = [
  ['npx tabscope replay --data .tabscope --type page_navigation -o lines', /^ *\d+ {2}\d\d:\d\d:\d\d\.\d{3} {2}page_navigation /],
  ['npx tabscope events --since 5m --type console_log --limit 10', /^\{"seq":\d+.*"console_log"/],
  ['npx tabscope events --order desc --limit 1 -o json', /^\[\{"seq":\d+/],
  [`npx tabscope events --data .tabscope --all | jq -c '[.seq, .event.type]'`, /^\[1,"\w+"\]$/m],
  ['npx tabscope tail --until-type page_layout_shift', /page_layout_shift/],
  ["curl -N 'http://127.0.0.1:10001/telemetry/stream?category=page&until_type=page_layout_shift'", /"type":"page_layout_shift"/],
  ['curl -s http://127.0.0.1:10001/telemetry', /"config":/],
  ["curl -s 'http://127.0.0.1:10001/telemetry/events?limit=5&order=desc'", /^\[\{"seq":/],
  [
    `curl -s -X POST http://127.0.0.1:10001/telemetry/events -d '{"type":"deploy_finished","category":"system","data":{"version":"1.2.3"}}'`,
    /"type":"deploy_finished"/,
  ],
  ['curl -s http://127.0.0.1:10001/healthz', /ok/],
  ['curl -s http://127.0.0.1:10001/metrics', /^tabscope_/m],
  ['curl -s http://127.0.0.1:10001/openapi.json', /"openapi":\s*"3\.1\./],
]

/** These change what is captured, so they run in the README's order on a server of their own. */
const changes: readonly [string, readonly string[]][] = [
  [
    `curl -s -X PUT http://127.0.0.1:10001/telemetry -d '{"browser":{"console":{"enabled":true},"page":{"enabled":true}}}'`,
    ['console', 'page'],
  ],
  [
    `curl -s -X PATCH http://127.0.0.1:10001/telemetry -d '{"browser":{"network":{"enabled":true,"detail_level":"minimal"}}}'`,
    ['console', 'network', 'page'],
  ],
]

test.each(follows)('%s', async (command, line) => {
  await using running = run(command)
  expect(await running.stdout.until(line)).toMatch(line)
  process.kill(-running.pid, 'SIGINT')
  await running.ended()
})

test.each(ends)('%s', async (command, answer) => {
  await using running = run(command)
  expect(await running.ended()).toBe(0)
  expect(running.stdout.all.join('\n')).toMatch(answer)
})

/** Of one browser, so they run in the README's order: what to wait for, and whether the command ends by itself. */
const ofBrowsers: readonly [string, RegExp, 'ends' | 'follows'][] = [
  [
    'npx tabscope browsers create --name shop --headless --telemetry console,network,page --start-url https://example.com/',
    /"session_id":/,
    'ends',
  ],
  // Nothing answers at example.com here; that it was asked for is there at once.
  ['npx tabscope browsers telemetry stream shop --replay all', /"type":"network_request"/, 'follows'],
  ['npx tabscope browsers telemetry events shop --types network_response', /^$|"type":"network_response"/, 'ends'],
  ['npx tabscope browsers delete shop', /"deleted":"shop"/, 'ends'],
]

test('the commands of browsers work on one browser, one after the other', async () => {
  await using control = await startTestControl()
  for (const [command, line, end] of ofBrowsers) {
    await using running = run(command, url, { TABSCOPE_BASE_URL: control.url, TABSCOPE_API_KEY: apiKey })
    if (end === 'follows') {
      await running.stdout.until(line)
      process.kill(-running.pid, 'SIGINT')
    }
    expect([command, await running.ended()]).toEqual([command, end === 'ends' ? 0 : 130])
    expect(running.stdout.all.join('\n')).toMatch(line)
  }
})

test('the configuration is replaced, then merged', async () => {
  await using own = run('npx tabscope serve --browser none')
  const ownUrl = await urlOf(own)
  for (const [command, enabled] of changes) {
    await using running = run(command, ownUrl)
    expect(await running.ended()).toBe(0)
    const { browser } = JSON.parse(running.stdout.all.join('\n')).config
    expect(Object.keys(browser).filter((name) => browser[name].enabled)).toEqual(enabled)
  }
  own.kill('SIGINT')
  await own.ended()
})

test('the README has no other commands', () => {
  const known = [...follows, ...ends, ...changes, ...ofBrowsers].map(([command]) => command)
  expect(new Set(commandsOf(readme))).toEqual(new Set([...known, ...Object.keys(testedElsewhere)]))
})

test.each(Object.entries(testedElsewhere))('%s is run by another test', (_command, { file, by }) => {
  expect(readDocument(file)).toContain(by)
})

test('the table of options says what --help says', async () => {
  await using help = run('npx tabscope serve --help')
  expect(await help.ended()).toBe(0)
  const text = help.stdout.all.join(' ').replace(/\s+/g, ' ')
  // Each option's text ends where the next one begins.
  const offered = text.split(/ (?=--[a-z])/).flatMap((part) => {
    const [, name, variable] = /^(--[a-z-]+) [<[].*\benv: (TABSCOPE_[A-Z_]+)/.exec(part) ?? []
    return name === undefined ? [] : [`${name} ${variable}`]
  })
  const documented = [...readme.matchAll(/^\| (`--[^|]*)\|([^|]*)\|/gm)].flatMap(([, names = '', variables = '']) => {
    const known = variables.match(/TABSCOPE_[A-Z_]+/g) ?? []
    return (names.match(/--[a-z-]+/g) ?? []).map((name, position) => `${name} ${known[position]}`)
  })
  expect([...documented].sort()).toEqual([...offered].sort())
})
