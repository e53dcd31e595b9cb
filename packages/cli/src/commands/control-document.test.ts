// Every operation of the control plane's own OpenAPI document is asked for once with success, and answers what the document says; the same
// is asked of every other answer that tests get from a control plane (testing/control.ts).
import { once } from 'node:events'
import { createServer } from 'node:http'
import { controlOpenApiDocument } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { controlAnswers, startTestControl } from '../testing/control.ts'

test('every operation of the document answers as the document says', async () => {
  const site = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const address = site.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`
  await using control = await startTestControl(['--curl', 'any'])
  const ask = async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await control.request(method, path, body)
    if (response.headers.get('content-type') === 'text/event-stream') await response.body?.cancel()
    return response.bodyUsed ? '' : response.text()
  }
  expect(JSON.parse(await ask('GET', '/openapi.json'))).toEqual(JSON.parse(JSON.stringify(controlOpenApiDocument())))
  for (const path of ['/healthz', '/readyz', '/metrics']) await ask('GET', path)
  await ask('POST', '/telemetry/destinations', { name: 'd', endpoint: 'http://127.0.0.1:9', description: 'text', headers: { a: 'b' } })
  await ask('GET', '/telemetry/destinations')
  await ask('GET', '/telemetry/destinations/d')
  await ask('PATCH', '/telemetry/destinations/d', { description: null })
  const request = { headless: true, name: 'b', tags: { a: 'b' }, viewport: { width: 640, height: 480, refresh_rate: null }, start_url: url }
  const excluded = { control: { enabled: true, cdp: { excluded_methods: ['Page.navigate'] } } }
  await ask('POST', '/browsers', {
    ...request,
    telemetry: { enabled: true, browser: excluded, export: { otlp: { destination: { name: 'd' } } } },
  })
  await ask('GET', '/browsers')
  await ask('GET', '/browsers/b')
  await ask('PATCH', '/browsers/b', { telemetry: { enabled: false } })
  await ask('POST', '/browsers/b/curl', { url })
  await ask('GET', '/browsers/b/telemetry/stream')
  await ask('GET', '/browsers/b/telemetry/events')
  await ask('DELETE', '/browsers/b')
  await ask('GET', '/browsers?status=all')
  await ask('GET', '/browsers/b/telemetry/events')
  await ask('DELETE', '/telemetry/destinations/d')
  site.closeAllConnections()
  site.close()
  const { paths } = controlOpenApiDocument() as { paths: Record<string, Record<string, { responses: object }>> }
  const successes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { responses }]) => `${method} ${path} ${Object.keys(responses).find((status) => status < '3')}`),
  )
  expect(successes.filter((name) => !controlAnswers.seen.has(name))).toEqual([])
})
