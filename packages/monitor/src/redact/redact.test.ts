import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { secretNames } from './names.ts'
import { redactDraft } from './redact.ts'

const names = secretNames()
const secret = 'hunter2SECRETvalue'

interface Redacted {
  readonly data: Record<string, unknown>
}

function request(data: Record<string, unknown>): Redacted {
  const draft = { type: 'network_request', category: 'network', detailLevel: 'standard', source: { kind: 'cdp' }, data } as const
  return redactDraft(draft as never, names) as unknown as Redacted
}

function response(data: Record<string, unknown>): Redacted {
  const draft = { type: 'network_response', category: 'network', detailLevel: 'standard', source: { kind: 'cdp' }, data } as const
  return redactDraft(draft as never, names) as unknown as Redacted
}

function said(text: string): Redacted {
  const draft = {
    type: 'console_log',
    category: 'console',
    detailLevel: 'standard',
    source: { kind: 'cdp' },
    data: { text, args: [text] },
  } as const
  return redactDraft(draft as never, names) as unknown as Redacted
}

describe('headers', () => {
  test.each(['Authorization', 'proxy-authorization', 'X-Api-Key', 'x-auth-token', 'X-CSRF-Token', 'my-session', 'Client-Secret'])(
    '%s keeps its name and loses its value',
    (name) => {
      expect(request({ headers: { [name]: secret, accept: '*/*' } }).data).toEqual({
        headers: { [name]: '[redacted]', accept: '*/*' },
        redacted: [name.toLowerCase()],
      })
    },
  )

  test('cookies keep their names, set-cookie its attributes', () => {
    const { data } = response({
      request_headers: { cookie: `a=${secret}; b=${secret}` },
      headers: { 'set-cookie': `sid=${secret}; Path=/; HttpOnly\nother=${secret}` },
    })
    expect(data).toEqual({
      request_headers: { cookie: 'a=[redacted]; b=[redacted]' },
      headers: { 'set-cookie': 'sid=[redacted]; Path=/; HttpOnly\nother=[redacted]' },
      redacted: ['cookie', 'set-cookie'],
    })
  })

  test('a name that only contains a secret word inside another word is plain', () => {
    const headers = { 'x-tokenizer': 'whitespace-and-more-words', 'sessions-list': 'some harmless value here' }
    expect(request({ headers }).data).toEqual({ headers })
  })

  test('a location header loses the secrets of its URL', () => {
    expect(response({ headers: { Location: `https://a.example/cb?code=${secret}&x=1` } }).data['headers']).toEqual({
      Location: 'https://a.example/cb?code=[redacted]&x=1',
    })
  })

  test('headers with names of the prototype are ordinary headers', () => {
    const headers = JSON.parse(`{"__proto__":"x","constructor":"y","authorization":"${secret}"}`) as Record<string, string>
    expect(JSON.stringify(request({ headers }).data)).toBe(
      '{"headers":{"__proto__":"x","constructor":"y","authorization":"[redacted]"},"redacted":["authorization"]}',
    )
  })
})

describe('URLs', () => {
  test.each([
    [`https://user:${secret}@host.example/path`, 'https://[redacted]@host.example/path'],
    [`https://a.example/?access_token=${secret}&q=1`, 'https://a.example/?access_token=[redacted]&q=1'],
    [`https://a.example/#id_token=${secret}`, 'https://a.example/#id_token=[redacted]'],
    [`https://a.example/#/callback?code=${secret}`, 'https://a.example/#/callback?code=[redacted]'],
    [`https://a.example/?X-Amz-Signature=${secret}`, 'https://a.example/?X-Amz-Signature=[redacted]'],
    [`https://a.example/?%74oken=${secret}`, 'https://a.example/?%74oken=[redacted]'],
    [`https://a.example/?a=1;password=${secret}`, 'https://a.example/?a=1;password=[redacted]'],
  ])('%s', (url, safe) => {
    expect(request({ url }).data['url']).toBe(safe)
  })

  test('an address with an @ in its path is as it was', () => {
    expect(request({ url: 'https://a.example/@scope/name' }).data).toEqual({ url: 'https://a.example/@scope/name' })
  })
})

describe('bodies', () => {
  test('JSON loses the values of secret keys, keeps code, state and key', () => {
    const body = JSON.stringify({ user: 'ada', password: secret, nested: { api_key: secret }, code: 'E42', state: 'open', key: 'k' })
    expect(JSON.parse(String(response({ body }).data['body']))).toEqual({
      user: 'ada',
      password: '[redacted]',
      nested: { api_key: '[redacted]' },
      code: 'E42',
      state: 'open',
      key: 'k',
    })
  })

  test('JSON that was cut inside a secret shows nothing of it', () => {
    expect(response({ body: `{"user":"ada","password":"${secret.slice(0, 5)}...[truncated]` }).data['body']).toBe(
      '{"user":"ada","password":"[redacted]"',
    )
  })

  test('a form loses the values of secret names', () => {
    expect(request({ post_data: `user=ada&password=${secret}&code=${secret}` }).data['post_data']).toBe(
      'user=ada&password=[redacted]&code=[redacted]',
    )
  })

  test('a multipart form loses the parts of secret names', () => {
    const part = (name: string, value: string): string => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    const postData = `${part('user', 'ada')}${part('password', secret)}--b--\r\n`
    expect(request({ post_data: postData }).data['post_data']).toBe(`${part('user', 'ada')}${part('password', '[redacted]')}--b--\r\n`)
  })
})

describe('text', () => {
  test.each([
    [`Authorization: Bearer ${secret}`, 'Authorization: Bearer [redacted]'],
    [`fetch https://u:${secret}@h.example/?token=${secret} failed`, 'fetch https://[redacted]@h.example/?token=[redacted] failed'],
    [`password=${secret} tries=3`, 'password=[redacted] tries=3'],
    [`{token: '${secret}', n: 1}`, "{token: '[redacted]', n: 1}"],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl here', '[redacted] here'],
  ])('%s', (text, safe) => {
    const { data } = said(text)
    expect({ text: data['text'], args: data['args'] }).toEqual({ text: safe, args: [safe] })
  })

  test('prose about codes and states stays', () => {
    expect(said('state: ready, code: 404').data).toEqual({ text: 'state: ready, code: 404', args: ['state: ready, code: 404'] })
  })
})

test('a draft without secrets is the same draft', () => {
  const draft = {
    type: 'page_load',
    category: 'page',
    detailLevel: 'standard',
    source: { kind: 'cdp' },
    data: { url: 'https://a.example/', cdp_timestamp: 1 },
  } as const
  expect(redactDraft(draft as never, names)).toBe(draft)
})

test('a type that only an outside producer knows is searched everywhere', () => {
  const draft = {
    type: 'agent_step',
    category: 'control',
    detailLevel: 'standard',
    source: { kind: 'local_process' },
    data: { deep: { list: [{ token: secret }, `Bearer ${secret}`] } },
  } as const
  expect(redactDraft(draft, names).data).toEqual({
    deep: { list: [{ token: '[redacted]' }, 'Bearer [redacted]'] },
    redacted: ['bearer', 'token'],
  })
})

test('no secret survives, whatever a page puts around it, and nothing throws', () => {
  const written = fc.constantFrom('password=', '?access_token=', '&api_key=', 'Bearer ', '"token":"', 'https://u:pass@h.example/#id_token=')
  const noise = fc.string({ unit: 'binary', maxLength: 40 })
  const field = fc.constantFrom('post_data', 'header', 'text')
  fc.assert(
    fc.property(field, noise, written, (where, before, write) => {
      const text = `${before.replaceAll(/["'\\]/g, '')} ${write}S3CR3TS3CR3TS3CR3T`
      const draft = where === 'text' ? said(text) : request(where === 'header' ? { headers: { 'x-note': text } } : { post_data: text })
      expect(JSON.stringify(draft)).not.toContain('S3CR3T')
    }),
  )
})

test('every string is looked at in time that grows with its length', () => {
  const nasty = [
    'a='.repeat(50_000),
    '"'.repeat(100_000),
    'eyJ'.repeat(30_000),
    'name="'.repeat(20_000),
    `--${'\r\n'.repeat(50_000)}`,
    'x://'.repeat(25_000),
  ]
  // A pattern that backtracks would not end within the limit of the test.
  for (const text of nasty) expect(JSON.stringify(request({ post_data: text })).length).toBeGreaterThan(0)
})
