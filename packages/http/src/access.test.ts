import type { IncomingHttpHeaders } from 'node:http'
import { expect, test } from 'vitest'
import { type AccessPolicy, corsHeaders, refusal } from './access.ts'

const closed: AccessPolicy = { allowedHosts: [], corsOrigins: [] }
const open: AccessPolicy = { allowedHosts: ['browser-7.internal'], corsOrigins: ['https://app.example'] }

const host = '127.0.0.1:10001'

const rows: readonly (readonly [string, AccessPolicy, IncomingHttpHeaders, string | undefined])[] = [
  ['loopback by number', closed, { host }, undefined],
  ['loopback by another number', closed, { host: '127.0.0.2:10001' }, undefined],
  ['loopback by name', closed, { host: 'LOCALHOST' }, undefined],
  ['loopback of IPv6', closed, { host: '[::1]:10001' }, undefined],
  ['no host at all (HTTP/1.0)', closed, {}, undefined],
  ['a rebound name', closed, { host: 'evil.example:10001' }, 'host_not_allowed'],
  ['a name that begins like loopback', closed, { host: '127.0.0.1.evil.example' }, 'host_not_allowed'],
  ['a name that ends like loopback', closed, { host: 'evil-localhost' }, 'host_not_allowed'],
  ['an empty host', closed, { host: '' }, 'host_not_allowed'],
  ['an allowed name', open, { host: 'browser-7.internal:80' }, undefined],
  ['the same origin', closed, { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, undefined],
  ['the address bar', closed, { host, 'sec-fetch-site': 'none' }, undefined],
  ['another port of loopback', closed, { host, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }, 'origin_not_allowed'],
  ['another site', closed, { host, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
  ['another site that says no more than its origin', closed, { host, origin: 'https://evil.example' }, 'origin_not_allowed'],
  ['an image of another site', closed, { host, 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
  ['an image of the same site', closed, { host, 'sec-fetch-site': 'same-site' }, 'origin_not_allowed'],
  ['a sandboxed frame', closed, { host, origin: 'null' }, 'origin_not_allowed'],
  ['an allowed origin', open, { host, origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }, undefined],
  ['an origin that begins like an allowed one', open, { host, origin: 'https://app.example.evil' }, 'origin_not_allowed'],
  ['an image of an allowed origin, which says none', open, { host, 'sec-fetch-site': 'cross-site' }, 'origin_not_allowed'],
  ['an allowed origin with a rebound name', open, { host: 'evil.example', origin: 'https://app.example' }, 'host_not_allowed'],
]

test.each(rows)('a request with %s', (_name, policy, headers, code) => {
  expect(refusal(headers, policy)?.code).toBe(code)
})

test('a refusal is neither 401 nor 403: those mean a bad token, and clients drop their route on them', () => {
  const refusals = [refusal({ host: 'evil.example' }, closed), refusal({ host, origin: 'null' }, closed)]
  expect(refusals.map((error) => error?.httpStatus)).toEqual([421, 400])
})

test('only an allowed origin is told that it may read', () => {
  const answers = ['https://app.example', 'https://other.example', undefined].map((origin) =>
    corsHeaders(origin === undefined ? {} : { origin }, open),
  )
  expect(answers).toEqual([
    {
      vary: 'origin',
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'X-Has-More, X-Next-Offset',
    },
    { vary: 'origin' },
    { vary: 'origin' },
  ])
})

test('with CORS closed there is no header about it', () => {
  expect(corsHeaders({ origin: 'https://app.example' }, closed)).toEqual({})
})
