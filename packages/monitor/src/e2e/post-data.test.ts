// Post data that Chromium leaves out of the request is asked for at detail level verbose; the request still comes before its response.
import { launchTestChromium, type TestChromium } from '@tabscope/cdp/testing'
import type { EventDraft } from '@tabscope/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from '../testing/scene.ts'

let chromium: TestChromium

beforeAll(async () => {
  chromium = await launchTestChromium()
})
afterAll(() => chromium[Symbol.asyncDispose]())

function scene(level: 'standard' | 'verbose'): Promise<Scene> {
  return openScene({
    chromium,
    pages: (request, response) => {
      request.resume()
      if (request.url === '/refused') request.socket.destroy()
      else request.on('end', () => response.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,">'))
    },
    categories: { network: { detail_level: level } },
  })
}

type Request = EventDraft<'network_request'>

async function posted(at: Scene, path: string, body: string): Promise<Request> {
  const tab = await at.visit('/')
  await tab.evaluate(`fetch('${path}', { method: 'POST', body: ${body} }).then((r) => r.text()).catch(() => 0)`)
  const request = await at.captured.until('network_request', (data) => data.url.endsWith(path))
  const { data } = request
  await at.captured.untilSo('the end of the request', () => endOf(at, data.request_id) > 0)
  expect(at.captured.drafts.indexOf(request)).toBeLessThan(endOf(at, data.request_id))
  return request
}

function endOf(at: Scene, requestId: string): number {
  return at.captured.drafts.findIndex(
    ({ type, data }) =>
      (type === 'network_response' || type === 'network_loading_failed') && (data as { request_id: string }).request_id === requestId,
  )
}

test('a Blob, and a form with a file, are told with their text', async () => {
  await using at = await scene('verbose')
  const blob = await posted(at, '/blob', "new Blob(['text in a blob'])")
  const form = await posted(
    at,
    '/form',
    "(() => { const f = new FormData(); f.append('file', new File(['text in a file'], 'a.txt')); return f })()",
  )
  expect([blob.data.post_data, blob.data.observed_ts]).toEqual(['text in a blob', expect.any(Number)])
  expect(form.data.post_data).toContain('text in a file')
})

test('larger data is cut to its bound, and says so', async () => {
  await using at = await scene('verbose')
  const { data, truncated } = await posted(at, '/large', "'x'.repeat(2_000_000)")
  expect({ length: data.post_data?.length, fields: data.truncated_fields, truncated }).toEqual({
    length: 900_000,
    fields: ['post_data'],
    truncated: true,
  })
})

test('an upload that is too large to ask for is named as cut, without a question', async () => {
  await using at = await scene('verbose')
  const { data, truncated } = await posted(at, '/upload', "'x'.repeat(9_000_000)")
  const asked = at.wire.sent.filter(({ method }) => method === 'Network.getRequestPostData')
  expect({ post: data.post_data, fields: data.truncated_fields, truncated, asked }).toEqual({
    post: undefined,
    fields: ['post_data'],
    truncated: true,
    asked: [],
  })
})

test('a request that fails is told before its failure, whatever came of the question', async () => {
  await using at = await scene('verbose')
  const { data } = await posted(at, '/refused', "new Blob(['never received'])")
  expect(data.method).toBe('POST')
})

test('binary data is not captured, and at standard nothing is asked for', async () => {
  await using verbose = await scene('verbose')
  const binary = await posted(verbose, '/binary', 'new Blob([new Uint8Array([0, 255, 254, 1])])')
  await using standard = await scene('standard')
  const blob = await posted(standard, '/blob', "new Blob(['text'])")
  expect([
    binary.data.post_data,
    blob.data.post_data,
    standard.wire.sent.some(({ method }) => method === 'Network.getRequestPostData'),
  ]).toEqual([undefined, undefined, false])
})
