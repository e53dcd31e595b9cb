// The published Node client, unchanged, against a control plane: only its base URL is ours.
import Kernel from '@onkernel/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiKey, startTestControl, type TestControl } from '../testing/control.ts'

let control: TestControl

beforeAll(async () => {
  control = await startTestControl()
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
      sent.push({ url: new URL(request.url), authorization: request.headers.get('authorization') })
      return fetch(input, init)
    },
  })
}

test('a browser is created, its stream goes straight to it with its token alone, and its end ends the stream', async () => {
  const sent: Sent[] = []
  const client = clientOf(sent)
  const browser = await client.browsers.create({ headless: true, telemetry: { browser: { console: { enabled: true } } } })
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
