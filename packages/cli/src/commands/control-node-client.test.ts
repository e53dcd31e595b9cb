// The published Node client, unchanged, against a control plane: only the base URL is ours.
import Kernel from '@onkernel/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiKey, controlAnswers, startTestControl, type TestControl } from '../testing/control.ts'
import { startSite } from '../testing/site.ts'
import { updateRows } from '../testing/update-rows.ts'

let control: TestControl

beforeAll(async () => {
  control = await startTestControl(['--curl', 'any'])
})

afterAll(async () => {
  await control[Symbol.asyncDispose]()
})

/** What the client asked for, as it went out. */
interface Sent {
  readonly url: URL
  readonly authorization: string | null
}

function clientOf(sent: Sent[] = []): Kernel {
  return new Kernel({
    apiKey,
    baseURL: control.url,
    maxRetries: 0,
    fetch: (input, init) => {
      const request = new Request(input, init)
      const url = new URL(request.url)
      sent.push({ url, authorization: request.headers.get('authorization') })
      return url.origin === control.url ? controlAnswers.fetch(input, init) : fetch(input, init)
    },
  })
}

const lines = 'data:text/html,<script>for (let i = 0; i < 4; i++) console.log("line", i)</script>'
const telemetry = { browser: { console: { enabled: true }, page: { enabled: true } } }

async function take(stream: AsyncIterable<{ seq: number; event: { type: string } }>, count: number): Promise<readonly [number, string][]> {
  const taken: [number, string][] = []
  for await (const { seq, event } of stream) {
    taken.push([seq, event.type])
    if (taken.length === count) break
  }
  return taken
}

test('a browser is created, its stream goes straight to it with its token alone, and its end ends the stream', async () => {
  const sent: Sent[] = []
  const client = clientOf(sent)
  const browser = await client.browsers.create({ headless: true, telemetry })
  const stream = await client.browsers.telemetry.stream(browser.session_id, { replay: 'all' })
  await client.browsers.deleteByID(browser.session_id)
  const seqs: number[] = []
  for await (const { seq } of stream) seqs.push(seq)
  expect(seqs.every((seq) => seq > 0)).toBe(true)
  expect(sent.map(({ url, authorization }) => [url.pathname, authorization])).toEqual([
    ['/browsers', `Bearer ${apiKey}`],
    [`/browser/${browser.session_id}/telemetry/stream`, null],
    [`/browsers/${browser.session_id}`, `Bearer ${apiKey}`],
  ])
})

test('replay, resume behind a number, and a stream by name through the control plane, all with the same events', async () => {
  const client = clientOf()
  const browser = await client.browsers.create({ headless: true, telemetry, start_url: lines, name: 'by name' })
  const all = await take(await client.browsers.telemetry.stream(browser.session_id, { replay: 'all' }), 6)
  const [first] = all
  const resumed = await client.browsers.telemetry.stream(browser.session_id, { 'Last-Event-ID': String(first?.[0]) })
  expect(await take(resumed, 5)).toEqual(all.slice(1))
  expect(await take(await client.browsers.telemetry.stream('by name', { replay: 'all' }), 6)).toEqual(all)
  const filter = { replay: 'all', type: ['console_log'] } as { replay: 'all' }
  const filtered = await take(await client.browsers.telemetry.stream(browser.session_id, filter), 4)
  expect(filtered).toEqual(all.filter(([, type]) => type === 'console_log'))
  await client.browsers.deleteByID('by name')
})

test('a filtered stream ends with a frame that has only an id; the client shows its events and nothing else', async () => {
  const client = clientOf()
  const browser = await client.browsers.create({ headless: true, telemetry, start_url: lines })
  const { base_url = '', cdp_ws_url } = browser
  const token = new URL(cdp_ws_url).search.slice(1)
  const filter = { replay: 'all', type: ['console_log'] } as { replay: 'all' }
  const streams = await Promise.all([
    client.browsers.telemetry.stream(browser.session_id, filter),
    fetch(`${base_url}/telemetry/stream?replay=all&type=console_log&${token}`),
  ])
  await take(streams[0], 4)
  const again = await client.browsers.telemetry.stream(browser.session_id, filter)
  // What is skipped behind the last event that they get.
  await fetch(`${base_url}/telemetry/events?${token}`, { method: 'POST', body: JSON.stringify({ type: 'skipped', category: 'system' }) })
  await client.browsers.deleteByID(browser.session_id)
  const types: string[] = []
  for await (const { event } of again) types.push(event.type)
  expect(types).toEqual(['console_log', 'console_log', 'console_log', 'console_log'])
  const blocks = (await streams[1].text()).split('\n\n')
  expect(blocks.at(-2)).toMatch(/^id: \d+$/)
})

test('with routing switched off by the environment the stream comes through the control plane', async () => {
  process.env['KERNEL_BROWSER_ROUTING_SUBRESOURCES'] = ''
  const sent: Sent[] = []
  try {
    const client = clientOf(sent)
    const browser = await client.browsers.create({ headless: true, telemetry, start_url: lines })
    expect(await take(await client.browsers.telemetry.stream(browser.session_id, { replay: 'all' }), 3)).toHaveLength(3)
    await client.browsers.deleteByID(browser.session_id)
  } finally {
    delete process.env['KERNEL_BROWSER_ROUTING_SUBRESOURCES']
  }
  expect(sent.every(({ url, authorization }) => url.origin === control.url && authorization === `Bearer ${apiKey}`)).toBe(true)
})

test('pages of events: every one once, also newest first, categories joined or repeated, and of an ended browser', async () => {
  const client = clientOf()
  const browser = await client.browsers.create({ headless: true, telemetry, start_url: lines })
  const all = await take(await client.browsers.telemetry.stream(browser.session_id, { replay: 'all' }), 6)
  await client.browsers.deleteByID(browser.session_id)
  const pages = async (query: Kernel.Browsers.TelemetryEventsParams): Promise<readonly number[]> => {
    const seqs: number[] = []
    for await (const { seq } of client.browsers.telemetry.events(browser.session_id, query)) seqs.push(seq)
    return seqs
  }
  const whole = await pages({ limit: 100 })
  expect(whole.slice(0, 6)).toEqual(all.map(([seq]) => seq))
  expect(await pages({ limit: 2 })).toEqual(whole)
  expect(await pages({ limit: 2, order: 'desc' })).toEqual([...whole].reverse())
  const joined = await pages({ limit: 2, category: ['console', 'page'] })
  const path = `/browsers/${browser.session_id}/telemetry/events?limit=100&category=console&category=page`
  const repeated: readonly { readonly seq: number }[] = JSON.parse(await (await control.request('GET', path)).text())
  expect(joined).toEqual(repeated.map(({ seq }) => seq))
  expect(joined.length).toBeGreaterThanOrEqual(6)
})

test('lists page by page, with tags, states and parts of names', async () => {
  const client = clientOf()
  const made = await Promise.all([1, 2, 3].map((n) => client.browsers.create({ headless: true, name: `list ${n}`, tags: { of: 'list' } })))
  const listed: string[] = []
  for await (const { session_id } of client.browsers.list({ limit: 2, tags: { of: 'list' } })) listed.push(session_id)
  expect(listed.sort()).toEqual(made.map(({ session_id }) => session_id).sort())
  const [one] = made
  if (one === undefined) throw new Error('nothing was made')
  await client.browsers.deleteByID(one.session_id)
  const named = async (query: Kernel.BrowserListParams): Promise<readonly (string | undefined)[]> =>
    (await client.browsers.list({ tags: { of: 'list' }, ...query })).getPaginatedItems().map(({ name }) => name)
  expect(await named({ status: 'deleted' })).toEqual(['list 1'])
  expect((await named({ status: 'all' })).length).toBe(3)
  expect(await named({ query: 'LIST 2' })).toEqual(['list 2'])
  const taken = client.browsers.update(made[1]?.session_id ?? '', { name: 'list 3' })
  await expect(taken).rejects.toMatchObject({ status: 409, error: { code: 'name_taken' } })
  await Promise.all(made.slice(1).map(({ session_id }) => client.browsers.deleteByID(session_id)))
})

const on = { enabled: true }
const off = { enabled: false }
const allOff = {
  console: off,
  network: off,
  page: off,
  interaction: off,
  control: off,
  connection: off,
  system: off,
  screenshot: off,
  captcha: off,
}

function captured({ telemetry }: Kernel.BrowserRetrieveResponse): readonly string[] {
  const flags: Readonly<Record<string, { enabled?: boolean } | undefined>> = { ...telemetry?.browser }
  return Object.entries(flags).flatMap(([name, flag]) => (flag?.enabled === true ? [name] : []))
}

test('what telemetry of an update means, every row of the contract, as the client sends it and reads the answer', async () => {
  const client = clientOf()
  const { session_id } = await client.browsers.create({ headless: true, telemetry: { browser: { page: on } } })
  for (const [row, expected] of updateRows(allOff)) {
    const updated = await client.browsers.update(session_id, row === undefined ? {} : { telemetry: row })
    const retrieved = await client.browsers.retrieve(session_id)
    expect([row, captured(updated), captured(retrieved)]).toEqual([row, expected, expected])
  }
  const both = client.browsers.update(session_id, { telemetry: { enabled: false, browser: { console: on } } })
  await expect(both).rejects.toBeInstanceOf(Kernel.BadRequestError)
  const renamed = await client.browsers.update(session_id, { name: 'renamed', tags: { a: 'b' } })
  expect([renamed.name, renamed.tags, (await client.browsers.retrieve('renamed')).session_id]).toEqual(['renamed', { a: 'b' }, session_id])
  await client.browsers.deleteByID(session_id)
  const ended = await client.browsers.retrieve(session_id, { include_deleted: true })
  expect(ended).toMatchObject({ session_id, deleted_at: expect.any(String) })
})

test('a stale token is an authentication error that keeps the route, as this client has it; a browser that is read again mends it', async () => {
  const sent: Sent[] = []
  const client = clientOf(sent)
  const browser = await client.browsers.create({ headless: true, telemetry })
  const id = browser.session_id
  const route = client.browserRouteCache.get(id)
  if (route === undefined) throw new Error('the client knows no route')
  client.browserRouteCache.set({ ...route, jwt: `${route.jwt.slice(0, -4)}AAAA` })
  const stale = client.browsers.telemetry.stream(id)
  await expect(stale).rejects.toMatchObject({ status: 401, error: { code: 'token_invalid' } })
  await expect(stale).rejects.toBeInstanceOf(Kernel.AuthenticationError)
  await client.browsers.retrieve(id)
  const stream = await client.browsers.telemetry.stream(id)
  client.browserRouteCache.delete(id)
  const forwarded = await client.browsers.telemetry.stream(id)
  expect(sent.slice(1).map(({ url, authorization }) => [url.pathname, authorization !== null])).toEqual([
    [`/browser/${id}/telemetry/stream`, false],
    [`/browsers/${id}`, true],
    [`/browser/${id}/telemetry/stream`, false],
    [`/browsers/${id}/telemetry/stream`, true],
  ])
  await client.browsers.deleteByID(id)
  // Both end with the browser, and without an error.
  for (const ending of [stream, forwarded]) for await (const { seq } of ending) expect(seq).toBeGreaterThan(0)
})

test('curl and fetch go through the browser, straight to its server, and leave api_call events', async () => {
  await using site = await startSite()
  const sent: Sent[] = []
  const client = clientOf(sent)
  const { session_id } = await client.browsers.create({ headless: true, telemetry })
  const answer = await client.browsers.curl(session_id, { url: site.url })
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': ['text/html'] }, body: expect.stringContaining('the site') })
  const raw = await client.browsers.fetch(session_id, site.url)
  expect([raw.status, await raw.text()]).toEqual([200, answer.body])
  expect(sent.slice(1).map(({ url, authorization }) => [url.pathname, authorization])).toEqual([
    [`/browser/${session_id}/curl`, null],
    [`/browser/${session_id}/curl/raw`, null],
  ])
  const calls: unknown[] = []
  for await (const { event } of await client.browsers.telemetry.stream(session_id, { replay: 'all' })) {
    if (event.type === 'api_call') calls.push([event.data?.operation_id, event.data?.status])
    if (calls.length === 2) break
  }
  expect(calls).toEqual([
    ['BrowserCurl', 200],
    ['BrowserCurlRaw', 200],
  ])
  await expect(client.browsers.curl(session_id, { url: 'http://127.0.0.1:9/' })).rejects.toMatchObject({ status: 502 })
  await client.browsers.deleteByID(session_id)
})

test('failures are the error classes of their status', async () => {
  const client = clientOf()
  await expect(client.browsers.retrieve('nothing')).rejects.toBeInstanceOf(Kernel.NotFoundError)
  await expect(client.browsers.create({ proxy_id: 'p' })).rejects.toBeInstanceOf(Kernel.BadRequestError)
  await expect(client.browsers.telemetry.stream('nothing')).rejects.toBeInstanceOf(Kernel.NotFoundError)
  const stranger = new Kernel({ apiKey: 'other', baseURL: control.url, maxRetries: 0 })
  await expect(stranger.browsers.list()).rejects.toBeInstanceOf(Kernel.AuthenticationError)
})
