import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { type Answer, startTestServer } from './testing/test-server.ts'

interface ShownState {
  readonly config: {
    readonly browser: Readonly<Record<string, { readonly enabled: boolean }>>
    readonly storage: { readonly enabled: boolean }
  }
  readonly capture_session_id?: string
  readonly applied_at?: string
  readonly warnings: readonly string[]
}

function stateOf(answer: Answer): ShownState {
  // Already checked against the OpenAPI document by `ask`.
  return answer.json as ShownState
}

function enabledIn(answer: Answer): readonly string[] {
  return Object.entries(stateOf(answer).config.browser).flatMap(([name, category]) => (category.enabled ? [name] : []))
}

function enable(...names: readonly string[]) {
  return { browser: Object.fromEntries(names.map((name) => [name, { enabled: true }])) }
}

test('telemetry that is off is a 404 to show and to change', async () => {
  await using server = await startTestServer()
  const answers = [await server.ask('GET', '/telemetry'), await server.ask('PATCH', '/telemetry', { json: enable('console') })]
  expect(answers.map(({ status, json }) => [status, (json as { code: string }).code])).toEqual([
    [404, 'telemetry_not_configured'],
    [404, 'telemetry_not_configured'],
  ])
})

test.each([
  ['no body', {}],
  ['an empty object', { json: {} }],
  ['white space', { body: ' \n' }],
  ['a body without browser', { json: { labels: { egress_ip: '192.0.2.1' } } }],
  ['a null browser', { json: { browser: null } }],
])('PUT with %s switches the default set on: 201', async (_name, request) => {
  await using server = await startTestServer()
  const answer = await server.ask('PUT', '/telemetry', request)
  expect([answer.status, enabledIn(answer)]).toEqual([201, ['control', 'connection', 'system', 'captcha']])
})

test('PUT captures exactly what it enables; a category without enabled is off', async () => {
  await using server = await startTestServer()
  const browser = { console: { enabled: true }, network: {}, page: { enabled: null }, screenshot: { enabled: false } }
  const answer = await server.ask('PUT', '/telemetry', { json: { browser } })
  expect([answer.status, enabledIn(answer)]).toEqual([201, ['console']])
})

test('PUT while on replaces: 200, the same capture session, a new time', async () => {
  const clock = createManualClock()
  await using server = await startTestServer({ clock })
  const first = await server.ask('PUT', '/telemetry', { json: enable('console', 'page') })
  clock.advance(1000)
  const second = await server.ask('PUT', '/telemetry', { json: enable('network') })
  expect([second.status, enabledIn(second), stateOf(second).capture_session_id]).toEqual([
    200,
    ['network'],
    stateOf(first).capture_session_id,
  ])
  expect([stateOf(first).applied_at, stateOf(second).applied_at]).toEqual(['2023-11-14T22:13:20.000Z', '2023-11-14T22:13:21.000Z'])
})

test.each([
  ['an empty browser', { browser: {} }],
  ['only categories that are off', { browser: { console: { enabled: false } } }],
])('PUT with %s is a clear: 200, also when telemetry was off', async (_name, json) => {
  await using server = await startTestServer({ telemetry: ['console'] })
  const answers = [await server.ask('PUT', '/telemetry', { json }), await server.ask('PUT', '/telemetry', { json })]
  const shown = answers.map((answer) => [answer.status, enabledIn(answer), stateOf(answer).applied_at, stateOf(answer).capture_session_id])
  expect(shown).toEqual([
    [200, [], undefined, undefined],
    [200, [], undefined, undefined],
  ])
  expect((await server.ask('GET', '/telemetry')).status).toBe(404)
})

test('GET shows what PUT answered', async () => {
  await using server = await startTestServer({ labels: { host: 'vm-1' } })
  const put = await server.ask('PUT', '/telemetry', { json: { ...enable('console'), labels: { egress_ip: '192.0.2.1' } } })
  const got = await server.ask('GET', '/telemetry')
  expect(got.json).toEqual(put.json)
  expect(got.json).toMatchObject({ labels: { host: 'vm-1', egress_ip: '192.0.2.1' }, seq: 0, durable_seq: 0, dropped_events: 0 })
})

test('off and on again is a new capture session, and 201 again', async () => {
  await using server = await startTestServer()
  const first = await server.ask('PUT', '/telemetry', { json: enable('console') })
  await server.ask('PATCH', '/telemetry', { json: { browser: { console: { enabled: false } } } })
  const second = await server.ask('PUT', '/telemetry', { json: enable('console') })
  const ids = [stateOf(first).capture_session_id, stateOf(second).capture_session_id]
  expect([second.status, new Set(ids).size, ids.includes(undefined)]).toEqual([201, 2, false])
})

test('PATCH changes explicit values only', async () => {
  await using server = await startTestServer()
  await server.ask('PUT', '/telemetry', { json: enable('console', 'page') })
  const json = { browser: { network: { enabled: true }, console: {}, page: { enabled: null, detail_level: 'verbose' } } }
  const answer = await server.ask('PATCH', '/telemetry', { json })
  expect([answer.status, enabledIn(answer)]).toEqual([200, ['console', 'network', 'page']])
  expect(answer.json).toMatchObject({ config: { browser: { page: { detail_level: 'verbose' }, console: { detail_level: 'standard' } } } })
})

test.each([
  ['no body', {}],
  ['an empty object', { json: {} }],
  ['what is in force already', { json: { browser: { console: { enabled: true } } } }],
])('PATCH with %s changes nothing, not even the time', async (_name, request) => {
  const clock = createManualClock()
  await using server = await startTestServer({ clock })
  const put = await server.ask('PUT', '/telemetry', { json: enable('console') })
  clock.advance(1000)
  const patch = await server.ask('PATCH', '/telemetry', request)
  expect([patch.status, patch.json]).toEqual([200, put.json])
})

test('PATCH that switches the last category off is a clear', async () => {
  await using server = await startTestServer({ telemetry: ['console'] })
  const answer = await server.ask('PATCH', '/telemetry', { json: { browser: { console: { enabled: false } } } })
  expect([answer.status, enabledIn(answer), (await server.ask('GET', '/telemetry')).status]).toEqual([200, [], 404])
})

test('excluded methods survive what does not mention them, and an empty list clears them', async () => {
  await using server = await startTestServer()
  const control = (cdp: object) => ({ browser: { control: { enabled: true, cdp } } })
  const excluded = async (method: string, json: object): Promise<unknown> => {
    const answer = await server.ask(method, '/telemetry', { json })
    return (answer.json as { config: { browser: { control: { cdp: unknown } } } }).config.browser.control.cdp
  }
  expect([
    await excluded('PUT', control({ excluded_methods: ['Page.navigate', 'Input.insertText'] })),
    await excluded('PATCH', { browser: { control: { enabled: false }, system: { enabled: true } } }),
    await excluded('PATCH', control({ excluded_methods: [] })),
  ]).toEqual([
    { excluded_methods: ['Input.insertText', 'Page.navigate'] },
    { excluded_methods: ['Input.insertText', 'Page.navigate'] },
    { excluded_methods: [] },
  ])
})

const badBodies: readonly (readonly [object, number, string, string])[] = [
  [{ json: { browser: { cosmos: { enabled: true } } } }, 400, 'unknown_category', 'cosmos'],
  [{ json: { browser: { monitor: { enabled: true } } } }, 400, 'unknown_category', 'monitor'],
  [{ json: { browser: { console: { enabled: 'yes' } } } }, 400, 'invalid_request', 'body.browser.console.enabled'],
  [{ json: { browser: { console: true } } }, 400, 'invalid_request', 'body.browser.console'],
  [{ json: { browser: [] } }, 400, 'invalid_request', 'body.browser'],
  [{ json: [] }, 400, 'invalid_request', 'body'],
  [{ json: 'text' }, 400, 'invalid_request', 'body'],
  [{ body: '{"browser":' }, 400, 'invalid_json', 'JSON'],
  [{ body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, 'invalid_json', 'UTF-8'],
  [{ body: `{"labels":{"a":"${'x'.repeat(1_048_576)}"}}` }, 413, 'body_too_large', '1048576'],
]

test.each(badBodies)('a bad body %# is refused with the reason, and nothing is applied', async (request, status, code, named) => {
  await using server = await startTestServer({ telemetry: ['console'] })
  const before = await server.ask('GET', '/telemetry')
  const answers = [await server.ask('PUT', '/telemetry', request), await server.ask('PATCH', '/telemetry', request)]
  expect(answers.map((answer) => [answer.status, answer.json])).toEqual([
    [status, expect.objectContaining({ code, message: expect.stringContaining(named) })],
    [status, expect.objectContaining({ code, message: expect.stringContaining(named) })],
  ])
  expect((await server.ask('GET', '/telemetry')).json).toEqual(before.json)
})

test('keys that nobody knows are ignored', async () => {
  await using server = await startTestServer()
  const answer = await server.ask('PUT', '/telemetry', { json: { ...enable('console'), hologram: { enabled: true }, enabled: true } })
  expect([answer.status, enabledIn(answer)]).toEqual([201, ['console']])
})

test('the old name of control is understood', async () => {
  await using server = await startTestServer()
  expect(enabledIn(await server.ask('PUT', '/telemetry', { json: enable('api') }))).toEqual(['control'])
})

test('what a configuration brings along is in the warnings', async () => {
  await using server = await startTestServer()
  const answer = await server.ask('PUT', '/telemetry', { json: enable('page') })
  expect(stateOf(answer).warnings).toEqual([
    expect.stringContaining('page_navigation_settled needs network'),
    expect.stringContaining('no browser'),
  ])
})

test('a server without a data folder says that it keeps events in memory', async () => {
  await using server = await startTestServer()
  const silent = await server.ask('PUT', '/telemetry', { json: enable('console') })
  const asked = await server.ask('PUT', '/telemetry', { json: { ...enable('system'), storage: { enabled: true } } })
  expect([stateOf(silent), stateOf(asked)].map((state) => [state.config.storage.enabled, state.warnings])).toEqual([
    [false, [expect.stringContaining('no browser')]],
    [false, [expect.stringContaining('without a data folder')]],
  ])
})

test('storage cannot be switched off while events are kept on disk, and nothing of such a request is applied', async () => {
  await using folder = await temporaryFolder()
  await using server = await startTestServer({ dataDirectory: folder.path, telemetry: ['console'] })
  const before = await server.ask('GET', '/telemetry')
  const answer = await server.ask('PUT', '/telemetry', { json: { ...enable('page'), storage: { enabled: false } } })
  expect([answer.status, answer.json]).toMatchObject([409, { code: 'storage_not_switchable' }])
  expect((await server.ask('GET', '/telemetry')).json).toEqual(before.json)
})

test('calls that manage the server leave events of category platform, with their outcome', async () => {
  await using server = await startTestServer({ telemetry: ['platform', 'console'] })
  await server.say('published')
  await server.ask('PATCH', '/telemetry', { json: { browser: { cosmos: {} } } })
  await server.ask('PATCH', '/telemetry', { json: { labels: { a: 'b' } } })
  const response = await fetch(`${server.url}/telemetry/stream?last_event_id=1&until_type=last`)
  const reading = response.text()
  await server.ask('POST', '/telemetry/events', { json: { type: 'last', category: 'console' } })
  const data = [...(await reading).matchAll(/"data":(\{"request_id".*?\})/g)].map(([, json]) => JSON.parse(json ?? '') as object)
  expect(data).toEqual(
    [
      ['PublishTelemetryEvent', 200],
      ['PatchTelemetry', 400],
      ['PatchTelemetry', 200],
    ].map(([operation_id, status]) => ({
      operation_id,
      status,
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      duration_ms: expect.any(Number),
    })),
  )
})
