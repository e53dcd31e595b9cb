import { once } from 'node:events'
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientOptions, type RawData, WebSocket } from 'ws'
import { issueToken } from '../access.ts'
import { watchEvents } from '../testing/event-watch.ts'
import { exchange } from '../testing/raw-exchange.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const access = { tokenSecrets: ['a secret of more than thirty-two bytes'], browserId: 'b-1' }

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})

afterAll(async () => {
  await chromium[Symbol.asyncDispose]()
})

function startServer(options: Parameters<typeof startTestServer>[0] = {}): Promise<TestServer> {
  return startTestServer({ browser: { at: 'connect', endpoint: chromium.endpoint }, telemetry: ['control', 'connection'], ...options })
}

interface Client extends AsyncDisposable {
  readonly socket: WebSocket
  send(method: string, params?: object): Promise<Record<string, unknown>>
}

async function openClient(url: string, options: ClientOptions = {}): Promise<Client> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { maxPayload: 2 ** 28, ...options })
  await once(socket, 'open')
  const answers = new Map<number, (answer: Record<string, unknown>) => void>()
  socket.on('message', (data: RawData) => {
    const message: { id?: number } & Record<string, unknown> = JSON.parse(data.toString())
    if (message.id !== undefined) answers.get(message.id)?.(message)
  })
  let id = 0
  return {
    socket,
    send: (method, params = {}) => {
      id += 1
      socket.send(JSON.stringify({ id, method, params }))
      return new Promise((resolve) => {
        answers.set(id, resolve)
      })
    },
    [Symbol.asyncDispose]: async () => {
      if (socket.readyState === WebSocket.CLOSED) return
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

/** Status, or `open`, of an attempt to connect. */
async function attempt(url: string, options: ClientOptions = {}): Promise<string> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), options)
  const outcome = await new Promise<string>((resolve) => {
    socket.once('open', () => resolve('open'))
    socket.once('error', (error) => resolve(error.message.replace('Unexpected server response: ', '')))
  })
  socket.terminate()
  return outcome
}

test('lists and version lead through this server, the way the client came', async () => {
  await using server = await startServer(access)
  const jwt = await issueToken(access)
  const { baseUrl } = server.running
  const { host } = new URL(server.url)
  const get = async (url: string, init?: RequestInit): Promise<Record<string, string>> => (await fetch(url, init)).json()
  const bearer = { headers: { authorization: `Bearer ${jwt}` } }
  const version = await get(`${baseUrl}/json/version/?jwt=${jwt}`)
  const [tab] = (await get(`${server.url}/json/list`, {
    headers: { ...bearer.headers, 'x-forwarded-proto': 'https' },
  })) as unknown as Record<string, string>[]
  const made = await get(`${baseUrl}/json/new?about:blank%23made&jwt=${jwt}`, { method: 'PUT' })
  const closed = await fetch(`${baseUrl}/json/close/${made['id']}?jwt=${jwt}`)
  expect(version['webSocketDebuggerUrl']).toMatch(new RegExp(`^ws://${host}/browser/b-1/devtools/browser/[0-9a-f-]+\\?jwt=${jwt}$`))
  expect(tab?.['webSocketDebuggerUrl']).toBe(`wss://${host}/devtools/page/${tab?.['id']}`)
  expect(tab?.['devtoolsFrontendUrl']).toContain(`?wss=${encodeURIComponent(`${host}/devtools/page/${tab?.['id']}`)}`)
  expect([made['url'], closed.status, await closed.text()]).toEqual(['about:blank#made', 200, 'Target is closing'])
  expect(JSON.stringify([version, tab, made])).not.toContain(new URL(chromium.endpoint).host)
})

test('what Chromium does not have is 404, a WebSocket path asked for otherwise is 426', async () => {
  await using server = await startServer()
  const statuses = await Promise.all(
    ['/json/close/nobody', '/json/nothing', '/cdp', '/devtools/page/nobody'].map(async (path) => {
      const { status, json } = await server.ask('GET', path)
      return [path, status, (json as { code: string }).code]
    }),
  )
  expect(statuses).toEqual([
    ['/json/close/nobody', 404, 'devtools_refused'],
    ['/json/nothing', 404, 'not_found'],
    ['/cdp', 426, 'upgrade_required'],
    ['/devtools/page/nobody', 426, 'upgrade_required'],
  ])
})

test('an upgrade passes the same checks as every request', async () => {
  await using server = await startServer(access)
  const jwt = await issueToken(access)
  const others = await issueToken({ ...access, browserId: 'b-2' })
  const { baseUrl, url } = server.running
  const attempts: readonly (readonly [string, string, ClientOptions])[] = [
    ['open', `${baseUrl}/cdp?jwt=${jwt}`, {}],
    ['open', `${url}/devtools/browser/any`, { headers: { authorization: `Bearer ${jwt}` } }],
    ['401', `${baseUrl}/cdp`, {}],
    ['401', `${baseUrl}/cdp?jwt=${jwt}x`, {}],
    ['403', `${baseUrl}/cdp?jwt=${others}`, {}],
    ['404', `${url}/browser/b-2/cdp?jwt=${others}`, {}],
    ['404', `${baseUrl}/telemetry?jwt=${jwt}`, {}],
    ['404', `${baseUrl}/devtools/page/nobody?jwt=${jwt}`, {}],
    ['404', `${baseUrl}/devtools/page/..%2f..%2fjson?jwt=${jwt}`, {}],
    ['400', `${baseUrl}/cdp?jwt=${jwt}`, { origin: 'https://evil.example' }],
    ['400', `${baseUrl}/cdp?jwt=${jwt}`, { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['421', `${baseUrl}/cdp?jwt=${jwt}`, { headers: { host: 'evil.example' } }],
  ]
  const outcomes = await Promise.all(attempts.map(([, address, options]) => attempt(address, options)))
  expect(outcomes).toEqual(attempts.map(([expected]) => expected))
})

test('neither compression nor anything of the client but its handshake reaches Chromium', async () => {
  await using server = await startServer()
  const request = [
    'GET /cdp HTTP/1.1',
    `Host: ${new URL(server.url).host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    'Cookie: a=b',
    '',
    '',
  ].join('\r\n')
  // A frame without a mask ends a connection by Chromium's own rule, so the exchange ends by itself.
  const answer = await exchange(server.url, `${request}\x81\x02{}`)
  expect(answer.split('\r\n\r\n')[0]?.split('\r\n')).toEqual([
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  ])
})

test('large messages go through whole in both directions', async () => {
  await using server = await startServer()
  const list = (await server.ask('GET', '/json/list')).json as readonly { type: string; webSocketDebuggerUrl: string }[]
  const page = list.find(({ type }) => type === 'page')
  await using client = await openClient(page?.webSocketDebuggerUrl ?? '')
  const text = 'é'.repeat(10_000_000)
  const asked = await client.send('Runtime.evaluate', { expression: `${JSON.stringify(text)}.length` })
  const answered = await client.send('Runtime.evaluate', { expression: "'x'.repeat(64 * 1024 * 1024)" })
  const { value } = (answered['result'] as { result: { value: string } }).result
  expect([asked['result'], value.length]).toEqual([{ result: { type: 'number', value: 10_000_000, description: '10000000' } }, 2 ** 26])
})

test('a closed tab ends its connection with a reason, and the browser goes on', async () => {
  await using server = await startServer()
  const events = watchEvents(server.running)
  await using browser = await openClient(`${server.url}/cdp`)
  const { targetId } = (await browser.send('Target.createTarget', { url: 'about:blank' }))['result'] as { targetId: string }
  const tab = await openClient(`${server.url}/devtools/page/${targetId}`)
  const closed = once(tab.socket, 'close')
  await browser.send('Target.closeTarget', { targetId })
  await closed
  expect(await events.data('cdp_disconnect')).toMatchObject({ reason: 'upstream_error', duration_ms: expect.any(Number) })
  expect(await browser.send('Browser.getVersion')).toMatchObject({ result: { product: expect.stringContaining('Chrome') } })
})

test('a stop tells the clients, and their events say so', async () => {
  const server = await startServer()
  const events = watchEvents(server.running)
  const client = await openClient(`${server.url}/cdp`)
  await client.send('Browser.getVersion')
  const closed = once(client.socket, 'close')
  const told = events.data('cdp_disconnect')
  await server.running.close()
  const [code, reason] = await closed
  expect([code, String(reason), await told]).toEqual([
    1001,
    'the server stops',
    expect.objectContaining({ reason: 'context_cancelled', message_count: 2 }),
  ])
})

test('commands are told before anything that they cause, and only while somebody wants them', async () => {
  await using server = await startServer({ telemetry: ['control', 'connection', 'page'] })
  const events = watchEvents(server.running)
  await using client = await openClient(`${server.url}/cdp`)
  await client.send('Target.createTarget', { url: 'about:blank#told' })
  await events.data('page_tab_opened', { url: 'about:blank#told' })
  const excluded = { browser: { control: { cdp: { excluded_methods: ['Target.createTarget'] } } } }
  await server.ask('PATCH', '/telemetry', { json: excluded })
  await client.send('Target.createTarget', { url: 'about:blank' })
  await client.send('Target.closeTarget', {})
  await server.ask('PATCH', '/telemetry', { json: { browser: { control: { enabled: false } } } })
  await client.send('Target.createTarget', { url: 'about:blank' })
  await client[Symbol.asyncDispose]()
  const gone = await events.data('cdp_disconnect')
  const types = (await events.seen('cdp_connect', 'cdp_command', 'page_tab_opened', 'cdp_disconnect')).map(({ event }) => event.type)
  const commandAt = types.indexOf('cdp_command')
  expect(types.filter((type) => type === 'cdp_command')).toEqual(['cdp_command'])
  expect(commandAt).toBeGreaterThan(types.indexOf('cdp_connect'))
  expect(types.indexOf('page_tab_opened', commandAt)).toBeGreaterThan(commandAt)
  // The closeTarget without an id could not be told; with control off nothing is counted.
  expect(gone).toMatchObject({ reason: 'client_close', message_count: 8, telemetry_dropped: 1, telemetry_excluded: 1 })
})

test('without a browser a DevTools client is told so, and nothing pretends a connection', async () => {
  await using server = await startTestServer({ telemetry: ['connection'] })
  const events = watchEvents(server.running)
  expect([await attempt(`${server.url}/cdp`), (await server.ask('GET', '/json/version')).status]).toEqual(['503', 503])
  expect(await events.seen()).toEqual([])
})

test('the figures count clients and messages', async () => {
  await using server = await startServer()
  await using client = await openClient(`${server.url}/cdp`)
  await client.send('Browser.getVersion')
  const { text } = await server.ask('GET', '/metrics')
  expect(text).toMatch(/^tabscope_cdp_clients 1$/m)
  expect(text).toMatch(/^tabscope_cdp_connections_total 1$/m)
  expect(text).toMatch(/^tabscope_cdp_messages_total 2$/m)
})
