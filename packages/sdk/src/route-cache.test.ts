// How direct routes are learnt, forgotten and found to be stale, on real sockets.
import { expect, test } from 'vitest'
import { curl, knowing, type Planes, startPlanes } from './testing/planes.ts'
import { replyJson, replyProblem } from './testing/recording-server.ts'
import { openStream } from './testing/scripted-server.ts'

test('routes are learnt from lists, single browsers, updates and pools, however deep; not from elsewhere', async () => {
  const browserNamed = (planes: Planes, id: string) => planes.browser({ session_id: id })
  await using planes = await startPlanes({
    onControl: (response, { method, path }) => {
      if (path === '/browsers') replyJson(response, [{ deep: { er: browserNamed(planes, 'listed') } }])
      else if (path === '/browser_pools/p/acquire') replyJson(response, browserNamed(planes, 'acquired'))
      else replyJson(response, browserNamed(planes, `${method} ${path}`))
    },
  })
  const { client } = planes
  await client.browsers.list()
  await client.browsers.retrieve('a')
  await client.browsers.update('b', {})
  await client.request('POST', '/browser_pools/p/acquire')
  await client.request('GET', '/profiles')
  await client.request('GET', '/browsers/c/other')
  const known = ['listed', 'GET /browsers/a', 'PATCH /browsers/b', 'acquired', 'GET /profiles', 'GET /browsers/c/other']
  expect(known.filter((id) => client.browserRouteCache.get(id) !== undefined)).toEqual(known.slice(0, 4))
})

test.each([
  ['no base_url', { base_url: '' }],
  ['a blank id', { session_id: ' ' }],
  ['no token', { cdp_ws_url: 'ws://x/cdp' }],
  ['a base_url of another kind', { base_url: 'file:///etc/passwd' }],
  ['an end', { deleted_at: '2026-01-01T00:00:00Z' }],
])('a browser object with %s gives no route', async (_what, more) => {
  await using planes = await startPlanes({ onControl: (response) => replyJson(response, planes.browser(more)) })
  await planes.client.browsers.create()
  expect([planes.client.browserRouteCache.get('b1'), planes.client.browserRouteCache.get(' ')]).toEqual([undefined, undefined])
})

test('the field jwt is preferred over the token in cdp_ws_url, and all parts are trimmed', async () => {
  await using planes = await startPlanes({
    onControl: (response) => replyJson(response, planes.browser({ session_id: ' b1 ', jwt: ' token2 ', base_url: ` ${planes.vm.url}/b ` })),
  })
  await planes.client.browsers.create()
  expect(planes.client.browserRouteCache.get('b1')).toEqual({ baseUrl: `${planes.vm.url}/b`, jwt: 'token2', name: undefined })
})

test('what a user wrote into tags is never taken for a browser', async () => {
  await using planes = await startPlanes({
    onControl: (response) => replyJson(response, { ...planes.browser(), tags: planes.browser({ session_id: 'fake' }) }),
  })
  await planes.client.browsers.create()
  expect(planes.client.browserRouteCache.get('fake')).toBeUndefined()
})

test('an error answer teaches nothing', async () => {
  await using planes = await startPlanes({ onControl: (response) => replyJson(response, planes.browser(), { status: 400 }) })
  await expect(planes.client.browsers.create()).rejects.toMatchObject({ status: 400 })
  expect(planes.client.browserRouteCache.get('b1')).toBeUndefined()
})

test('a browser that was deleted, by id or by name, is forgotten; a failed deletion changes nothing', async () => {
  let status = 500
  await using planes = await startPlanes({
    maxRetries: 0,
    onControl: (response, { method }) =>
      method === 'DELETE' ? response.writeHead(status).end() : replyJson(response, planes.browser({ name: 'worker' })),
  })
  const { client } = planes
  for (const idOrName of ['b1', 'worker']) {
    await client.browsers.create()
    status = 500
    await expect(client.browsers.delete(idOrName)).rejects.toThrow()
    expect(client.browserRouteCache.get('b1')).toBeDefined()
    status = 204
    await client.browsers.delete(idOrName)
    expect(client.browserRouteCache.get('b1')).toBeUndefined()
  }
})

test('a browser that was given back to its pool is forgotten', async () => {
  await using planes = await knowing()
  await planes.client.request('POST', '/browser_pools/p/release', { body: { session_id: 'b1' } })
  expect(planes.client.browserRouteCache.get('b1')).toBeUndefined()
})

test.each([
  [401, 'invalid_token'],
  [403, 'invalid_token'],
  [404, 'browser_gone'],
])(
  '%d %s from the browser: the route is forgotten, the call goes to the control plane once, with the key and without the token',
  async (status, code) => {
    await using planes = await knowing({ maxRetries: 0, onVm: (response) => replyProblem(response, status, code) })
    await curl(planes.client)
    expect(planes.vm.lines).toEqual(['POST /browser/b1/curl'])
    expect(planes.control.lines.slice(1)).toEqual(['POST /browsers/b1/curl'])
    const asked = planes.control.asked[1]
    expect([asked?.headers.authorization, asked?.query, asked?.body]).toEqual(['Bearer key', {}, '{"url":"http://example.test/"}'])
    expect(planes.client.browserRouteCache.get('b1')).toBeUndefined()
    expect(planes.waits).toEqual([])
  },
)

test.each([
  [404, 'not_found'],
  [410, 'gone'],
  [500, 'internal_error'],
])('%d %s from the browser is the answer: nothing is forgotten, nobody else is asked', async (status, code) => {
  await using planes = await knowing({ maxRetries: 0, onVm: (response) => replyProblem(response, status, code) })
  await expect(curl(planes.client)).rejects.toMatchObject({ status, code })
  expect(planes.client.browserRouteCache.get('b1')).toBeDefined()
  expect(planes.control.lines).toEqual(['POST /browsers'])
})

test('a GET to a browser whose server is gone goes to the control plane; anything else may have been done, and does not', async () => {
  await using planes = await knowing({ maxRetries: 0 })
  await planes.vm.stop()
  await expect(curl(planes.client)).rejects.toMatchObject({ code: 'connect_failed' })
  expect(planes.client.browserRouteCache.get('b1')).toBeDefined()
  for await (const { seq } of planes.client.browsers.telemetry.stream('b1', { reconnect: false })) expect(seq).toBe(1)
  expect(planes.control.lines).toEqual(['POST /browsers', 'GET /browsers/b1/telemetry/stream'])
  expect(planes.client.browserRouteCache.get('b1')).toBeUndefined()
})

test('a newer route that was learnt while the old one failed is kept', async () => {
  await using planes = await knowing({
    onVm: (response) => {
      planes.client.browserRouteCache.set('b1', { baseUrl: `${planes.vm.url}/browser/b1`, jwt: 'token2', name: undefined })
      replyProblem(response, 401, 'invalid_token')
    },
  })
  await curl(planes.client)
  expect(planes.client.browserRouteCache.get('b1')?.jwt).toBe('token2')
})

test('a browser that sends us elsewhere gets no key by that', async () => {
  await using planes = await knowing({
    onVm: (response) => response.writeHead(307, { location: `${planes.control.url}/browsers/b1/curl` }).end(),
  })
  await curl(planes.client)
  expect(planes.control.lines.at(-1)).toBe('POST /browsers/b1/curl')
  expect(planes.control.asked.at(-1)?.headers.authorization).toBeUndefined()
})

test('a stream whose route became stale goes on by the control plane behind the last event', async () => {
  let connections = 0
  await using planes = await startPlanes({
    onVm: (response) => {
      connections += 1
      if (connections === 1) openStream(response).end('id: 7\ndata: {"seq":7,"event":{"type":"x"}}\n\n')
      else replyProblem(response, 404, 'browser_gone')
    },
    onControl: (response, { path }) => {
      if (path === '/browsers') replyJson(response, planes.browser())
      else openStream(response).end('id: 8\ndata: {"seq":8,"event":{"type":"x"}}\n\n')
    },
  })
  await planes.client.browsers.create()
  const seqs: number[] = []
  for await (const { seq } of planes.client.browsers.telemetry.stream('b1')) {
    seqs.push(seq)
    if (seq === 8) break
  }
  expect(seqs).toEqual([7, 8])
  expect(planes.control.asked.at(-1)?.headers).toMatchObject({ 'last-event-id': '7', authorization: 'Bearer key' })
})

test('clients made of one another share their routes, and the oldest of too many is forgotten', async () => {
  await using planes = await knowing()
  expect(planes.client.withOptions({ maxRetries: 0 }).browserRouteCache).toBe(planes.client.browserRouteCache)
  const cache = planes.client.browserRouteCache
  for (let index = 0; index < 10_000; index += 1) cache.set(`s${index}`, { baseUrl: 'http://x', jwt: 't', name: undefined })
  expect([cache.get('b1'), cache.get('s0')?.jwt, cache.get('s9999')?.jwt]).toEqual([undefined, 't', 't'])
})
