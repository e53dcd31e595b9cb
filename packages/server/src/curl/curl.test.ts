// Requests through the browser against a page server that says what it saw.
import { once } from 'node:events'
import { launchTestChromium, type PageServer, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { watchEvents } from '../testing/event-watch.ts'
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.ts'

let chromium: TestChromium
let site: PageServer
let server: TestServer
const bodies = new Map<string, string>()

beforeAll(async () => {
  chromium = await launchTestChromium()
  site = await servePages((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.set(`${request.method} ${url.pathname}`, Buffer.concat(chunks).toString())
      answer(url, response)
    })
  })
  server = await startTestServer({ browser: { at: 'connect', endpoint: chromium.endpoint }, telemetry: 'all' })
})

function answer(url: URL, response: import('node:http').ServerResponse): void {
  const { pathname } = url
  if (pathname === '/login')
    response.writeHead(200, { 'set-cookie': ['sid=1; Path=/; HttpOnly; SameSite=Strict', 'b=2; Path=/'] }).end('in')
  else if (pathname === '/hop')
    response
      .writeHead(Number(url.searchParams.get('status')), { location: url.searchParams.get('to') ?? '', 'set-cookie': 'hop=1; Path=/' })
      .end()
  else if (pathname === '/big')
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.alloc(Number(url.searchParams.get('bytes')), 'é'))
  else if (pathname === '/never') response.flushHeaders()
  else if (pathname === '/cut') {
    response.writeHead(200, { 'content-length': '1000' }).write('some')
    setImmediate(() => response.destroy())
  } else if (pathname === '/401') response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('who?')
  else if (pathname === '/204') response.writeHead(204).end()
  else if (pathname === '/worker.js')
    response
      .writeHead(200, { 'content-type': 'text/javascript' })
      .end('addEventListener("fetch", (e) => e.respondWith(new Response("the worker")))')
  else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'x-twice': ['a', 'b'] }).end(`<p>${pathname} é`)
}

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await chromium[Symbol.asyncDispose]()
  await site[Symbol.asyncDispose]()
})

function curl(json: object): Promise<Answer> {
  return server.ask('POST', '/curl', { json })
}

/** The last request of that path, as the site saw it. */
function seen(path: string): PageServer['log'][number] | undefined {
  return site.log.findLast((request) => request.path === path)
}

test('the server sees the browser: its user agent, its cookies, and no sign of Node', async () => {
  const login = await curl({ url: `${site.url}/login` })
  const { json } = await curl({ url: `${site.url}/hello#part`, headers: { 'X-Mine': 'yes' } })
  const headers = seen('/hello')?.headers ?? {}
  expect(login.json).toMatchObject({
    status: 200,
    headers: { 'set-cookie': ['sid=1; Path=/; HttpOnly; SameSite=Strict', 'b=2; Path=/'] },
    body: 'in',
  })
  expect(json).toEqual({
    status: 200,
    headers: expect.objectContaining({ 'content-type': ['text/html; charset=utf-8'], 'x-twice': ['a', 'b'] }),
    body: '<p>/hello é',
    duration_ms: expect.any(Number),
  })
  expect(headers['user-agent']).toMatch(/HeadlessChrome\/\d+/)
  expect([headers.cookie, headers['x-mine'], headers['referer']]).toEqual(['sid=1; b=2', 'yes', undefined])
})

test('method, headers and body are as asked for', async () => {
  const { json } = await curl({
    url: `${site.url}/post`,
    method: 'put',
    headers: { 'content-type': 'application/json', 'user-agent': 'mine/1', cookie: 'only=this', origin: 'https://elsewhere.example' },
    body: '{"é":1}',
  })
  await curl({ url: `${site.url}/get`, method: 'GET', body: 'with a body' })
  await curl({ url: `${site.url.replace('//', '//user:p%40ss@')}/basic`, method: 'DELETE' })
  const headers = seen('/post')?.headers ?? {}
  expect(json).toMatchObject({ status: 200 })
  expect([
    headers['content-type'],
    headers['user-agent'],
    headers.cookie,
    headers.origin,
    bodies.get('PUT /post'),
    bodies.get('GET /get'),
  ]).toEqual(['application/json', 'mine/1', 'only=this', 'https://elsewhere.example', '{"é":1}', 'with a body'])
  expect(seen('/basic')).toMatchObject({
    method: 'DELETE',
    headers: { authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}` },
  })
})

test('redirects are followed from origin to origin, as fetch does', async () => {
  const other = site.urlOf('other.localhost')
  const to = encodeURIComponent(`${other}/landed`)
  const { json } = await curl({
    url: `${site.url}/hop?status=302&to=${to}`,
    method: 'POST',
    body: 'x',
    headers: { authorization: 'Bearer mine' },
  })
  const kept = await curl({
    url: `${site.url}/hop?status=307&to=%2Fkept`,
    method: 'POST',
    body: 'again',
    headers: { authorization: 'Bearer mine' },
  })
  const landed = seen('/landed')
  expect([json, kept.json]).toMatchObject([
    { status: 200, body: '<p>/landed é' },
    { status: 200, body: '<p>/kept é' },
  ])
  expect([landed?.method, landed?.host, landed?.headers.authorization]).toEqual(['GET', new URL(other).host, undefined])
  expect([seen('/kept')?.method, seen('/kept')?.headers.authorization, bodies.get('POST /kept')]).toEqual(['POST', 'Bearer mine', 'again'])
  const loop = await curl({ url: `${site.url}/hop?status=302&to=${encodeURIComponent('/hop?status=302&to=')}` })
  expect([loop.status, loop.json]).toMatchObject([502, { code: 'curl_failed', message: expect.stringContaining('redirects') }])
})

test('answers without a body, of odd statuses and in bytes come as they are', async () => {
  const answers = [
    await curl({ url: `${site.url}/204` }),
    await curl({ url: `${site.url}/hello`, method: 'HEAD' }),
    await curl({ url: `${site.url}/401` }),
    await curl({ url: `${site.url}/big?bytes=5`, response_encoding: 'base64' }),
  ]
  expect(answers.map(({ json }) => json)).toMatchObject([
    { status: 204, body: '' },
    { status: 200, body: '' },
    { status: 401, body: 'who?' },
    { status: 200, body: Buffer.alloc(5, 'é').toString('base64') },
  ])
})

test('what fails on the way is told with the reason, and not to be repeated', async () => {
  const answers = [
    await curl({ url: 'http://127.0.0.1:1/' }),
    await curl({ url: `http://localhost:${site.port}/never`, timeout_ms: 300 }),
    await curl({ url: `${site.url}/cut` }),
    await curl({ url: `${site.url}/big?bytes=${17 * 1024 * 1024}` }),
    await curl({ url: 'http://127.0.0.1:22/' }),
  ]
  expect(answers.map(({ status, headers, json }) => [status, headers.get('x-should-retry'), (json as { code: string }).code])).toEqual([
    [502, 'false', 'curl_failed'],
    [504, 'false', 'curl_timeout'],
    [502, 'false', 'curl_failed'],
    [502, 'false', 'curl_answer_too_large'],
    [502, 'false', 'curl_failed'],
  ])
  // And the browser is good for the next.
  expect((await curl({ url: `${site.url}/after` })).status).toBe(200)
})

test.each([
  ['body.url', { url: 'file:///etc/passwd' }],
  ['body.url', { url: 'chrome://settings' }],
  ['body.url', { url: 'data:text/html,x' }],
  ['body.url', { url: 'javascript:alert(1)' }],
  ['body.url', { url: '/relative' }],
  ['body.url', {}],
  ['body.method', { url: 'http://x.example/', method: 'GET / HTTP/1.1\r\nX: y' }],
  ['body.method', { url: 'http://x.example/', method: 'CONNECT' }],
  ['body.headers.host', { url: 'http://x.example/', headers: { Host: 'evil' } }],
  ['body.headers.x', { url: 'http://x.example/', headers: { x: 'a\r\nY: b' } }],
  ['body.headers.x y', { url: 'http://x.example/', headers: { 'x y': 'b' } }],
  ['body.headers.content-length', { url: 'http://x.example/', headers: { 'content-length': '3' } }],
  ['body.timeout_ms', { url: 'http://x.example/', timeout_ms: 10_000_000 }],
])('a request with a bad %s is refused: %j', async (path, json) => {
  const { status, json: problem } = await curl(json)
  expect([status, problem]).toMatchObject([400, { code: 'invalid_request', message: expect.stringContaining(path) }])
})

test('a service worker of the site does not answer in its place', async () => {
  const url = site.urlOf('worker.localhost')
  const list = (await (await fetch(`${server.url}/json/new?${url}/`, { method: 'PUT' })).json()) as { webSocketDebuggerUrl: string }
  const socket = new WebSocket(list.webSocketDebuggerUrl)
  await once(socket, 'open')
  const expression = 'navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready).then(() => "ready")'
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, awaitPromise: true } }))
  await once(socket, 'message')
  socket.close()
  expect((await curl({ url: `${url}/direct` })).json).toMatchObject({ body: '<p>/direct é' })
})

test('nothing of it is captured but the call itself, and no list shows the hidden targets', async () => {
  const own = await startTestServer({ browser: { at: 'connect', endpoint: chromium.endpoint }, telemetry: 'all', attachMode: 'complete' })
  const events = watchEvents(own.running)
  await own.ask('POST', '/curl', { json: { url: `${site.url}/unseen` } })
  const call = await events.data('api_call')
  const hiddenAt = async (url: string): Promise<number> => {
    const targets: readonly { type: string }[] = await (await fetch(`${url}/json/list`)).json()
    return targets.filter(({ type }) => type === 'other').length
  }
  const hidden = (await hiddenAt(chromium.endpoint)) - (await hiddenAt(own.url))
  // What the page asks for after it is captured; by then the request before it would be too.
  await own.ask('PUT', `/json/new?${site.url}/captured`)
  await events.until(({ event }) => event.type === 'network_request' && JSON.stringify(event.data).includes('/captured'))
  const text = JSON.stringify(await events.seen())
  await own[Symbol.asyncDispose]()
  expect(call).toEqual({ request_id: expect.any(String), operation_id: 'BrowserCurl', status: 200, duration_ms: expect.any(Number) })
  expect([text.includes('/unseen'), hidden]).toEqual([false, 1])
})
