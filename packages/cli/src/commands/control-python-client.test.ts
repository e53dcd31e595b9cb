// The published Python client, which is the newest published contract, unchanged against a control plane: only its base URL is ours. With
// strict models every answer and every event has to be exactly as the client's own types say.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestControl, type TestControl } from '../testing/control.ts'
import { noPython, runPython, type Sent } from '../testing/python.ts'

let control: TestControl

beforeAll(async () => {
  control = await startTestControl(['--curl', 'any'])
})

afterAll(async () => {
  await control[Symbol.asyncDispose]()
})

/** Where each request went, and whether the API key was with it. */
function routesOf(sent: readonly Sent[]): readonly string[] {
  const places = sent.map(({ method, path, has_key }) => {
    const place = path.replace(/\/[a-z][a-z0-9]{23}(?=\/|$)/, '/ID')
    return `${method} ${place} ${has_key ? 'key' : 'token'}`
  })
  return places.filter((place, position) => place !== places[position - 1])
}

const rising = (numbers: unknown): boolean =>
  Array.isArray(numbers) && numbers.length > 0 && numbers.every((seq, position) => position === 0 || seq > numbers[position - 1])

describe.skipIf(noPython !== undefined)(`the published Python client${noPython === undefined ? '' : ` (${noPython})`}`, () => {
  test.each([
    ['strict', '1'],
    ['lenient', '0'],
  ])('%s models: create, list, retrieve, stream, resume, filter, page, update, delete, archive', async (_name, STRICT) => {
    const { sent, seqs, types, resumed, paged, ended, captured, ...rest } = await runPython(control, 'all_sync', { STRICT })
    expect(rest).toEqual({
      listed: true,
      found: true,
      only: Array.from({ length: 5 }, () => 'console_log'),
      deleted: STRICT === '1',
      tags: { team: 'red' },
      required: ['8GiB', 'us-east', 60, true],
    })
    expect(captured).toEqual(['captcha', 'connection', 'console', 'control', 'network', 'page', 'platform', 'system'])
    expect([rising(seqs), rising(paged), rising(ended)]).toEqual([true, true, true])
    // Resumed behind the first: the same numbers, none twice.
    expect(resumed).toEqual((seqs as number[]).slice(1))
    expect(types).toContain('page_navigation')
    expect((ended as number[]).slice(0, (paged as number[]).length)).toEqual(expect.arrayContaining(seqs as number[]))
    expect(routesOf(sent)).toEqual([
      'POST /browsers key',
      'GET /browsers key',
      'GET /browsers/by python key',
      'GET /browser/ID/telemetry/stream token',
      'GET /browsers/ID/telemetry/events key',
      'PATCH /browsers/ID key',
      'DELETE /browsers/ID key',
      'GET /browsers/ID/telemetry/events key',
      'GET /browsers key',
    ])
  })

  test('asynchronous, strict: the stream ends with the browser and without an error', async () => {
    const { sent, seqs, paged, rest } = await runPython(control, 'all_async', { STRICT: '1' })
    expect([rising(seqs), rising(paged), rest]).toEqual([true, true, Array.from({ length: 5 }, () => 'console_log')])
    expect(routesOf(sent)).toContain('GET /browser/ID/telemetry/stream token')
  })

  test('with direct routing switched off the stream comes through the control plane', async () => {
    const { sent, types } = await runPython(control, 'by_control', { STRICT: '1', KERNEL_BROWSER_ROUTING_SUBRESOURCES: '' })
    expect(types).toContain('console_log')
    expect(routesOf(sent)).toEqual(['POST /browsers key', 'GET /browsers/ID/telemetry/stream key', 'DELETE /browsers/ID key'])
  })

  test('a stale token costs the client its route and nothing else: it asks the control plane', async () => {
    const { sent, first, evicted } = await runPython(control, 'stale_token', { STRICT: '1' })
    expect([first, evicted]).toEqual([1, true])
    expect(routesOf(sent)).toEqual([
      'POST /browsers key',
      'GET /browser/ID/telemetry/stream token',
      'GET /browsers/ID/telemetry/stream key',
      'DELETE /browsers/ID key',
    ])
  })

  test('curl goes through the browser, straight to its server, and leaves an api_call event', async () => {
    const site = createServer((request, response) => response.end(`asked by ${request.headers['user-agent']}`)).listen(0, '127.0.0.1')
    await once(site, 'listening')
    const PAGE_URL = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
    const { status, body, types, sent } = await runPython(control, 'curl', { STRICT: '1', PAGE_URL })
    site.closeAllConnections()
    site.close()
    expect([status, body, types]).toEqual([200, expect.stringContaining('Chrome'), [['api_call', 'BrowserCurl', 200]]])
    expect(routesOf(sent)[1]).toBe('POST /browser/ID/curl token')
  })

  test('what telemetry of an update means, every row of the contract', async () => {
    const defaults = ['captcha', 'connection', 'control', 'system']
    const withPage = ['captcha', 'connection', 'control', 'page', 'system']
    expect(await runPython(control, 'update_rows', { STRICT: '1' })).toEqual({
      seen: [
        withPage,
        withPage,
        withPage,
        ['captcha', 'connection', 'console', 'control', 'page', 'system'],
        ['connection', 'console', 'control', 'system'],
        ['captcha', 'connection', 'control', 'network', 'system'],
        defaults,
        [],
        ['captcha', 'connection', 'console', 'control', 'system'],
        [],
      ],
      both: 'invalid_request',
    })
  })

  test('failures are the error classes of their status, with our codes', async () => {
    expect(await runPython(control, 'failures')).toEqual({
      unknown: ['NotFoundError', 404, 'browser_not_found'],
      proxy: ['BadRequestError', 400, 'not_supported'],
      timeout: ['BadRequestError', 400, 'invalid_request'],
      category: ['BadRequestError', 400, 'invalid_request'],
      order: ['BadRequestError', 400, 'invalid_request'],
      stream: ['NotFoundError', 404, 'browser_not_found'],
      key: ['AuthenticationError', 401, 'api_key_missing'],
    })
  })

  test('destinations: made, listed without the values of headers, changed one header at a time, kept while in use', async () => {
    const seen = await runPython(control, 'destinations', { STRICT: '1', PAGE_URL: 'http://127.0.0.1:4318' })
    expect(seen).toEqual({
      made: ['collector', { 'x-secret': '' }, 0],
      listed: [['collector', { 'x-secret': '' }]],
      changed: [['x-other', 'x-secret'], 'of the tests'],
      export: [true, true],
      conflict: 'destination_in_use',
      left: [],
    })
  })
})
