// `/curl/raw`: the client's own request goes through the browser, and the other server's own answer comes back, fenced in.
import { launchTestChromium, type PageServer, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueToken } from '../access.ts'
import { exchange } from '../testing/raw-exchange.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const access = { tokenSecrets: ['a secret of more than thirty-two bytes'], browserId: 'b-1' }
const bigBytes = 8 * 1024 * 1024
let chromium: TestChromium
let site: PageServer
let server: TestServer
let raw: (url: string, init?: RequestInit) => Promise<Response>

beforeAll(async () => {
  chromium = await launchTestChromium()
  site = await servePages((request, response) => {
    const path = request.url ?? '/'
    if (path === '/big') response.writeHead(200).end(Buffer.alloc(bigBytes, 7))
    else if (path === '/404') response.writeHead(404, 'Gone Fishing', { 'content-type': 'text/plain' }).end('no such thing')
    else if (path === '/204') response.writeHead(204).end()
    else if (path === '/endless') response.writeHead(200).write('beginning')
    else {
      response.writeHead(201, {
        'content-type': 'text/html',
        'set-cookie': ['a=1', 'b=2'],
        'access-control-allow-origin': '*',
        'content-security-policy': 'script-src *',
        'strict-transport-security': 'max-age=1000',
        'clear-site-data': '"*"',
        'x-kept': 'yes',
      })
      request.pipe(response)
    }
  })
  server = await startTestServer({ browser: { at: 'connect', endpoint: chromium.endpoint }, curl: 'any', ...access })
  const jwt = await issueToken(access)
  raw = (url, init) => fetch(`${server.running.baseUrl}/curl/raw?url=${encodeURIComponent(url)}&timeout_ms=120000&jwt=${jwt}`, init)
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await chromium[Symbol.asyncDispose]()
  await site[Symbol.asyncDispose]()
})

test('any method goes on with its headers and body, and the answer is the other server’s own', async () => {
  const answer = await raw(`${site.url}/echo?a=%20b`, {
    method: 'PATCH',
    body: 'said',
    headers: { 'content-type': 'text/x', authorization: 'Bearer for-the-site', 'x-stainless-lang': 'js', 'user-agent': 'Kernel/JS' },
  })
  const seen = site.log.findLast(({ path }) => path === '/echo?a=%20b')
  expect([answer.status, await answer.text(), answer.headers.get('x-kept'), answer.headers.getSetCookie()]).toEqual([
    201,
    'said',
    'yes',
    ['a=1', 'b=2'],
  ])
  expect([seen?.method, seen?.headers['content-type'], seen?.headers.authorization, seen?.headers['x-stainless-lang']]).toEqual([
    'PATCH',
    'text/x',
    'Bearer for-the-site',
    undefined,
  ])
  expect(seen?.headers['user-agent']).toContain('HeadlessChrome')
})

test('the token that lets the client in goes nowhere', async () => {
  const authorization = `Bearer ${await issueToken(access)}`
  await fetch(`${server.url}/curl/raw?url=${encodeURIComponent(`${site.url}/token`)}`, { headers: { authorization } })
  await raw(`${site.url}/token`)
  const requests = site.log.filter(({ path }) => path === '/token')
  expect([requests.length, JSON.stringify(requests).includes('eyJ')]).toEqual([2, false])
})

test('the other server gets no say over our origin', async () => {
  const answer = await raw(`${site.url}/page`, { headers: { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' } })
  const opened = await raw(`${site.url}/page`, { headers: { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' } })
  const names = ['access-control-allow-origin', 'strict-transport-security', 'clear-site-data', 'set-cookie']
  expect(names.map((name) => answer.headers.get(name))).toEqual(names.map(() => null))
  expect([answer.headers.get('content-security-policy'), answer.headers.get('x-content-type-options'), opened.status]).toEqual([
    "sandbox; default-src 'none'",
    'nosniff',
    400,
  ])
})

test('statuses, missing bodies and HEAD come as they are', async () => {
  const answers = [await raw(`${site.url}/404`), await raw(`${site.url}/204`), await raw(`${site.url}/head`, { method: 'HEAD' })]
  expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]))).toEqual([
    [404, 'no such thing'],
    [204, ''],
    [201, ''],
  ])
  expect(site.log.find(({ path }) => path === '/head')?.method).toBe('HEAD')
})

test('a large body is streamed, and a client that leaves in the middle frees the browser', async () => {
  const whole = await (await raw(`${site.url}/big`)).arrayBuffer()
  // More than there are hidden targets: each is free again for the next.
  for (let round = 0; round < 6; round++) {
    const cut = new AbortController()
    const answer = await raw(`${site.url}/big`, { signal: cut.signal })
    await answer.body?.getReader().read()
    cut.abort()
  }
  expect([whole.byteLength, Buffer.from(whole).every((byte) => byte === 7), (await raw(`${site.url}/after`)).status]).toEqual([
    bigBytes,
    true,
    201,
  ])
})

test('a bad url or deadline is refused, and a path with tricks in it reaches nothing else', async () => {
  const jwt = await issueToken(access)
  const codes = await Promise.all(
    ['', '&url=', '&url=file%3A%2F%2F%2Fetc%2Fpasswd', `&url=${site.url}/&timeout_ms=0`, `&url=${site.url}/&timeout_ms=1e9`].map(
      async (query) => (await fetch(`${server.url}/curl/raw?jwt=${jwt}${query}`)).status,
    ),
  )
  const trick = await exchange(
    server.url,
    `GET /curl/raw/../../telemetry?jwt=${jwt} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  )
  expect([codes, trick.slice(9, 12)]).toEqual([[400, 400, 400, 400, 400], '404'])
})
