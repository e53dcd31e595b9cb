import { expect, test } from 'vitest'
import { issueToken } from './access.ts'
import { exchange } from './testing/raw-exchange.ts'
import { startTestServer } from './testing/test-server.ts'

const secret = 'a secret of more than thirty-two bytes'
const access = { tokenSecrets: [secret], browserId: 'b-1' }

async function codeOf(url: string, init: RequestInit = {}): Promise<[number, string | undefined]> {
  const response = await fetch(url, init)
  const body: unknown = await response.json()
  return [response.status, (body as { code?: string }).code]
}

test('every route but health asks for a token, at the root and below the base path', async () => {
  await using server = await startTestServer(access)
  const paths = [
    '/telemetry',
    '/telemetry/stream',
    '/telemetry/events',
    '/metrics',
    '/openapi.json',
    '/curl',
    '/computer/click',
    '/json/list',
  ]
  const answers = await Promise.all(paths.flatMap((path) => [codeOf(server.url + path), codeOf(server.running.baseUrl + path)]))
  expect(answers).toEqual(answers.map(() => [401, 'token_invalid']))
  expect([await codeOf(`${server.url}/healthz`), await codeOf(`${server.running.baseUrl}/readyz`)]).toEqual([
    [200, undefined],
    [200, undefined],
  ])
})

test('with a good token unknown paths are 404 and everything else works', async () => {
  await using server = await startTestServer({ ...access, telemetry: ['console'] })
  const jwt = await issueToken(access)
  const { baseUrl } = server.running
  const answers = [
    await codeOf(`${baseUrl}/telemetry?jwt=${jwt}`),
    await codeOf(`${baseUrl}/telemetry`, { headers: { authorization: `Bearer ${jwt}` } }),
    await codeOf(`${baseUrl}/computer/click_mouse?jwt=${jwt}`, { method: 'POST', body: '{}' }),
    await codeOf(`${server.url}/browser/b-2/telemetry?jwt=${jwt}`),
    await codeOf(`${baseUrl}/telemetry?jwt=${await issueToken({ ...access, browserId: 'b-2' })}`),
  ]
  expect(answers).toEqual([
    [200, undefined],
    [200, undefined],
    [404, 'not_found'],
    [404, 'browser_gone'],
    [403, 'token_for_other_browser'],
  ])
})

test('a stream is opened with a token in the query, as the published clients do', async () => {
  await using server = await startTestServer({ ...access, telemetry: ['console'] })
  const stream = await fetch(`${server.running.baseUrl}/telemetry/stream?jwt=${await issueToken(access)}&category=console`)
  await stream.body?.cancel()
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
})

test('a 401 says how to come in, and a page of an allowed origin may read it', async () => {
  await using server = await startTestServer({ ...access, corsOrigins: ['https://app.example'] })
  const { headers } = await fetch(`${server.url}/telemetry`, { headers: { origin: 'https://app.example' } })
  expect([headers.get('www-authenticate'), headers.get('access-control-allow-origin'), headers.get('cache-control')]).toEqual([
    'Bearer',
    'https://app.example',
    'no-store',
  ])
})

test('beyond loopback a server starts only with a secret, and then takes every host name', async () => {
  await expect(startTestServer({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'insecure_host' })
  await using server = await startTestServer({ ...access, host: '0.0.0.0' })
  const answer = await exchange(server.url, 'GET /telemetry HTTP/1.1\r\nHost: browser-7.example\r\nConnection: close\r\n\r\n')
  expect(answer.slice(9, 12)).toBe('401')
})

test.each([
  ['weak_token_secret', { tokenSecrets: ['short'], browserId: 'b-1' }],
  ['browser_id_missing', { tokenSecrets: [secret] }],
  ['invalid_browser_id', { browserId: '../b-1' }],
  ['invalid_browser_id', { browserId: 'b 1\r\n' }],
  ['invalid_base_path', { basePath: '/browser/' }],
  ['invalid_base_path', { basePath: '/a/../b' }],
  ['invalid_base_path', { basePath: 'browser' }],
])('the start is refused with %s for %j', async (code, options) => {
  await expect(startTestServer(options)).rejects.toMatchObject({ code })
})

test('a base path of its own works beside the root', async () => {
  await using server = await startTestServer({ basePath: '/some/where' })
  expect(await Promise.all(['/some/where/healthz', '/healthz', '/browser/x/healthz'].map((path) => codeOf(server.url + path)))).toEqual([
    [200, undefined],
    [200, undefined],
    [404, 'not_found'],
  ])
})
