import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createManualClock, limits, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type Listening, listen } from './listen.ts'

function listenOnFreePort(): Promise<Listening> {
  return listen({ host: '127.0.0.1', port: 0, clock: systemClock, handler: (_incoming, outgoing) => outgoing.end('answer') })
}

/** Everything that the server sends until it closes the connection. */
async function exchange(port: number, sent: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(sent)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

test('a port that is taken is an error that names it', async () => {
  await using first = await listenOnFreePort()
  const second = listen({ host: '127.0.0.1', port: first.port, clock: systemClock, handler: () => undefined })
  await expect(second).rejects.toMatchObject({ code: 'port_in_use', message: expect.stringContaining(String(first.port)) })
})

test('an address that is not of this machine is an error that names it', async () => {
  const listening = listen({ host: '192.0.2.1', port: 0, clock: systemClock, handler: () => undefined })
  await expect(listening).rejects.toMatchObject({ code: 'host_not_available', message: expect.stringContaining('192.0.2.1') })
})

test('bytes that are not HTTP get a problem as JSON', async () => {
  await using server = await listenOnFreePort()
  const [head, body] = (await exchange(server.port, 'this is not HTTP\r\n\r\n')).split('\r\n\r\n')
  expect([head?.split('\r\n')[0], JSON.parse(body ?? '')]).toEqual([
    'HTTP/1.1 400 Bad Request',
    { code: 'malformed_http', message: expect.stringContaining('HTTP') },
  ])
})

test('headers over the bound get a problem as JSON', async () => {
  await using server = await listenOnFreePort()
  const text = await exchange(server.port, `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(limits.requestHeaderBytes)}\r\n\r\n`)
  const [head, body] = text.split('\r\n\r\n')
  expect([head?.split('\r\n')[0], JSON.parse(body ?? '')]).toEqual([
    'HTTP/1.1 431 Request Header Fields Too Large',
    { code: 'headers_too_large', message: expect.stringContaining(String(limits.requestHeaderBytes)) },
  ])
})

test('closing cuts what hangs, after a while', async () => {
  const clock = createManualClock()
  let asked = (): void => undefined
  const requested = new Promise<void>((resolve) => {
    asked = resolve
  })
  const server = await listen({ host: '127.0.0.1', port: 0, clock, handler: () => asked() })
  const socket: Socket = connect({ port: server.port, host: '127.0.0.1' })
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await requested
  const closing = server.close()
  clock.advance(limits.serverCloseMs)
  await Promise.all([closing, server.close(), once(socket, 'close')])
  expect(clock.pendingTimers()).toBe(0)
})

test('closing waits for nothing when nothing is open', async () => {
  const clock = createManualClock()
  const server = await listen({ host: '127.0.0.1', port: 0, clock, handler: (_incoming, outgoing) => outgoing.end('answer') })
  await (await fetch(server.url)).text()
  await server.close()
  expect(clock.pendingTimers()).toBe(0)
})

test('an idle connection is offered for longer than clients keep theirs', async () => {
  await using server = await listenOnFreePort()
  const response = await fetch(server.url)
  await response.text()
  expect(response.headers.get('keep-alive')).toBe(`timeout=${limits.connectionIdleMs / 1000}`)
})
