// The past of ended browsers of a control plane that was given S2, through the command, with real servers and a real S2.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bodiesOf, describeWithS2, type S2Lite, startS2Lite } from '@tabscope/sinks/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestControl, type TestControl } from '../testing/control.ts'

interface Shown {
  readonly session_id: string
  readonly base_url: string
  readonly cdp_ws_url: string
}

async function json<Value>(response: Response | Promise<Response>): Promise<Value> {
  const answer = await response
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status}: ${text}`)
  return JSON.parse(text)
}

/** A browser that lived, told some events and was deleted. */
async function liveAndEnd(control: TestControl, telemetry: object): Promise<Shown> {
  const browser = await json<Shown>(control.request('POST', '/browsers', { headless: true, telemetry }))
  const address = `${browser.base_url}/telemetry/events${new URL(browser.cdp_ws_url).search}`
  for (const text of ['one', 'two', 'three']) {
    const body = JSON.stringify({ type: 'test_event', category: 'system', data: { text } })
    await json(fetch(address, { method: 'POST', body }))
  }
  await control.request('DELETE', `/browsers/${browser.session_id}`)
  return browser
}

describeWithS2('with S2', () => {
  let lite: S2Lite
  let control: TestControl

  beforeAll(async () => {
    lite = await startS2Lite()
    const { accessToken, basin, accountEndpoint, basinEndpoint } = lite.settings()
    const env = { S2_ACCESS_TOKEN: accessToken(), S2_BASIN: basin, S2_ACCOUNT_ENDPOINT: accountEndpoint, S2_BASIN_ENDPOINT: basinEndpoint }
    control = await startTestControl([], undefined, env)
  })

  afterAll(async () => {
    await control[Symbol.asyncDispose]()
    await lite[Symbol.asyncDispose]()
  })

  test('an ended browser whose folder of events is gone answers the same page out of S2', async () => {
    const { session_id } = await liveAndEnd(control, { enabled: true })
    const path = `/browsers/${session_id}/telemetry/events?limit=100`
    const before = await json<readonly unknown[]>(control.request('GET', path))
    expect(before.filter((event) => JSON.stringify(event).includes('test_event'))).toHaveLength(3)
    await rm(join(control.folder, 'browsers', session_id, 'events'), { recursive: true })
    expect(await json(control.request('GET', path))).toEqual(before)
  })

  test('events of a browser with storage off are not in S2 either', async () => {
    await json(control.request('POST', '/telemetry/destinations', { name: 'here', endpoint: 'http://127.0.0.1:9' }))
    const export_ = { otlp: { destination: { name: 'here' } } }
    const kept = await liveAndEnd(control, { enabled: true })
    const notKept = await liveAndEnd(control, { enabled: true, storage: { enabled: false }, export: export_ })
    const inS2 = async ({ session_id }: Shown): Promise<boolean> => (await bodiesOf(lite, `browser/${session_id}`)).length > 0
    expect([await inS2(kept), await inS2(notKept)]).toEqual([true, false])
  })
})
