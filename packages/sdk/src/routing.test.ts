// Every rule of direct routing, on real sockets: what goes to the browser's own server, how, and what must not. What is learnt and
// forgotten is in route-cache.test.ts.
import { afterEach, expect, test, vi } from 'vitest'
import { Tabscope } from './client.ts'
import { curl, knowing, startPlanes } from './testing/planes.ts'
import { replyJson } from './testing/recording-server.ts'

afterEach(() => vi.unstubAllEnvs())

test('a call that is on the list goes to the browser: token in the query, no key, everything else as it was', async () => {
  await using planes = await knowing()
  await planes.client.browsers.curl('b1', { url: 'http://example.test/' }, { headers: { 'x-kernel-project-id': 'p1' } })
  expect(planes.vm.lines).toEqual(['POST /browser/b1/curl'])
  const [asked] = planes.vm.asked
  expect(asked?.query).toEqual({ jwt: 'token1' })
  expect(asked?.headers.authorization).toBeUndefined()
  expect(asked?.headers).toMatchObject({ 'x-kernel-project-id': 'p1', 'content-type': 'application/json', accept: 'application/json' })
  expect(asked?.body).toBe('{"url":"http://example.test/"}')
  expect(planes.control.lines).toEqual(['POST /browsers'])
  expect(planes.control.asked[0]?.headers.authorization).toBe('Bearer key')
})

test('a stream goes to the browser with its query and its Last-Event-ID', async () => {
  await using planes = await knowing()
  for await (const _ of planes.client.browsers.telemetry.stream('b1', {
    lastEventId: 41,
    category: ['page', 'console'],
    reconnect: false,
  }));
  const [asked] = planes.vm.asked
  expect(asked?.path).toBe('/browser/b1/telemetry/stream')
  expect(asked?.query).toEqual({ category: ['page', 'console'], gaps: 'event', jwt: 'token1' })
  expect(asked?.headers).toMatchObject({ 'last-event-id': '41', accept: 'text/event-stream' })
  expect(asked?.headers.authorization).toBeUndefined()
})

test.each([
  ['GET', '/browsers/b1/telemetry/events'],
  ['GET', '/browsers/b1/telemetry'],
  ['GET', '/browsers/b1/telemetry/streamfoo'],
  ['GET', '/browsers/b1/curling'],
  ['POST', '/browsers/b1/playwright/execute'],
  ['GET', '/browsers/other/telemetry/stream'],
  ['GET', '/browsers/a-name/telemetry/stream'],
  ['GET', '/x/browsers/b1/telemetry/stream'],
  ['GET', '/vx/browsers/b1/telemetry/stream'],
  ['GET', '/browsers/b1'],
  ['GET', '/browsers/%ff/curl'],
])('%s %s stays on the control plane, with the key', async (method, path) => {
  await using planes = await knowing()
  const answer = await planes.client.request(method, path).catch((error: unknown) => error)
  // A stream is not JSON; where it went is the question here.
  expect(answer).toBeDefined()
  expect(planes.vm.lines).toEqual([])
  expect(planes.control.lines.at(-1)).toBe(`${method} ${path}`)
  expect(planes.control.asked.at(-1)?.headers.authorization).toBe('Bearer key')
})

test.each(['/browsers/b1/curl/raw', '/browsers/b1/telemetry/stream/x', '/v1/browsers/b1/curl', '/browsers/%62%31/curl'])(
  '%s goes to the browser',
  async (path) => {
    await using planes = await knowing()
    await planes.client.request('GET', path)
    expect(planes.vm.lines).toEqual([`GET /browser/b1${path.replace(/^.*(b1|%62%31)/, '')}`])
  },
)

test("a jwt in the call is dropped, one in base_url wins over the browser's", async () => {
  await using planes = await startPlanes({
    onControl: (response) => replyJson(response, planes.browser({ base_url: `${planes.vm.url}/browser/b1/?jwt=own&x=1` })),
  })
  await planes.client.browsers.create()
  await planes.client.request('GET', '/browsers/b1/curl/raw', {
    query: new URLSearchParams([
      ['jwt', 'mine'],
      ['url', 'u'],
    ]),
  })
  expect(planes.vm.lines).toEqual(['GET /browser/b1/curl/raw'])
  expect(planes.vm.asked[0]?.query).toEqual({ jwt: 'own', x: '1', url: 'u' })
})

test('a base URL with a path of its own is never routed, as with the published clients', async () => {
  await using planes = await startPlanes({ onControl: (response) => replyJson(response, planes.browser()) })
  const client = new Tabscope({ apiKey: 'key', baseURL: `${planes.control.url}/api` })
  await client.browsers.create()
  await curl(client)
  expect(planes.control.lines).toEqual(['POST /api/browsers', 'POST /api/browsers/b1/curl'])
  const versioned = new Tabscope({ apiKey: 'key', baseURL: `${planes.control.url}/v1/` })
  await versioned.browsers.create()
  await curl(versioned)
  expect(planes.vm.lines).toEqual(['POST /browser/b1/curl'])
})

test.each([
  ['', []],
  [' , ', []],
  [' /curl/ ,x', ['POST /browser/b1/curl']],
  ['telemetry/stream', []],
])('TABSCOPE_BROWSER_ROUTING_SUBRESOURCES=%j decides what is routed, and wins over the older name', async (value, direct) => {
  vi.stubEnv('TABSCOPE_BROWSER_ROUTING_SUBRESOURCES', value)
  vi.stubEnv('KERNEL_BROWSER_ROUTING_SUBRESOURCES', 'curl')
  await using planes = await knowing()
  await curl(planes.client)
  expect(planes.vm.lines).toEqual(direct)
})

test('the older name of the variable works too; an option wins over both', async () => {
  vi.stubEnv('KERNEL_BROWSER_ROUTING_SUBRESOURCES', '')
  await using planes = await knowing()
  await curl(planes.client)
  expect(planes.vm.lines).toEqual([])
  await curl(planes.client.withOptions({ routing: ['curl'] }))
  expect(planes.vm.lines).toEqual(['POST /browser/b1/curl'])
})
