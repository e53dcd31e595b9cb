import { openApiDocument, servedRoutes } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { append, lines } from './testing/drafts.ts'
import { exchange } from './testing/raw-exchange.ts'
import { openRawStream } from './testing/raw-stream.ts'
import { startTestServer } from './testing/test-server.ts'

test('a server lives, and is ready when nothing keeps it from capturing', async () => {
  await using server = await startTestServer()
  const answers = [await server.ask('GET', '/healthz'), await server.ask('GET', '/readyz')]
  expect(answers.map(({ status, json }) => [status, json])).toEqual([
    [200, { status: 'ok' }],
    [200, { status: 'ready' }],
  ])
})

test('the served document is the one that every answer in these tests is checked against', async () => {
  await using server = await startTestServer()
  expect((await server.ask('GET', '/openapi.json')).json).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
})

test('every declared route is there, with the methods that are declared and no others', async () => {
  await using server = await startTestServer()
  const paths = [...new Set(servedRoutes.map((route) => route.path))]
  const allowed = new Map<string, string | null>()
  for (const path of paths) {
    const answer = await server.ask('OPTIONS', path)
    allowed.set(path, answer.status === 405 ? answer.headers.get('allow') : `status ${answer.status}`)
  }
  const declared = paths.map((path) => {
    const methods = servedRoutes.filter((route) => route.path === path).map((route) => route.method)
    return [path, [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ')] as const
  })
  expect([...allowed]).toEqual(declared)
})

test.each([
  '/',
  '/telemetry/',
  '/telemetry/streams',
  '/computer/click_mouse',
  '/process/exec',
  '/fs/read_file',
  '/json/bogus',
  '/../etc/passwd',
])('an unknown path %s is a JSON 404, never 401 or 403', async (path) => {
  await using server = await startTestServer()
  const answers = [await server.ask('GET', path), await server.ask('POST', path, { json: {} })]
  expect(answers.map(({ status, json }) => [status, (json as { code: string }).code])).toEqual([
    [404, 'not_found'],
    [404, 'not_found'],
  ])
})

test('a wrong method names the right ones', async () => {
  await using server = await startTestServer()
  const { status, headers, json } = await server.ask('POST', '/telemetry', { json: {} })
  expect([status, headers.get('allow'), json]).toEqual([
    405,
    'GET, PUT, PATCH, HEAD',
    { code: 'method_not_allowed', message: '/telemetry does not take POST. Allowed: GET, PUT, PATCH, HEAD.' },
  ])
})

test('HEAD answers as GET does, without a body', async () => {
  await using server = await startTestServer()
  const response = await fetch(`${server.url}/healthz`, { method: 'HEAD' })
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'application/json', ''])
})

test('HTTP/1.0 gets the stream without chunks (promise 4)', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  append(server, ...lines(1))
  const text = await exchange(server.url, 'GET /telemetry/stream?replay=all&until_type=console_log HTTP/1.0\r\n\r\n')
  const [head, body] = text.split('\r\n\r\n')
  expect([head?.toLowerCase().includes('transfer-encoding'), body]).toEqual([false, expect.stringMatching(/^id: 1\ndata: \{.*\}\n\n$/)])
})

test('a request without a host, with a rebound one or from a page of another site is refused as JSON, without 401 or 403', async () => {
  await using server = await startTestServer()
  const texts = [
    await exchange(server.url, 'GET /telemetry HTTP/1.1\r\nConnection: close\r\n\r\n'),
    await exchange(server.url, 'GET /telemetry HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    await exchange(server.url, 'GET /telemetry HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n'),
    await exchange(
      server.url,
      'GET /telemetry/stream HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nConnection: close\r\n\r\n',
    ),
  ]
  const answers = texts.map((text) => [text.slice(9, 12), (JSON.parse(text.split('\r\n\r\n')[1] ?? '') as { code: string }).code])
  expect(answers).toEqual([
    ['400', 'malformed_http'],
    ['421', 'host_not_allowed'],
    ['400', 'origin_not_allowed'],
    ['400', 'origin_not_allowed'],
  ])
})

test('a page of an allowed origin may read answers, streams and errors, and asks before it writes', async () => {
  await using server = await startTestServer({ corsOrigins: ['https://app.example'], telemetry: ['console'] })
  const origin = 'https://app.example'
  await using stream = await openRawStream(`${server.url}/telemetry/stream`, { headers: { origin } })
  const answer = await server.ask('GET', '/telemetry/events', { headers: { origin } })
  const preflight = await fetch(`${server.url}/telemetry`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' },
  })
  expect([
    stream.headers['access-control-allow-origin'],
    answer.headers.get('access-control-allow-origin'),
    preflight.status,
    preflight.headers.get('access-control-allow-origin'),
    preflight.headers.get('access-control-allow-methods')?.includes('PUT'),
    preflight.headers.get('access-control-allow-headers'),
  ]).toEqual([origin, origin, 204, origin, true, 'content-type'])
})

test('the figures are Prometheus text and follow what happens', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  await using _stream = await openRawStream(`${server.url}/telemetry/stream`)
  await server.say('one')
  await server.say('two')
  const { text, headers } = await server.ask('GET', '/metrics')
  const figures = Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.startsWith('tabscope_'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(figures).toMatchObject({
    tabscope_seq: 2,
    tabscope_durable_seq: 0,
    tabscope_oldest_seq: 1,
    tabscope_dropped_events_total: 0,
    tabscope_stream_clients: 1,
    'tabscope_events_published_total{category="console"}': 2,
    'tabscope_events_published_total{category="network"}': 0,
    tabscope_telemetry_on: 1,
    'tabscope_monitor_state{state="stopped"}': 1,
  })
})
