// OTLP destinations of the control plane: a browser exports there with the destination's headers, whose values nobody is shown again.
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { startTestControl } from '../testing/control.ts'

interface Export {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Takes exports as a collector does, and tells of each. */
async function startReceiver(): Promise<AsyncDisposable & { readonly url: string; untilText(text: string): Promise<Export> }> {
  const taken: Export[] = []
  let look = (): void => undefined
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const text = (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')
    taken.push({ path: incoming.url ?? '', headers: incoming.headers, text })
    outgoing.setHeader('content-type', 'application/json').end('{}')
    look()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
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
