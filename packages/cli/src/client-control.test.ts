// @tabscope/sdk and `tabscope browsers` against a real `tabscope control` with real browsers: what only both together can show.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { AuthenticationError, BadRequestError, type ClientOptions, NotFoundError, Tabscope } from '@tabscope/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTabscope } from './testing/command.ts'
import { apiKey, controlAnswers, startTestControl, type TestControl } from './testing/control.ts'

let control: TestControl
let site: Server
let page = ''

beforeAll(async () => {
  site = createServer((_request, response) => {
    response
      .setHeader('content-type', 'text/html')
      .end(`<!doctype html><link rel="icon" href="data:,"><script>console.log('hello')</script>`)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const address = site.address()
  page = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
  control = await startTestControl()
})

afterAll(async () => {
  await control[Symbol.asyncDispose]()
  site.closeAllConnections()
  site.close()
})

interface Sent {
  readonly path: string
  readonly hasKey: boolean
}

function clientOf(options: ClientOptions = {}): { client: Tabscope; sent: Sent[] } {
  const sent: Sent[] = []
  const watching: typeof fetch = (input, init) => {
    const url = new URL(String(input))
    sent.push({ path: url.pathname, hasKey: new Headers(init?.headers).has('authorization') })
    return url.origin === control.url ? controlAnswers.fetch(input, init) : fetch(input, init)
  }
  return { client: new Tabscope({ apiKey, baseURL: control.url, fetch: watching, ...options }), sent }
}

const captured = { browser: { console: { enabled: true }, page: { enabled: true } } }

test('directly and by the control plane a stream brings the same events, and ends when the browser is deleted', async () => {
  const { client, sent } = clientOf()
  const { session_id: id } = await client.browsers.create({ headless: true, telemetry: captured, start_url: page })
  await client.browsers.telemetry.waitFor(id, 'page_navigation_settled', { replay: 'all' })
  const through = client.withOptions({ routing: [] })
  const streams = [client.browsers.telemetry.stream(id, { replay: 'all' }), through.browsers.telemetry.stream(id, { replay: 'all' })]
  const reading = streams.map(async (stream) => {
    const seen: [number, string][] = []
    for await (const { seq, event } of stream) seen.push([seq, event.type])
    return seen
  })
  await Promise.all(streams)
  const paths = sent.slice(-2).map(({ path, hasKey }) => [path, hasKey])
  await client.browsers.delete(id)
  const [direct = [], forwarded] = await Promise.all(reading)
  expect(forwarded).toEqual(direct)
  expect(direct.map(([, type]) => type)).toEqual(expect.arrayContaining(['console_log', 'page_navigation', 'page_navigation_settled']))
  expect(paths).toEqual([
    [`/browser/${id}/telemetry/stream`, false],
    [`/browsers/${id}/telemetry/stream`, true],
  ])
  // What was captured outlives the browser.
  const kept: number[] = []
  for await (const { seq } of client.browsers.telemetry.events(id, { limit: 3 })) kept.push(seq)
  expect(kept).toEqual(direct.map(([seq]) => seq))
})

test('errors of the control plane have their classes', async () => {
  const { client } = clientOf({ maxRetries: 0 })
  await expect(client.browsers.retrieve('nobody')).rejects.toBeInstanceOf(NotFoundError)
  await expect(client.browsers.telemetry.stream('nobody')).rejects.toBeInstanceOf(NotFoundError)
  await expect(client.browsers.create({ proxy_id: 'p' })).rejects.toMatchObject({ constructor: BadRequestError, code: 'not_supported' })
  await expect(client.withOptions({ apiKey: 'wrong' }).browsers.list()).rejects.toBeInstanceOf(AuthenticationError)
})

test('a route whose token is for another browser is forgotten, and the control plane serves', async () => {
  const { client, sent } = clientOf()
  const [one, other] = [
    await client.browsers.create({ headless: true, telemetry: captured }),
    await client.browsers.create({ headless: true }),
  ]
  const route = client.browserRouteCache.get(one.session_id)
  const wrong = client.browserRouteCache.get(other.session_id)
  if (route === undefined || wrong === undefined) throw new Error('no routes were learnt')
  client.browserRouteCache.set(one.session_id, { ...route, jwt: wrong.jwt })
  const stream = await client.browsers.telemetry.stream(one.session_id)
  expect(sent.slice(-2).map(({ path, hasKey }) => [path, hasKey])).toEqual([
    [`/browser/${one.session_id}/telemetry/stream`, false],
    [`/browsers/${one.session_id}/telemetry/stream`, true],
  ])
  expect(client.browserRouteCache.get(one.session_id)).toBeUndefined()
  await stream.close()
  for (const { session_id: id } of [one, other]) await client.browsers.delete(id)
})

test('the commands: create, follow until the end, find the ended one, read its events', async () => {
  const env = { TABSCOPE_BASE_URL: control.url, TABSCOPE_API_KEY: apiKey }
  const run = async (...args: readonly string[]): Promise<readonly string[]> => {
    await using command = runTabscope(['browsers', ...args], env)
    expect([args, await command.ended(), command.stderr.all]).toEqual([args, 0, []])
    return [...command.stdout.all]
  }
  const [created = ''] = await run('create', '--name', 'shop', '--headless', '--telemetry', 'console,page', '--start-url', page)
  const { session_id: id } = JSON.parse(created)
  await using stream = runTabscope(
    ['browsers', 'telemetry', 'stream', 'shop', '--replay', 'all', '--types', 'console_log', '-o', 'table'],
    env,
  )
  await stream.stdout.until(/console_log +hello$/)
  expect(await run('update', 'shop', '--telemetry', 'off', '-o', 'table')).toEqual([`Updated ${id}`, 'Telemetry: disabled'])
  expect(await run('delete', 'shop', '-o', 'table')).toEqual(['Deleted shop'])
  expect([await stream.ended(), stream.stdout.all.length]).toEqual([0, 1])
  const [ended = ''] = (await run('list', '--status', 'deleted', '--query', 'shop')).slice(0, 1)
  expect(JSON.parse(ended)).toMatchObject({ session_id: id, name: 'shop', deleted_at: expect.any(String) })
  const events = await run('telemetry', 'events', id, '--types', 'console_log', '--since', '1h')
  expect(events.map((line) => JSON.parse(line).event.data.text)).toEqual(['hello'])
})
