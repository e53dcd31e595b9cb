import { once } from 'node:events'
import { connect } from 'node:net'
import { systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type Listening, listen } from './listen.ts'
import { readJsonBody } from './request-body.ts'

/** A server that reads bodies of at most 100 bytes, and what became of each. */
async function bodyServer(): Promise<{ server: Listening; outcomes: Promise<unknown>[] }> {
  const outcomes: Promise<unknown>[] = []
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    handler: (incoming, outgoing) => {
      const outcome = readJsonBody(incoming, 100).catch((error: unknown) =>
        error instanceof Error && 'code' in error ? error.code : error,
      )
      outcomes.push(outcome)
      void outcome.then(() => outgoing.end())
    },
  })
  return { server, outcomes }
}

const bodies: readonly (readonly [string, string | Uint8Array<ArrayBuffer>, unknown])[] = [
  ['an object', '{"a":1}', { a: 1 }],
  ['null', 'null', null],
  ['no bytes', '', undefined],
  ['white space', ' \r\n', undefined],
  ['half an object', '{"a":', 'invalid_json'],
  ['bytes that are not UTF-8', new Uint8Array([0x22, 0xc3, 0x22]), 'invalid_json'],
  ['exactly the bound', JSON.stringify('x'.repeat(98)), 'x'.repeat(98)],
  ['one byte more than the bound', JSON.stringify('x'.repeat(99)), 'body_too_large'],
]

test.each(bodies)('a body of %s', async (_name, body, expected) => {
  const { server, outcomes } = await bodyServer()
  await using _server = server
  await fetch(server.url, { method: 'POST', body })
  expect(await outcomes[0]).toEqual(expected)
})

test('a body over the bound that does not say its length is refused when the bound is passed', async () => {
  const { server, outcomes } = await bodyServer()
  await using _server = server
  const socket = connect({ port: server.port, host: '127.0.0.1' })
  socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nc8\r\n${'x'.repeat(200)}\r\n`)
  await once(socket, 'data')
  socket.destroy()
  expect(await outcomes[0]).toBe('body_too_large')
})

test('a client that goes away in the middle of its body leaves nobody waiting', async () => {
  const { server, outcomes } = await bodyServer()
  await using _server = server
  const socket = connect({ port: server.port, host: '127.0.0.1' })
  socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 50\r\nexpect: 100-continue\r\n\r\n')
  await once(socket, 'data')
  socket.write('{"half":')
  socket.destroy()
  expect(await outcomes[0]).toBe('request_aborted')
})
