// What the control plane does when things go wrong: servers and Chromiums killed, itself killed and started again, tokens of others, readers
// that vanish, requests that are hostile.
import { once } from 'node:events'
import { appendFile, readdir, readFile, stat } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { leftOver, profileBelow } from '@tabscope/browser/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiKey, startTestControl, type TestControl } from '../testing/control.ts'
import { makeFolder } from '../testing/folder.ts'

interface Browser {
  readonly session_id: string
  readonly base_url: string
  readonly cdp_ws_url: string
}

async function create(control: TestControl, body: object = {}): Promise<Browser> {
  const response = await control.request('POST', '/browsers', { headless: true, telemetry: { enabled: true }, ...body })
  if (response.status !== 200) throw new Error(await response.text())
  return JSON.parse(await response.text())
}

function tokenOf({ cdp_ws_url }: Browser): string {
  return new URL(cdp_ws_url).searchParams.get('jwt') ?? ''
}

async function processOf({ folder }: TestControl, { session_id }: Browser): Promise<number> {
  const { process } = JSON.parse(await readFile(join(folder, 'browsers', session_id, 'browser.json'), 'utf8'))
  return process.pid
}

async function outcome(response: Response | Promise<Response>): Promise<readonly [number, string | undefined]> {
  const answer = await response
  const text = await answer.text()
  return [answer.status, text === '' ? undefined : JSON.parse(text).code]
}

/** An event that anybody may publish at the browser's server, and that the archive keeps: resolves when it is on disk. */
async function publish(browser: Browser, text: string): Promise<void> {
  const ask = async (path: string, options: RequestInit): Promise<string> => {
    const response = await fetch(`${browser.base_url}${path}?jwt=${tokenOf(browser)}`, options)
    const answer = await response.text()
    if (response.status !== 200) throw new Error(`${response.status}: ${answer}`)
    return answer
  }
  const body = JSON.stringify({ type: 'test_event', category: 'system', data: { text } })
  const { seq } = JSON.parse(await ask('/telemetry/events', { method: 'POST', body }))
  while (JSON.parse(await ask('/telemetry', {})).durable_seq < seq);
}

async function textsOf(control: TestControl, { session_id }: Browser): Promise<readonly unknown[]> {
  const response = await control.request('GET', `/browsers/${session_id}/telemetry/events?type=test_event`)
  const page: readonly { readonly event: { readonly data: { readonly text: string } } }[] = JSON.parse(await response.text())
  return page.map(({ event }) => event.data.text)
}

/** Resolves when the stream has said that. */
async function readUntil(response: Response, pattern: RegExp): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (pattern.test(text)) return text
  }
  throw new Error(`the stream ended after: ${text}`)
}

/** Everything up to the event that says so. */
async function readToLast(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    if (Buffer.concat(chunks.slice(-2)).includes('the last')) return Buffer.concat(chunks)
  }
  throw new Error('the stream ended before the last event')
}

describe('with one control plane', () => {
  let control: TestControl

  beforeAll(async () => {
    control = await startTestControl()
  })

  afterAll(async () => {
    await control[Symbol.asyncDispose]()
  })

  test('a browser whose server is killed has ended: its forwarded stream is over, its Chromium gone, its events readable', async () => {
    const browser = await create(control, { name: 'killed' })
    await publish(browser, 'before the kill')
    const pid = await processOf(control, browser)
    const profile = profileBelow(pid)
    const stream = await control.request('GET', `/browsers/${browser.session_id}/telemetry/stream?replay=all`)
    await readUntil(stream, /before the kill/)
    process.kill(pid, 'SIGKILL')
    expect(await leftOver(profile, 10_000)).toEqual([])
    await control.command.stderr.until(new RegExp(`${browser.session_id}.*was ended by SIGKILL`))
    expect(await outcome(control.request('GET', '/browsers/killed'))).toEqual([404, 'browser_not_found'])
    expect(await outcome(control.request('GET', `/browsers/${browser.session_id}/telemetry/stream`))).toEqual([404, 'browser_gone'])
    expect(await textsOf(control, browser)).toEqual(['before the kill'])
    const shown = JSON.parse(await (await control.request('GET', '/browsers/killed?include_deleted=true')).text())
    expect(shown).toMatchObject({ session_id: browser.session_id, deleted_at: expect.any(String) })
    expect(shown.base_url).toBeUndefined()
  })

  test('a killed Chromium is told and started again; the browser goes on', async () => {
    const browser = await create(control)
    const stream = await fetch(`${browser.base_url}/telemetry/stream?replay=all&jwt=${tokenOf(browser)}`)
    const version = await fetch(`${browser.base_url}/json/version?jwt=${tokenOf(browser)}`)
    expect(version.status).toBe(200)
    const profile = profileBelow(await processOf(control, browser))
    const { pid } = JSON.parse((await serverLog(control, browser)).split('\n').find((line) => line.includes('Chromium runs')) ?? '{}')
    // As if its server had had much to say: the next line has the older half cut away, with a mark.
    await appendFile(logOf(control, browser), `${'x'.repeat(99)}\n`.repeat(50_000))
    process.kill(pid, 'SIGKILL')
    expect(await readUntil(stream, /service_crashed/)).toContain('"phase":"running"')
    expect(await leftOver(profile, 10_000)).toEqual([])
    expect((await control.request('GET', `/browsers/${browser.session_id}`)).status).toBe(200)
    expect((await stat(logOf(control, browser))).size).toBeLessThan(4_194_304)
    expect(await serverLog(control, browser)).toMatch(/^\{"level":40,.*"msg":"older lines of this log were cut away"\}\nx/)
    await control.request('DELETE', `/browsers/${browser.session_id}`)
  })

  test('tokens: none, a bad one and that of another browser are 401, a path of another browser is gone', async () => {
    const [one, other] = await Promise.all([create(control), create(control)])
    const at = (query: string): Promise<Response> => fetch(`${one.base_url}/telemetry${query}`)
    expect(await outcome(at(''))).toEqual([401, 'token_invalid'])
    expect(await outcome(at(`?jwt=${tokenOf(one).slice(0, -4)}AAAA`))).toEqual([401, 'token_invalid'])
    expect(await outcome(at(`?jwt=${tokenOf(other)}`))).toEqual([401, 'token_invalid'])
    expect(await outcome(at(`?jwt=${apiKey}`))).toEqual([401, 'token_invalid'])
    expect((await at(`?jwt=${tokenOf(one)}`)).status).toBe(200)
    const elsewhere = one.base_url.replace(one.session_id, other.session_id)
    expect(await outcome(fetch(`${elsewhere}/telemetry?jwt=${tokenOf(other)}`))).toEqual([404, 'browser_gone'])
    // What newer clients look for below the base is not there, which must not cost them their route.
    expect(await outcome(fetch(`${one.base_url}/computer/screenshot?jwt=${tokenOf(one)}`, { method: 'POST' }))).toEqual([404, 'not_found'])
    await Promise.all([one, other].map(({ session_id }) => control.request('DELETE', `/browsers/${session_id}`)))
  })

  test('100 readers through the control plane get the same, and none that vanished stays open at the browser', async () => {
    const browser = await create(control)
    const readers = await Promise.all(
      Array.from({ length: 100 }, () => control.request('GET', `/browsers/${browser.session_id}/telemetry/stream`)),
    )
    const read = readers.map((reader) => readUntil(reader, /to all.*\n\n/s))
    await publish(browser, 'to all')
    const texts = await Promise.all(read)
    expect(new Set(texts).size).toBe(1)
    // Leaving the loop closed every reader.
    const metrics = `${browser.base_url}/metrics?jwt=${tokenOf(browser)}`
    while (!/^tabscope_stream_clients 0$/m.test(await (await fetch(metrics)).text())) await fetch(metrics)
    await control.request('DELETE', `/browsers/${browser.session_id}`)
  })

  test('a reader through the control plane that does not read keeps nobody else waiting, and gets everything when it does', async () => {
    const browser = await create(control)
    const path = `/browsers/${browser.session_id}/telemetry/stream`
    const [slow, fast] = await Promise.all([control.request('GET', path), control.request('GET', path)])
    const reading = readToLast(fast)
    // 10 MB: more than the pipes and sockets between them hold.
    const count = 100
    const text = 'word '.repeat(20_000)
    await Promise.all(Array.from({ length: count - 1 }, (_, n) => publish(browser, `${n} ${text}`)))
    await publish(browser, 'the last')
    const all = await reading
    expect(all.toString().match(/^data: /gm)).toHaveLength(count)
    expect((await readToLast(slow)).equals(all)).toBe(true)
    await control.request('DELETE', `/browsers/${browser.session_id}`)
  })

  test('a creation whose client went away is undone', async () => {
    const body = JSON.stringify({ headless: true, name: 'never mind' })
    const headers = { authorization: `Bearer ${apiKey}`, 'content-length': Buffer.byteLength(body) }
    const asked = httpRequest(`${control.url}/browsers`, { method: 'POST', headers })
    asked.on('error', () => undefined)
    asked.end(body)
    // The name is taken from the moment the start begins.
    for (;;) {
      const second = await outcome(
        control.request('POST', '/browsers', { name: 'never mind', headless: true, telemetry: { enabled: 'x' } }),
      )
      expect(second).toEqual([400, 'invalid_request'])
      const metrics = await (await control.request('GET', '/metrics')).text()
      if (/tabscope_control_browsers\{state="starting"\} 1/.test(metrics)) break
    }
    asked.destroy()
    while (!/creations_total\{outcome="failed"\} 1/.test(await (await control.request('GET', '/metrics')).text()));
    expect(await outcome(control.request('GET', '/browsers/never%20mind'))).toEqual([404, 'browser_not_found'])
  })

  test.each([
    ['GET', '/browsers/..%2f..%2fetc', undefined, [404, 'browser_not_found']],
    ['GET', '/browsers/%00', undefined, [404, 'browser_not_found']],
    ['GET', '/browsers/__proto__', undefined, [404, 'browser_not_found']],
    ['GET', '/browsers/x/telemetry', undefined, [404, 'not_found']],
    ['PUT', '/browsers/x', '{}', [405, 'method_not_allowed']],
    ['POST', '/browsers', '{', [400, 'invalid_json']],
    ['POST', '/browsers', '[]', [400, 'invalid_request']],
    ['POST', '/browsers', '"x"', [400, 'invalid_request']],
    ['POST', '/browsers', JSON.stringify({ name: 'a\r\nb' }), [400, 'invalid_request']],
    ['POST', '/browsers', JSON.stringify({ name: 'a'.repeat(24) }), [400, 'invalid_request']],
    [
      'POST',
      '/browsers',
      JSON.stringify({ tags: Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`t${at}`, ''])) }),
      [400, 'invalid_request'],
    ],
    ['POST', '/browsers', JSON.stringify({ start_url: 'nowhere' }), [400, 'invalid_request']],
    ['POST', '/browsers', JSON.stringify({ timeout_seconds: 1 }), [400, 'invalid_request']],
    ['POST', '/browsers', 'x'.repeat(1_048_577), [413, 'body_too_large']],
    ['POST', '/browsers', JSON.stringify({ proxy_id: 'p' }), [400, 'not_supported']],
    ['POST', '/browsers', JSON.stringify({ gpu: true }), [400, 'not_supported']],
    ['POST', '/browsers', JSON.stringify({ profile: { name: 'p' } }), [400, 'not_supported']],
    ['POST', '/browsers', JSON.stringify({ telemetry: { browser: { monitor: { enabled: true } } } }), [400, 'unknown_category']],
    ['POST', '/browsers', JSON.stringify({ telemetry: { storage: { enabled: false }, enabled: true } }), [400, 'invalid_request']],
    ['GET', '/browsers?limit=101', undefined, [400, 'invalid_request']],
    ['GET', '/browsers?status=sleeping', undefined, [400, 'invalid_request']],
    ['POST', '/telemetry/destinations', JSON.stringify({ name: 'd', endpoint: 'file:///etc/passwd' }), [400, 'invalid_request']],
    ['POST', '/telemetry/destinations', JSON.stringify({ name: 'd', endpoint: 'http://c/v1/logs' }), [400, 'invalid_request']],
    [
      'POST',
      '/telemetry/destinations',
      JSON.stringify({ name: 'd', endpoint: 'http://c', headers: { a: 'x\r\ny: z' } }),
      [400, 'invalid_request'],
    ],
    [
      'POST',
      '/telemetry/destinations',
      JSON.stringify({ name: 'd', endpoint: 'http://c', headers: { a: 'x'.repeat(8192) } }),
      [400, 'invalid_request'],
    ],
  ])('%s %s is an answer, not a failure (%#)', async (method, path, body, expected) => {
    expect(await outcome(control.request(method, path, body))).toEqual(expected)
  })

  test('curl asks for public addresses alone unless the command says otherwise, and what is refused says so', async () => {
    const browser = await create(control, { name: 'curls' })
    const ask = (url: string): Promise<readonly [number, string | undefined]> =>
      outcome(control.request('POST', '/browsers/curls/curl', { url }))
    expect(await ask(`${control.url}/healthz`)).toEqual([400, 'url_not_allowed'])
    expect(await ask('http://169.254.169.254/latest/meta-data/')).toEqual([400, 'url_not_allowed'])
    expect(await ask('file:///etc/passwd')).toEqual([400, 'invalid_request'])
    await control.request('DELETE', `/browsers/${browser.session_id}`)
    expect(await ask('http://192.0.2.1/')).toEqual([404, 'browser_gone'])
  })

  test('without a key, or with another, nothing but health answers', async () => {
    const asked = ['/browsers', '/metrics', '/openapi.json', '/telemetry/destinations', '/browsers/x/telemetry/stream']
    for (const path of asked) {
      expect([path, await outcome(fetch(`${control.url}${path}`))]).toEqual([path, [401, 'api_key_missing']])
      const wrong = fetch(`${control.url}${path}`, { headers: { authorization: `Bearer ${apiKey}x` } })
      expect(await outcome(wrong)).toEqual([401, 'api_key_missing'])
    }
    expect((await fetch(`${control.url}/healthz`)).status).toBe(200)
  })

  test('bytes that are no request are answered and leave it standing', async () => {
    const socket = connect(Number(new URL(control.url).port), '127.0.0.1')
    socket.end('\u0000\u0001 nonsense\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /)
    expect((await fetch(`${control.url}/readyz`)).status).toBe(200)
  })
})

function logOf({ folder }: TestControl, { session_id }: Browser): string {
  return join(folder, 'browsers', session_id, 'server.log')
}

function serverLog(control: TestControl, browser: Browser): Promise<string> {
  return readFile(logOf(control, browser), 'utf8')
}

test('a control plane that is killed and started again goes on with its browsers: same address, same token, streams unbroken', async () => {
  await using folder = await makeFolder()
  const first = await startTestControl([], folder.path)
  const browser = await create(first, { name: 'survivor', tags: { team: 'blue' } })
  const stream = await fetch(`${browser.base_url}/telemetry/stream?jwt=${tokenOf(browser)}`)
  first.command.kill('SIGKILL')
  await first.command.ended()
  await publish(browser, 'while nobody was there')
  await using second = await startTestControl([], folder.path)
  expect(JSON.parse(await (await second.request('GET', '/browsers/survivor')).text())).toMatchObject({
    session_id: browser.session_id,
    base_url: browser.base_url,
    cdp_ws_url: browser.cdp_ws_url,
    tags: { team: 'blue' },
  })
  await publish(browser, 'to the next one')
  await readUntil(stream, /while nobody was there.*to the next one/s)
  const profile = profileBelow(await processOf(second, browser))
  await second.request('DELETE', '/browsers/survivor')
  expect(await leftOver(profile, 10_000)).toEqual([])
  expect(await textsOf(second, browser)).toEqual(['while nobody was there', 'to the next one'])
})

test('browsers of a control plane that does not come back end themselves, with their Chromium', async () => {
  await using folder = await makeFolder()
  const control = await startTestControl(['--grace', '1'], folder.path)
  const browser = await create(control)
  const pid = await processOf(control, browser)
  const profile = profileBelow(pid)
  control.command.kill('SIGKILL')
  await control.command.ended()
  expect(await leftOver(profile, 20_000)).toEqual([])
  await using next = await startTestControl([], folder.path)
  expect(await outcome(next.request('GET', `/browsers/${browser.session_id}/telemetry/stream`))).toEqual([404, 'browser_gone'])
})

test('revoked keys: the old token is no good, the browser goes on with a new one', async () => {
  await using folder = await makeFolder()
  const first = await startTestControl([], folder.path)
  const browser = await create(first)
  first.command.kill('SIGKILL')
  await first.command.ended()
  await using second = await startTestControl(['--keys', 'revoke'], folder.path)
  const renewed: Browser = JSON.parse(await (await second.request('GET', `/browsers/${browser.session_id}`)).text())
  expect(tokenOf(renewed)).not.toBe(tokenOf(browser))
  // The server learns of it when it finds the new control plane.
  while ((await fetch(`${browser.base_url}/telemetry?jwt=${tokenOf(browser)}`)).status !== 401) await fetch(`${browser.base_url}/healthz`)
  expect((await fetch(`${browser.base_url}/telemetry?jwt=${tokenOf(renewed)}`)).status).toBe(200)
})

test.each([
  ['off', 404, 'curl_off'],
  // Nobody listens there; what matters is that the browser was asked.
  ['any', 502, 'curl_failed'],
])('with --curl %s a request for a local address is %d %s', async (policy, status, code) => {
  await using control = await startTestControl([], undefined, { TABSCOPE_CURL: policy })
  const { session_id } = await create(control)
  const asked = control.request('POST', `/browsers/${session_id}/curl`, { url: 'http://127.0.0.1:9/' })
  expect(await outcome(asked)).toEqual([status, code])
})

test('too many browsers and too many requests are 429; what is over the bound was not started', async () => {
  await using control = await startTestControl(['--max-browsers', '1', '--rate-limit', '5'])
  await create(control)
  expect(await outcome(control.request('POST', '/browsers', {}))).toEqual([429, 'too_many_browsers'])
  const answers = await Promise.all(Array.from({ length: 20 }, () => control.request('GET', '/browsers')))
  const limited = answers.find(({ status }) => status === 429)
  expect([limited?.headers.get('x-ratelimit-limit'), limited?.headers.get('retry-after')]).toEqual(['5', '1'])
})

test('a browser that nobody uses ends by itself; an open stream alone does not keep it', async () => {
  await using control = await startTestControl()
  const browser = await create(control, { timeout_seconds: 10 })
  const stream = await fetch(`${browser.base_url}/telemetry/stream?jwt=${tokenOf(browser)}`)
  // Ends cleanly: what was cut off would reject.
  await stream.text()
  await control.command.stderr.until(new RegExp(`${browser.session_id}.*nobody used it for 10 s`))
})

test('an ended browser is forgotten with its events after the retention time, and not before', async () => {
  await using folder = await makeFolder()
  const first = await startTestControl([], folder.path)
  const browser = await create(first)
  await publish(browser, 'kept for a while')
  await first[Symbol.asyncDispose]()
  const second = await startTestControl([], folder.path)
  expect(await textsOf(second, browser)).toEqual(['kept for a while'])
  await second[Symbol.asyncDispose]()
  await using third = await startTestControl(['--retention', '1ms'], folder.path)
  while ((await (await third.request('GET', '/browsers?status=deleted')).text()) !== '[]') await third.request('GET', '/readyz')
  expect(await readdir(join(folder.path, 'browsers'))).toEqual([])
})
