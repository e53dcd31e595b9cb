// From what a user names to the browser's WebSocket URL, against real HTTP servers.
import { createServer } from 'node:net'
import { systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { resolveEndpoint } from './discover.ts'
import { type Page, servePages } from './testing/pages.ts'

const signal = new AbortController().signal
const options = { clock: systemClock, signal }
const version = (webSocketDebuggerUrl: unknown): Page => ({ type: 'application/json', body: JSON.stringify({ webSocketDebuggerUrl }) })

/** The code and the detail of the error. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : error
  }
}

test('an http endpoint is asked for its browser, and the way there stays the one that worked', async () => {
  await using server = await servePages({ '/json/version': version('ws://localhost:9222/devtools/browser/abc') })
  expect(await resolveEndpoint(server.url, options)).toBe(`ws://127.0.0.1:${server.port}/devtools/browser/abc`)
})

test('a ws endpoint without a path is asked too, one with a path is taken as it is', async () => {
  await using server = await servePages({ '/json/version': version('ws://localhost/devtools/browser/abc') })
  expect([
    await resolveEndpoint(`ws://127.0.0.1:${server.port}`, options),
    await resolveEndpoint('ws://127.0.0.1:1/devtools/browser/x', options),
  ]).toEqual([`ws://127.0.0.1:${server.port}/devtools/browser/abc`, 'ws://127.0.0.1:1/devtools/browser/x'])
})

test.each(['', 'localhost:9222', 'ftp://127.0.0.1', 'http://', '9222'])('%j is a bad URL', async (endpoint) => {
  expect(await failure(resolveEndpoint(endpoint, options))).toMatch(/^devtools_bad_url: .*is not a DevTools endpoint/)
})

test('a port where nobody listens is unreachable, with the cause', async () => {
  await using server = await servePages({})
  await server[Symbol.asyncDispose]()
  expect(await failure(resolveEndpoint(server.url, options))).toBe(
    `devtools_unreachable: No Chromium answers at ${server.url}: connect ECONNREFUSED 127.0.0.1:${server.port}. Start it with --remote-debugging-port, or check host and port.`,
  )
})

test.each([
  ['another server', {}, 'status 404: no such page'],
  ['no JSON', { '/json/version': 'hello' }, 'hello'],
  ['no URL in it', { '/json/version': version(5) }, '{\\"webSocketDebuggerUrl\\":5}'],
  ['a broken URL in it', { '/json/version': version('::') }, '{\\"webSocketDebuggerUrl\\":\\"::\\"}'],
  ['far too much', { '/json/version': 'x'.repeat(1_000_000) }, 'x'.repeat(200)],
  ['a redirect', { '/json/version': { status: 302, body: '', headers: { location: '/elsewhere' } } }, undefined],
])('%s is not taken for a Chromium', async (_name, pages: Record<string, Page>, answer) => {
  await using server = await servePages(pages)
  const text = await failure(resolveEndpoint(server.url, options))
  if (answer === undefined) expect(text).toMatch(/^devtools_unreachable: .*unexpected redirect/)
  else expect(text).toContain(`devtools_bad_answer: ${server.url} does not answer /json/version as Chromium does ("${answer}")`)
})

test('a server that never answers is given up at the deadline, or when the signal says so', async () => {
  const silent = createServer(() => undefined)
  const port = await new Promise<number>((resolve) => {
    silent.listen(0, '127.0.0.1', () => {
      const address = silent.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const endpoint = `http://127.0.0.1:${port}`
  const reason = new Error('stop')
  const stop = new AbortController()
  const stopped = failure(resolveEndpoint(endpoint, { clock: systemClock, signal: stop.signal }))
  stop.abort(reason)
  expect([await failure(resolveEndpoint(endpoint, { ...options, timeoutMs: 50 })), await stopped]).toEqual([
    `devtools_unreachable: No Chromium answers at ${endpoint}: no answer within 50 ms. Start it with --remote-debugging-port, or check host and port.`,
    reason,
  ])
  silent.close()
})
