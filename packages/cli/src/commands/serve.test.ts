import { EventEmitter, once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { launchBrowser } from '@tabscope/browser'
import { leftOver, profileBelow } from '@tabscope/browser/testing'
import { systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { runTabscope, urlOf } from '../testing/command.ts'
import { makeFolder } from '../testing/folder.ts'

const memory = ['--data', 'none', '--port', '0']

/** A port that somebody listens on. */
async function takePort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    server.close()
    await once(server, 'close')
  }
  return { port: portOf(server), [Symbol.asyncDispose]: close }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function getJson(url: string): Promise<Record<string, unknown>> {
  return JSON.parse(await (await fetch(url)).text())
}

test('serve says where things are, captures a Chromium, and on Ctrl-C ends it and itself with 0', async () => {
  await using folder = await makeFolder()
  await using server = runTabscope([
    'serve',
    '--port',
    '0',
    '--data',
    folder.path,
    '--open',
    'data:text/html,<script>console.log("hello%20from%20serve")</script>',
  ])
  const url = await urlOf(server)
  await server.stdout.untilCount(3)
  expect(server.stdout.all).toEqual([
    `Stream    ${url}/telemetry/stream   (curl -N, EventSource, or: npx tabscope tail ${url})`,
    expect.stringMatching(
      /^DevTools {2}ws:\/\/127\.0\.0\.1:\d+\/devtools\/browser\/\S+ {3}\(Playwright: connectOverCDP; Puppeteer: browserWSEndpoint\)$/,
    ),
    `OpenAPI   ${url}/openapi.json`,
  ])
  await using tail = runTabscope(['tail', url, '--replay', 'all', '--until-type', 'console_log'])
  await tail.stdout.until(/hello from serve/)
  const profile = profileBelow(server.pid)
  server.kill('SIGINT')
  expect(await server.ended()).toBe(0)
  expect(await leftOver(profile, 5_000)).toEqual([])
})

test('SIGTERM ends it with 0 and its streams cleanly', async () => {
  await using server = runTabscope(['serve', ...memory, '--browser', 'none'])
  const url = await urlOf(server)
  const stream = await fetch(`${url}/telemetry/stream`)
  server.kill('SIGTERM')
  // A stream that was cut off would reject.
  expect(await stream.text()).not.toContain('data:')
  expect(await server.ended()).toBe(0)
})

test('every option can come from the environment, and the command line wins', async () => {
  await using folder = await makeFolder()
  const env = {
    TABSCOPE_PORT: '0',
    TABSCOPE_HOST: '127.0.0.1',
    TABSCOPE_DATA: folder.path,
    TABSCOPE_BROWSER: 'none',
    TABSCOPE_HEADFUL: 'false',
    TABSCOPE_TELEMETRY: 'console,page',
    TABSCOPE_ATTACH: 'complete',
    TABSCOPE_LABEL: 'zone=a,egress_ip=192.0.2.1',
  }
  await using server = runTabscope(['serve', '--telemetry', 'system'], env)
  const state = await getJson(`${await urlOf(server)}/telemetry`)
  expect(state).toMatchObject({ labels: { zone: 'a', egress_ip: '192.0.2.1' }, config: { attach_mode: 'complete' } })
  const { browser } = state['config'] as { browser: Record<string, { enabled: boolean }> }
  expect(Object.keys(browser).filter((name) => browser[name]?.enabled)).toEqual(['system'])
})

test('with telemetry off nothing is captured until somebody asks for it', async () => {
  await using server = runTabscope(['serve', ...memory, '--browser', 'none', '--telemetry', 'off'])
  const answer = await fetch(`${await urlOf(server)}/telemetry`)
  expect([answer.status, JSON.parse(await answer.text()).code]).toEqual([404, 'telemetry_not_configured'])
})

test('a port that is taken is exit code 3, and no Chromium was started', async () => {
  await using taken = await takePort()
  await using folder = await makeFolder()
  // A launcher that would leave a trace if it were ever started.
  const launcher = join(folder.path, 'chromium')
  await writeFile(launcher, `#!/bin/sh\ntouch '${folder.path}/started'\n`, { mode: 0o755 })
  await using server = runTabscope(['serve', '--data', 'none', '--port', String(taken.port), '--chromium', launcher])
  expect(await server.ended()).toBe(3)
  expect(server.stderr.all).toEqual([
    `tabscope: Port ${taken.port} on 127.0.0.1 is in use already. Stop the program that has it, or choose another with --port.`,
  ])
  expect(existsSync(join(folder.path, 'started'))).toBe(false)
})

test('an address beyond this machine without tokens is exit code 3', async () => {
  await using server = runTabscope(['serve', ...memory, '--host', '0.0.0.0', '--browser', 'none'])
  expect(await server.ended()).toBe(3)
  expect(server.stderr.all).toEqual([
    'tabscope: Listening on 0.0.0.0 would let everybody who can reach it in. Give a secret for tokens (TABSCOPE_TOKEN_SECRET), or use --host 127.0.0.1.',
  ])
})

test('a Chromium that is not there is exit code 4 and says how to name one', async () => {
  await using server = runTabscope(['serve', ...memory, '--chromium', '/nowhere/chromium'])
  expect(await server.ended()).toBe(4)
  expect(server.stderr.all).toEqual([
    'tabscope: "/nowhere/chromium" is not an executable file. Name a Chromium or Chrome with --chromium PATH or CHROMIUM_PATH.',
  ])
})

test('a program that is no Chromium is exit code 4 with its last words', async () => {
  await using folder = await makeFolder()
  const program = join(folder.path, 'not-chromium')
  await writeFile(program, '#!/bin/sh\necho "this is not a browser" >&2\nexit 3\n', { mode: 0o755 })
  await using server = runTabscope(['serve', ...memory], { CHROMIUM_PATH: program })
  expect(await server.ended()).toBe(4)
  expect(server.stderr.all).toEqual([
    `tabscope: ${program} ended with code 3. Its last words: "this is not a browser". Try it by hand, or name another with --chromium PATH.`,
  ])
})

test('a data folder that cannot be one is exit code 5 and names it', async () => {
  await using folder = await makeFolder()
  const file = join(folder.path, 'a-file')
  await writeFile(file, 'occupied')
  await using server = runTabscope(['serve', '--port', '0', '--data', join(file, 'data'), '--browser', 'none'])
  expect(await server.ended()).toBe(5)
  expect(server.stderr.all).toEqual([
    expect.stringMatching(/^tabscope: The data folder .*a-file\/data cannot be used: .*ENOTDIR.*choose another with --data\.$/),
  ])
})

test('a second server on the same data folder is exit code 5, and the first goes on', async () => {
  await using folder = await makeFolder()
  const args = ['serve', '--port', '0', '--data', folder.path, '--browser', 'none']
  await using first = runTabscope(args)
  const url = await urlOf(first)
  await using second = runTabscope(args)
  expect(await second.ended()).toBe(5)
  expect(second.stderr.all).toEqual([
    `tabscope: The data folder ${folder.path} is in use by another process. Stop that one, or choose another folder with --data.`,
  ])
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test.each([
  [['--port', '70000'], {}, /argument '70000' is invalid\. Give a number from 0/],
  [['--telemetry', 'console,konsole'], {}, /There is no category "konsole"/],
  [['--browser', 'firefox'], {}, /Give `launch`, `none`, http:\/\/HOST:PORT/],
  [['--open', 'example.com'], {}, /"example\.com" is not a URL/],
  [['--label', 'x'], {}, /"x" is not name=value/],
  [['--attach', 'violently'], {}, /Give one of: passive, complete/],
  [['unexpected'], {}, /too many arguments/],
  [[], { TABSCOPE_PORT: 'high' }, /value 'high' from env 'TABSCOPE_PORT' is invalid/],
  [[], { TABSCOPE_HEADFUL: 'maybe' }, /value 'maybe' from env 'TABSCOPE_HEADFUL' is invalid\. Give yes or no/],
])('serve %j with %j is exit code 2', async (args, env, message) => {
  await using server = runTabscope(['serve', ...args], env)
  expect(await server.ended()).toBe(2)
  expect(server.stderr.all.join('\n')).toMatch(message)
})

test('a browser that is not there yet is waited for, and the server runs meanwhile', async () => {
  const taken = await takePort()
  await taken[Symbol.asyncDispose]()
  const endpoint = `http://127.0.0.1:${taken.port}`
  await using server = runTabscope(['serve', ...memory, '--browser', endpoint])
  const url = await urlOf(server)
  expect(await server.stdout.until(/^DevTools/)).toContain(`DevTools  ${endpoint}  `)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect((await fetch(`${url}/readyz`)).status).toBe(503)
  server.kill('SIGINT')
  expect(await server.ended()).toBe(0)
})

/** A page that counts how often somebody looks at its errors, and tells its server. */
const countingPage = `<!doctype html><script>
  let looks = 0
  Error.prepareStackTrace = (error) => { looks += 1; return String(error) }
  console.log(new Error('look at me'))
  fetch('/looks?count=' + looks)
</script>`

test.each([
  ['console', 1],
  ['network,page', 0],
  ['off', 0],
])('with --telemetry %s a page is looked at %s times: what is off is not even enabled', async (telemetry, looks) => {
  const told = new EventEmitter<{ looks: [number] }>()
  const site = createHttpServer((request, response) => {
    const count = /^\/looks\?count=(\d+)/.exec(request.url ?? '')?.[1]
    if (count !== undefined) told.emit('looks', Number(count))
    response.setHeader('content-type', 'text/html').end(countingPage)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const answer = once(told, 'looks')
  await using server = runTabscope(['serve', ...memory, '--telemetry', telemetry, '--open', `http://127.0.0.1:${portOf(site)}/`])
  expect(await answer).toEqual([looks])
  server.kill('SIGINT')
  expect(await server.ended()).toBe(0)
  site.closeAllConnections()
  site.close()
})

test('a Chromium that somebody else started is captured, and goes on when the server ends', async () => {
  const page = 'data:text/html,<script>setInterval(()=>console.log("tick"),50)</script>'
  await using browser = await launchBrowser({ clock: systemClock, args: [page] })
  for (const endpoint of [browser.endpoint, `http://${new URL(browser.endpoint).host}`]) {
    await using server = runTabscope(['serve', ...memory, '--browser', endpoint, '--telemetry', 'console'])
    await using tail = runTabscope(['tail', await urlOf(server), '--until-type', 'console_log'])
    await tail.stdout.until(/console_log +tick/)
    server.kill('SIGINT')
    expect(await server.ended()).toBe(0)
  }
  expect((await fetch(`http://${new URL(browser.endpoint).host}/json/version`)).status).toBe(200)
})
