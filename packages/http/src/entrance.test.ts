import type { IncomingMessage } from 'node:http'
import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createEntrance, entryOf } from './entrance.ts'
import { createTokenIssuer, createTokenVerifier, tokenKeys } from './tokens.ts'

const clock = createManualClock()
const keys = tokenKeys(['a secret of more than thirty-two bytes'])
const issuer = createTokenIssuer(keys, clock)
const mine = await issuer.issue('b-1')
const others = await issuer.issue('b-2')
const expired = await issuer.issue('b-1', { lifetimeMs: -1000 })

const named = createEntrance({ basePath: '/browser/b-1', browserId: 'b-1', openPaths: new Set() })
const locked = createEntrance({
  basePath: '/browser/b-1',
  browserId: 'b-1',
  verifier: createTokenVerifier(keys, { browserId: 'b-1', clock }),
  openPaths: new Set(['/healthz']),
})

/** What is left of a request, as far as the entrance looks at it. */
function requestOf(url: string, headers: Record<string, string> = {}): IncomingMessage {
  return { url, headers } as unknown as IncomingMessage
}

const paths: readonly (readonly [string, string])[] = [
  ['/browser/b-1/telemetry', '/telemetry'],
  ['/browser/b-1', '/'],
  ['/browser/b-1?a=b', '/?a=b'],
  ['/browser/b-1/curl/raw?url=http%3A%2F%2Fx%2F%3Fjwt%3D1&jwt=t', '/curl/raw?url=http%3A%2F%2Fx%2F%3Fjwt%3D1'],
  ['/telemetry?a=%20&jwt=t&b=+', '/telemetry?a=%20&b=+'],
  ['/telemetry?%6awt=t', '/telemetry'],
  ['http://127.0.0.1:1/browser/b-1/healthz', '/healthz'],
  ['http://evil.example', '/'],
  ['/browser/b-1//evil.example/x', '//evil.example/x'],
  ['/browser', '/browser'],
  ['/browser/', '/browser/'],
  ['/browser/b-12/telemetry', 'browser_gone'],
  ['/browser/b-2', 'browser_gone'],
  ['/browser/B-1/telemetry', 'browser_gone'],
  ['/browser/%62-1/telemetry', 'browser_gone'],
  ['/browser/..%2fb-1/telemetry', 'browser_gone'],
  ['/browser/../browser/b-1/telemetry', 'browser_gone'],
  ['/browser/b-1/../b-2/telemetry', '/../b-2/telemetry'],
  ['*', '*'],
]

test.each(paths)('%s becomes %s', async (url, expected) => {
  const incoming = requestOf(url)
  const refused = await named.admit(incoming)
  expect(refused?.code ?? incoming.url).toBe(expected)
})

const tokens: readonly (readonly [string, string, Record<string, string>, string | undefined])[] = [
  ['none', '/telemetry', {}, 'token_invalid'],
  ['in the query', `/telemetry?jwt=${mine}`, {}, undefined],
  ['as a bearer', '/telemetry', { authorization: `Bearer ${mine}` }, undefined],
  ['as a bearer beside an empty query', '/telemetry?jwt=', { authorization: `bearer  ${mine} ` }, undefined],
  ['in the query beside the API key of somebody', `/telemetry?jwt=${mine}`, { authorization: 'Bearer sk_live' }, undefined],
  ['by another scheme', '/telemetry', { authorization: `Basic ${mine}` }, 'token_invalid'],
  ['cut off', `/telemetry?jwt=${mine.slice(0, -3)}`, {}, 'token_invalid'],
  ['expired', `/telemetry?jwt=${expired}`, {}, 'token_invalid'],
  ['of another browser', `/telemetry?jwt=${others}`, {}, 'token_for_other_browser'],
  ['none at an unknown path', '/computer/click', {}, 'token_invalid'],
  ['none where none is asked for', '/browser/b-1/healthz?x', {}, undefined],
  ['none behind a path that only ends there', '/healthz/../telemetry', {}, 'token_invalid'],
  ['none behind an escaped path', '/%68ealthz', {}, 'token_invalid'],
  ['a good one at another browser', `/browser/b-2/telemetry?jwt=${mine}`, {}, 'browser_gone'],
]

test.each(tokens)('a token %s', async (_name, url, headers, code) => {
  const refused = await locked.admit(requestOf(url, headers))
  expect([refused?.code, JSON.stringify(refused)?.includes('eyJ') ?? false]).toEqual([code, false])
})

test('the entry keeps what was taken away, for who builds URLs', async () => {
  const requests = [
    requestOf(`/browser/b-1/json/version?jwt=${mine}`),
    requestOf('/json/version', { authorization: `Bearer ${mine}` }),
    requestOf('/json/version'),
  ]
  for (const request of requests) await named.admit(request)
  expect(requests.map(entryOf)).toEqual([
    { basePath: '/browser/b-1', token: { text: mine, in: 'query' } },
    { basePath: '', token: { text: mine, in: 'header' } },
    { basePath: '' },
  ])
})
