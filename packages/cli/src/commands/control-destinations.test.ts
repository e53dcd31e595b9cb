// OTLP destinations of the control plane: a browser exports there with the destination's headers, whose values nobody is shown again.
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startTestControl, type TestControl } from '../testing/control.ts'
import { makeFolder } from '../testing/folder.ts'

interface Export {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

interface Receiver extends AsyncDisposable {
  readonly url: string
  /** What it answers from now on. */
  status: number
  untilText(text: string): Promise<Export>
}

/** Takes exports as a collector does, and tells of each. */
async function startReceiver(): Promise<Receiver> {
  const taken: Export[] = []
  let look = (): void => undefined
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const text = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
    taken.push({ path: incoming.url ?? '', headers: incoming.headers, text })
    outgoing.writeHead(receiver.status, { 'content-type': 'application/json' }).end('{}')
    look()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: Receiver = {
    status: 200,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    untilText: (text) =>
      new Promise((resolve) => {
        look = () => {
          const found = taken.find((one) => one.text.includes(text))
          if (found !== undefined) resolve(found)
        }
        look()
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}

test('a browser exports to its destination with its headers; with storage off the archive has nothing; no answer shows a value', async () => {
  await using receiver = await startReceiver()
  await using control = await startTestControl()
  const answers: string[] = []
  const ask = async (method: string, path: string, body?: unknown): Promise<string> => {
    const text = await (await control.request(method, path, body)).text()
    answers.push(text)
    return text
  }
  await ask('POST', '/telemetry/destinations', { name: 'here', endpoint: receiver.url, headers: { 'X-Api-Key': 's3cret, "value"=%' } })
  const otlp = { destination: { name: 'here' } }
  const telemetry = { enabled: true, export: { otlp }, storage: { enabled: false } }
  const browser = JSON.parse(await ask('POST', '/browsers', { headless: true, telemetry }))
  const token = new URL(browser.cdp_ws_url).searchParams.get('jwt')
  const event = JSON.stringify({ type: 'test_event', category: 'system', data: { text: 'to the collector' } })
  await fetch(`${browser.base_url}/telemetry/events?jwt=${token}`, { method: 'POST', body: event })
  const { path, headers } = await receiver.untilText('to the collector')
  expect([path, headers['x-api-key']]).toEqual(['/v1/logs', 's3cret, "value"=%'])
  expect(browser.telemetry).toMatchObject({ export: { otlp: { enabled: true } }, storage: { enabled: false } })
  expect(await ask('GET', `/browsers/${browser.session_id}/telemetry/events`)).toBe('[]')
  await ask('PATCH', '/telemetry/destinations/here', { description: 'changed' })
  await ask('GET', '/telemetry/destinations')
  expect(JSON.parse(await ask('DELETE', '/telemetry/destinations/here')).code).toBe('destination_in_use')
  await ask('DELETE', `/browsers/${browser.session_id}`)
  expect(await ask('DELETE', '/telemetry/destinations/here')).toBe('')
  expect(answers.filter((text) => text.includes('s3cret'))).toEqual([])
  const saved = await readFile(join(control.folder, 'browsers', browser.session_id, 'browser.json'), 'utf8')
  expect(saved).not.toContain('s3cret')
  expect((await stat(join(control.folder, 'destinations.json'))).mode & 0o077).toBe(0)
})

/** These ask until something is so, which is more often than the usual bound. */
const unhurried = ['--rate-limit', '100000']

interface Shown {
  readonly exported_events: number
  readonly failed_attempts: number
  readonly dropped_events: number
  readonly consecutive_failures: number
  readonly last_error?: string
  readonly last_error_at?: string
  readonly last_export_at?: string
}

async function shownBy(control: TestControl, isReached: (shown: Shown) => boolean = () => true): Promise<Shown> {
  for (;;) {
    const shown: Shown = JSON.parse(await (await control.request('GET', '/telemetry/destinations/counted')).text())
    if (isReached(shown)) return shown
  }
}

async function metricsOf(control: TestControl): Promise<string> {
  return (await control.request('GET', '/metrics')).text()
}

test('what was sent, what failed and what was dropped is shown of destination and browser, and outlives both the browser and a restart', async () => {
  await using folder = await makeFolder()
  await using receiver = await startReceiver()
  await using first = await startTestControl(unhurried, folder.path)
  await first.request('POST', '/telemetry/destinations', { name: 'counted', endpoint: receiver.url, headers: { secret: 's3cret' } })
  receiver.status = 503
  const telemetry = { enabled: true, export: { otlp: { destination: { name: 'counted' } } } }
  const browser = JSON.parse(await (await first.request('POST', '/browsers', { headless: true, telemetry })).text())
  const say = (text: string): Promise<Response> =>
    fetch(`${browser.base_url}/telemetry/events${new URL(browser.cdp_ws_url).search}`, {
      method: 'POST',
      body: JSON.stringify({ type: 'test_event', category: 'system', data: { text } }),
    })
  await say('one')
  const failing = await shownBy(first, ({ failed_attempts }) => failed_attempts > 0)
  expect(failing).toMatchObject({ exported_events: 0, last_error: expect.stringContaining('the collector answered 503') })
  expect([failing.consecutive_failures > 0, failing.last_error_at !== undefined, failing.last_export_at]).toEqual([true, true, undefined])
  receiver.status = 200
  const working = await shownBy(first, ({ exported_events }) => exported_events > 0)
  expect(working).toMatchObject({ consecutive_failures: 0, dropped_events: 0, last_export_at: expect.any(String) })
  expect(working.last_error).toBe(failing.last_error)
  // What is refused is dropped: it never comes again.
  receiver.status = 400
  await say('two')
  const refused = await shownBy(first, ({ dropped_events }) => dropped_events > 0)
  expect(refused.last_error).toMatch(/events were refused$/)
  await first.request('DELETE', `/browsers/${browser.session_id}`)
  const after = await shownBy(first)
  const ended = JSON.parse(await (await first.request('GET', `/browsers/${browser.session_id}?include_deleted=true`)).text())
  const { exported_events, failed_attempts, dropped_events, last_error } = after
  expect(ended.telemetry.export.otlp).toMatchObject({ enabled: true, exported_events, failed_attempts, dropped_events, last_error })
  expect(exported_events).toBeGreaterThanOrEqual(working.exported_events)
  await first[Symbol.asyncDispose]()
  await using second = await startTestControl(unhurried, folder.path)
  expect(await shownBy(second)).toEqual(after)
  expect(await metricsOf(second)).toContain(`tabscope_control_exported_events_total{destination="counted"} ${exported_events}\n`)
  expect(await metricsOf(second)).toContain(`tabscope_control_export_dropped_events_total{destination="counted"} ${dropped_events}\n`)
  await using third = await startAgain(second, folder.path)
  // The browser is forgotten now; what it exported is not.
  while ((await (await third.request('GET', '/browsers?status=deleted')).text()) !== '[]') await third.request('GET', '/readyz')
  expect(await shownBy(third, (shown) => shown.exported_events > 0)).toEqual(after)
})

async function startAgain(control: TestControl, folder: string): Promise<TestControl> {
  await control[Symbol.asyncDispose]()
  return startTestControl([...unhurried, '--retention', '1ms'], folder)
}

test('a destination that is not there, or an export of nothing, is refused before anything is started', async () => {
  await using control = await startTestControl()
  const outcome = async (telemetry: unknown): Promise<readonly unknown[]> => {
    const response = await control.request('POST', '/browsers', { headless: true, telemetry })
    return [response.status, JSON.parse(await response.text()).code]
  }
  const destination = { name: 'nowhere' }
  expect(await outcome({ enabled: true, export: { otlp: { destination } } })).toEqual([404, 'destination_not_found'])
  expect(await outcome({ export: { otlp: { destination } } })).toEqual([400, 'invalid_request'])
  expect(await outcome({ enabled: true, export: { otlp: { enabled: false, destination } } })).toEqual([400, 'invalid_request'])
  expect(await outcome({ enabled: true, export: { otlp: { enabled: true } } })).toEqual([400, 'invalid_request'])
})
