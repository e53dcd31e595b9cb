// Ways in which secrets came through once: each was found by the end-to-end search of every byte (server/src/e2e/redaction.test.ts).
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secretNames } from './names.ts'
import { redactDraft } from './redact.ts'
import { redactText } from './text.ts'

const names = secretNames()
const S = 'hunter2SECRETvalue'
const mark = '[redacted]'

function redactedData(type: string, data: Record<string, unknown>): Record<string, unknown> {
  const draft = { type, category: 'network', detailLevel: 'raw', source: { kind: 'cdp' }, data }
  return redactDraft(draft as never, names).data as Record<string, unknown>
}

const bodyOf = (body: string): unknown => redactedData('network_response', { body })['body']
const urlOf = (url: string): unknown => redactedData('network_request', { url })['url']

test.each([
  ['camelCase', `{"accessToken":"${S}","newPassword":"${S}"}`, `{"accessToken":"${mark}","newPassword":"${mark}"}`],
  ['a list', `{"secrets":[1],"passwords":["${S}","]"],"n":1}`, `{"secrets":[1],"passwords":["${S}","]"],"n":1}`],
  ['a list under a secret name', `{"password":["${S}","]"],"n":1}`, `{"password":"${mark}","n":1}`],
  ['an object', `{"credentials":{"a":{"b":"${S}}"}},"n":1}`, `{"credentials":"${mark}","n":1}`],
  ['a number', '{"password":12345678,"n":1}', `{"password":"${mark}","n":1}`],
  ['nothing', '{"password":null,"token":true,"secret":""}', '{"password":null,"token":true,"secret":"[redacted]"}'],
  [
    'JSON in JSON',
    JSON.stringify({ a: JSON.stringify({ password: S, n: 1 }) }),
    JSON.stringify({ a: JSON.stringify({ password: mark, n: 1 }) }),
  ],
  [
    'JSON in JSON in JSON',
    JSON.stringify([JSON.stringify([JSON.stringify({ token: `${S}"\\`, n: 1 })])]),
    JSON.stringify([JSON.stringify([JSON.stringify({ token: mark, n: 1 })])]),
  ],
  ['a key with blanks', `{"password ":"${S}"}`, `{"password ":"${mark}"}`],
  ['a form', `user=ada&client_secret=${S}&SAMLResponse=${S}`, `user=ada&client_secret=${mark}&SAMLResponse=${mark}`],
  [
    'an element',
    `<a><password>${S}</password><n:apiKey x="1">${S}</n:apiKey></a>`,
    `<a><password>${mark}</password><n:apiKey x="1">${mark}</n:apiKey></a>`,
  ],
  ['an element that was cut', `<a><password>${S}`, `<a><password>${mark}`],
  ['a hidden field', `<input type=hidden name=csrf_token value=${S}>`, `<input type=hidden name=csrf_token value=${mark}>`],
  ['a field with its value first', `<input value="${S}" type="password">`, `<input value="${mark}" type="password">`],
  ['a meta element', `<meta name="csrf-token" content="${S}">`, `<meta name="csrf-token" content="${mark}">`],
  ['a script', `<script>window.authToken = '${S}'; let a = 1</script>`, `<script>window.authToken = '${mark}'; let a = 1</script>`],
])('in a body: %s', (_what, body, safe) => {
  expect(bodyOf(body)).toBe(safe)
})

test.each([
  [`https://h.example/path;jsessionid=${S}?a=1`, `https://h.example/path;jsessionid=${mark}?a=1`],
  [`https://h.example/?sessionToken=${S}`, `https://h.example/?sessionToken=${mark}`],
  [
    `https://h.example/?next=https%3A%2F%2Fi.example%2F%3Ftoken%3D${S}%26b%3D1`,
    `https://h.example/?next=https%3A%2F%2Fi.example%2F%3Ftoken%3D${mark}%26b%3D1`,
  ],
  [
    `https://h.example/?next=https%3A%2F%2Fu%3A${S}%40i.example%2F%3Fa%3D1`,
    `https://h.example/?next=https%3A%2F%2F${mark}%40i.example%2F%3Fa%3D1`,
  ],
  [`https://h.example/?next=%2F%3Ftoken%3D${S}%`, `https://h.example/?next=%2F%3Ftoken%3D${mark}`],
  [`data:text/html,<a>password=${S}`, `data:text/html,<a>password=${mark}`],
  [`javascript:login('a',token='${S}')`, `javascript:login('a',token=${mark}`],
])('in a URL: %s', (url, safe) => {
  expect(urlOf(url)).toBe(safe)
})

test.each([
  [`Map(1) {'token' => '${S}'}`, `Map(1) {'token' => '${mark}'}`],
  [`Authorization: Basic abcdefgh ok`, `Authorization: Basic ${mark} ok`],
  [`authorization=${S}`, `authorization=${mark}`],
  [`x-goog-api-key: ${S}`, `x-goog-api-key: ${mark}`],
])('in text: %s', (text, safe) => {
  expect(redactText(text, names, () => undefined)).toBe(safe)
})

test.each([
  'token_type: bearer_token_kind, expires_in: 3600, max_tokens: 4096, state: ready',
  'a basic example of a digest algorithm, and the bearer',
  'if (token == null || token === undefined) retry: true',
  'https://h.example/path;v=1?sort=key&next=%2Fa%3Fb%3D1#section=2',
  'GET https://h.example/@scope/pkg?x=1 200 OK (12 ms) key: value',
  '<p>password</p><input name="user" value="ada"><meta name="viewport" content="width=device-width">',
  '{"passwordless":true,"tokens":[1,2],"session":{"id":7},"signal":"x","design":"y"}',
])('stays as it is: %s', (text) => {
  expect(redactText(text, names, () => undefined)).toBe(text)
})

describe('objects', () => {
  test('a preview is redacted by the name beside its value', () => {
    const preview = (name: string, value: string): object => ({ name, type: 'string', value })
    const args_preview = [
      { type: 'object', description: 'Object', properties: [preview('user', 'ada'), preview('apiKey', S)] },
      { type: 'object', subtype: 'map', entries: [{ key: { type: 'string', value: 'token' }, value: { type: 'string', value: S } }] },
    ]
    expect(redactedData('console_log', { text: '', args_preview })['args_preview']).toEqual([
      { type: 'object', description: 'Object', properties: [preview('user', 'ada'), preview('apiKey', mark)] },
      { type: 'object', subtype: 'map', entries: [{ key: { type: 'string', value: 'token' }, value: { type: 'string', value: mark } }] },
    ])
  })

  test('CDP parameters go through the same rules: headers, cookies, post data as text and as bytes, header blocks', () => {
    const bytes = (text: string): string => Buffer.from(text).toString('base64')
    const cdp = {
      request: {
        url: `http://h.example/?token=${S}`,
        headers: { Authorization: S },
        postData: `password=${S}`,
        postDataEntries: [{ bytes: bytes(`password=${S}`) }, { bytes: bytes('harmless=1') }],
      },
      associatedCookies: [{ cookie: { name: 'theme', value: S, domain: 'h.example', path: '/' }, blockedReasons: [] }],
      blockedCookies: [{ cookieLine: `theme=${S}; Path=/` }],
      headersText: `HTTP/1.1 200 OK\r\nSet-Cookie: a=${S}; Path=/\r\nDate: now\r\n`,
      response: { opcode: 2, payloadData: bytes(`{"token":"${S}"}`) },
      args: [{ type: 'string', value: `Bearer ${S}` }],
      requestId: '1',
      statusText: 'OK',
    }
    expect(redactedData('network_request', { cdp })['cdp']).toEqual({
      request: {
        url: `http://h.example/?token=${mark}`,
        headers: { Authorization: mark },
        postData: `password=${mark}`,
        postDataEntries: [{ bytes: mark }, { bytes: bytes('harmless=1') }],
      },
      associatedCookies: [{ cookie: { name: 'theme', value: mark, domain: 'h.example', path: '/' }, blockedReasons: [] }],
      blockedCookies: [{ cookieLine: `theme=${mark}; Path=/` }],
      headersText: `HTTP/1.1 200 OK\r\nSet-Cookie: a=${mark}; Path=/\r\nDate: now\r\n`,
      response: { opcode: 2, payloadData: mark },
      args: [{ type: 'string', value: `Bearer ${mark}` }],
      requestId: '1',
      statusText: 'OK',
    })
  })

  test('metadata of outside producers is searched', () => {
    const source = { kind: 'local_process', metadata: { token: S, note: `Bearer ${S}`, run: '7' } } as const
    const draft = { type: 'agent_step', category: 'control', detailLevel: 'standard', source, data: {} } as const
    expect(redactDraft(draft, names).source.metadata).toEqual({ token: mark, note: `Bearer ${mark}`, run: '7' })
  })
})

test.each([
  'passWord',
  'PASSWORD',
  'pass_word_secret',
  'X-Goog-Api-Key',
  'apikey',
  'privateKey',
  'AWSAccessKeyId',
  'X-Amz-Credential',
  'SAMLRequest',
  'clientAssertion',
  'code_verifier',
  'card-number',
  'JSESSIONID',
  'phpsessid',
  'sessionid',
  'code',
  'state',
  'key',
  'userPwd',
  'passwd',
  'passphrase',
  'passcode',
  'csrfToken',
  'jwt',
  'sig',
  'Signature',
  'credentials',
  'otp',
  'cvv',
  'cvc',
  'ssn',
  'x-authorization',
])('a value named %s is secret in a URL, and its name is noticed in a text', (name) => {
  expect([names.isParameter(name), names.occurIn(`a ${name}=b`)]).toEqual([true, true])
})

test('a name from the configuration is noticed in a text, whatever characters it has', () => {
  const more = secretNames({ headers: [], parameters: ['Pin(+1)', 'a|b'] })
  expect(redactText(`{"pin(+1)": "${S}", "a|b": "x"} plain`, more, () => undefined)).toBe(`{"pin(+1)": "${S}", "a|b": "x"} plain`)
  expect(
    redactDraft(
      {
        type: 'agent_step',
        category: 'control',
        detailLevel: 'standard',
        source: { kind: 'local_process' },
        data: { body: `{"pin(+1)": "${S}", "a|b": "${S}"}` },
      } as never,
      more,
    ).data,
  ).toEqual({ body: `{"pin(+1)": "${mark}", "a|b": "${mark}"}`, redacted: ['a|b', 'pin(+1)'] })
})

test('no secret survives in JSON of any shape, however often it is put into JSON again', () => {
  const key = fc.constantFrom('password', 'accessToken', 'client_secret', 'X-Api-Key', 'refresh_token')
  const other = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.integer(),
    fc.constant(null),
    fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
  )
  const before = fc.dictionary(fc.string({ maxLength: 8 }), other, { maxKeys: 4 })
  fc.assert(
    fc.property(before, key, fc.string({ unit: 'binary', maxLength: 12 }), fc.integer({ min: 0, max: 3 }), (plain, name, noise, times) => {
      let value: unknown = { ...plain, [name]: `${noise}S3CR3T${noise}` }
      for (let time = 0; time < times; time++) value = { note: JSON.stringify(value), n: 1 }
      expect(String(bodyOf(JSON.stringify(value)))).not.toContain('S3CR3T')
    }),
    { numRuns: 1_000 },
  )
})

test('text that wants to be slow is looked at in time that grows with its length', () => {
  const nasty = [
    '\\'.repeat(300_000),
    '"a":'.repeat(80_000),
    'token:{'.repeat(50_000),
    '<a '.repeat(100_000),
    '<input '.repeat(50_000),
    `<input ${'name='.repeat(60_000)}`,
    'token="'.repeat(40_000),
    'a '.repeat(150_000),
    '%3d=&'.repeat(60_000),
    `${'{'.repeat(100_000)}"password":${'['.repeat(100_000)}`,
  ]
  // A pattern that backtracks would not end within the limit of the test.
  for (const text of nasty) expect(String(bodyOf(text)).length).toBeGreaterThan(0)
})
