import { launchTestChromium, servePages } from '@tabscope/cdp/testing'
import { expect, test } from 'vitest'
import { issueToken } from '../access.ts'
import { startTestServer } from '../testing/test-server.ts'
import { type CurlPolicy, createCurlFence, isSpecial } from './policy.ts'

function fenceOf(policy: CurlPolicy): ReturnType<typeof createCurlFence> {
  return createCurlFence({ policy, ownPorts: () => Promise.resolve([10_001, 9222]) })
}

async function verdict(policy: CurlPolicy, url: string): Promise<string> {
  return fenceOf(policy)
    .check(new URL(url))
    .then(
      () => 'asked',
      (error: { code: string }) => error.code,
    )
}

const notPublic = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://0x7f000001/',
  'http://2130706433/',
  'http://0177.0.0.1/',
  'http://0.0.0.0/',
  'http://localhost/',
  'http://LOCALHOST./',
  'http://a.localhost/',
  'http://printer/',
  'http://db.internal/',
  'http://nas.local/',
  'http://10.1.2.3/',
  'http://172.20.0.1/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[::127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fd00::1]/',
  'http://[fe80::1]/',
  'http://[2001:db8::1]/',
]

test.each(notPublic)('public does not ask for %s', async (url) => {
  expect([await verdict('public', url), await verdict('any', url)]).toEqual(['url_not_allowed', 'asked'])
})

test.each(['http://93.184.216.34/', 'https://[2606:2800:220:1::1]:8443/', 'http://8.8.8.8:9222/'])('public asks for %s', async (url) => {
  expect(await verdict('public', url)).toBe('asked')
})

test.each([
  'http://127.0.0.1:10001/',
  'http://localhost:9222/json',
  'http://[::1]:10001/',
  'http://0.0.0.0:9222/',
  'http://[::ffff:127.0.0.1]:10001/',
])('nobody asks for ourselves at %s', async (url) => {
  expect(await verdict('any', url)).toBe('url_not_allowed')
})

test('off asks for nothing', async () => {
  expect(await verdict('off', 'https://example.com/')).toBe('curl_off')
})

test('an answer from elsewhere than the public internet is not handed over, whatever its name said before', () => {
  const url = new URL('http://rebound.example/')
  for (const space of ['Loopback', 'Local', 'Private', 'Unknown', undefined]) {
    expect(() => fenceOf('public').checkAnswer(url, space)).toThrow('rebound.example')
    expect(() => fenceOf('any').checkAnswer(url, space)).not.toThrow()
  }
  expect(() => fenceOf('public').checkAnswer(url, 'Public')).not.toThrow()
})

test('what is not an address is special: it is better refused', () => {
  expect([isSpecial('nonsense'), isSpecial('1.1.1.1')]).toEqual([true, false])
})

test('with tokens only public addresses are asked for; without, every local one but ourselves', async () => {
  await using chromium = await launchTestChromium({ args: ['--host-resolver-rules=MAP rebound.example 127.0.0.1'] })
  await using site = await servePages({ '/': 'private' })
  const access = { tokenSecrets: ['a secret of more than thirty-two bytes'], browserId: 'b-1' }
  const browser = { at: 'connect', endpoint: chromium.endpoint } as const
  const jwt = await issueToken(access)
  await using fenced = await startTestServer({ browser, ...access })
  await using open = await startTestServer({ browser })
  const ask = async (base: string, url: string): Promise<[number, string]> => {
    const response = await fetch(`${base}/curl?jwt=${jwt}`, { method: 'POST', body: JSON.stringify({ url }) })
    const body = (await response.json()) as { code?: string; body?: string }
    return [response.status, body.code ?? body.body ?? '']
  }
  expect(await ask(fenced.url, `${site.url}/`)).toEqual([400, 'url_not_allowed'])
  // Our DNS does not know this name and the browser's does; Chromium notices before it asks.
  expect(await ask(fenced.url, `http://rebound.example:${site.port}/`)).toEqual([400, 'url_not_allowed'])
  expect(site.log).toEqual([])
  expect(await ask(open.url, `http://rebound.example:${site.port}/`)).toEqual([200, 'private'])
  expect(await ask(open.url, `${site.url}/`)).toEqual([200, 'private'])
  expect(await ask(open.url, `${open.url}/telemetry`)).toEqual([400, 'url_not_allowed'])
  expect(await ask(open.url, `${chromium.endpoint.replace('127.0.0.1', 'localhost')}/json/version`)).toEqual([400, 'url_not_allowed'])
})
