// What `telemetry` of a request means, row by row of the published contract, at creation and at a change.
import { expect, test } from 'vitest'
import { startTestControl, type TestControl } from '../testing/control.ts'
import { defaultCategories, updateRows } from '../testing/update-rows.ts'

interface Shown {
  readonly session_id: string
  readonly telemetry: { readonly browser: Readonly<Record<string, { readonly enabled: boolean }>> } | null
}

function captured({ telemetry }: Shown): readonly string[] {
  return Object.entries(telemetry?.browser ?? {})
    .filter(([, { enabled }]) => enabled)
    .map(([name]) => name)
}

async function shown(response: Response): Promise<Shown> {
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`)
  return JSON.parse(text)
}

const on = { enabled: true }
const off = { enabled: false }
const allOff = Object.fromEntries(
  ['console', 'network', 'page', 'interaction', 'control', 'platform', 'connection', 'system', 'screenshot', 'captcha'].map((name) => [
    name,
    off,
  ]),
)

async function createAndAsk(control: TestControl, telemetry: unknown): Promise<readonly string[]> {
  const browser = await shown(await control.request('POST', '/browsers', { headless: true, telemetry }))
  await control.request('DELETE', `/browsers/${browser.session_id}`)
  return captured(browser)
}

test('at creation: nothing unless asked for, the default set, and what is given over it', async () => {
  await using control = await startTestControl()
  const rows: readonly [unknown, readonly string[]][] = [
    [undefined, []],
    [null, []],
    [{}, []],
    [{ enabled: true }, defaultCategories],
    [{ enabled: true, browser: { console: on, system: off } }, ['console', 'control', 'connection', 'captcha']],
    [{ browser: { network: on, platform: on } }, ['network', 'control', 'platform', 'connection', 'system', 'captcha']],
    [{ enabled: false }, []],
    [{ browser: allOff }, []],
  ]
  const found = await Promise.all(rows.map(([telemetry]) => createAndAsk(control, telemetry)))
  expect(rows.map(([telemetry], position) => [telemetry, found[position]])).toEqual(rows)
  const both = await control.request('POST', '/browsers', { telemetry: { enabled: false, browser: { console: on } } })
  expect([both.status, JSON.parse(await both.text()).code]).toEqual([400, 'invalid_request'])
})

test('at a change: unchanged, reset, replaced, merged, stopped; the excluded methods survive', async () => {
  await using control = await startTestControl()
  const excluded = { control: { enabled: true, cdp: { excluded_methods: ['Page.navigate'] } } }
  const created = await shown(
    await control.request('POST', '/browsers', { headless: true, telemetry: { browser: { ...excluded, page: on } } }),
  )
  const change = async (telemetry: unknown): Promise<Shown> =>
    shown(await control.request('PATCH', `/browsers/${created.session_id}`, { telemetry }))
  for (const [telemetry, expected] of updateRows(allOff))
    expect([telemetry, captured(await change(telemetry))]).toEqual([telemetry, expected])
  const again = await change({ enabled: true })
  expect(again.telemetry?.browser['control']).toEqual({ enabled: true, cdp: { excluded_methods: ['Page.navigate'] } })
  const wrong = await control.request('PATCH', `/browsers/${created.session_id}`, { telemetry: { browser: { konsole: on } } })
  expect([wrong.status, JSON.parse(await wrong.text()).code]).toEqual([400, 'unknown_category'])
})
