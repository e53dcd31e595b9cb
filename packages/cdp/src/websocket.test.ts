// The WebSocket transport, against a server of the same library and against sockets that misbehave.
import { once } from 'node:events'
import { type AddressInfo, createServer, Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { servePages } from './testing/pages.ts'
import { openWebSocket } from './websocket.ts'

interface Peer extends AsyncDisposable {
  readonly url: string
  readonly client: Promise<WebSocket>
  readonly headers: Promise<Record<string, unknown>>
}

interface Deferred<Value> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
}

// Promise.withResolvers came with Node 22.
function createDeferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

async function listen(): Promise<Peer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true })
  await once(server, 'listening')
  const client = createDeferred<WebSocket>()
  const headers = createDeferred<Record<string, unknown>>()
  server.on('connection', (socket, request) => {
    client.resolve(socket)
    headers.resolve({ ...request.headers })
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `ws://127.0.0.1:${port}/devtools/browser/x`,
    client: client.promise,
    headers: headers.promise,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of server.clients) socket.terminate()
        server.close(() => resolve())
      }),
  }
}

const signal = new AbortController().signal
const ignore = { message: () => undefined, closed: () => undefined }

test('it asks for no compression and sends no Origin', async () => {
  await using peer = await listen()
  const transport = await openWebSocket(peer.url)(ignore, signal)
  const headers = await peer.headers
  expect([headers['origin'], headers['sec-websocket-extensions']]).toEqual([undefined, undefined])
  transport.close()
})

test('messages go both ways whole, also many in one write', async () => {
  await using peer = await listen()
  const got: string[] = []
  const all = createDeferred<void>()
  const closed = createDeferred<string>()
  const events = {
    message: (bytes: Uint8Array) => {
      got.push(Buffer.from(bytes).toString())
      if (got.length === 2) all.resolve()
    },
    closed: closed.resolve,
  }
  const transport = await openWebSocket(peer.url)(events, signal)
  const client = await peer.client
  client.on('message', (data: Buffer) => client.send(data.toString()))
  transport.cork(() => {
    transport.send('{"id":1}')
    transport.send('{"id":2,"x":"é"}')
  })
  await all.promise
  client.close(1001, 'going away')
  expect({ got, cause: await closed.promise }).toEqual({
    got: ['{"id":1}', '{"id":2,"x":"é"}'],
    cause: 'closed with code 1001: going away',
  })
  transport.send('nobody listens')
  transport.close()
})

test('what is sent in one turn leaves in one write', async () => {
  await using peer = await listen()
  const transport = await openWebSocket(peer.url)(ignore, signal)
  const client = await peer.client
  const got: string[] = []
  const all = createDeferred<void>()
  client.on('message', (data: Buffer) => {
    if (got.push(data.toString()) === 3) all.resolve()
  })
  const writes = vi.spyOn(Socket.prototype as unknown as { _writev: () => void }, '_writev')
  for (const text of ['1', '2', '3']) transport.send(text)
  await all.promise
  expect([got, writes.mock.calls.length]).toEqual([['1', '2', '3'], 1])
  writes.mockRestore()
  transport.close()
})

test('a socket that just ends is reported as that', async () => {
  await using peer = await listen()
  const closed = createDeferred<string>()
  await openWebSocket(peer.url)({ ...ignore, closed: closed.resolve }, signal)
  const client = await peer.client
  client.terminate()
  expect(await closed.promise).toBe('the socket ended')
})

test('nobody there, a server that is no WebSocket, and a bad URL are errors with codes', async () => {
  await using http = await servePages({})
  const { port } = http
  const failure = (url: string): Promise<unknown> =>
    openWebSocket(url)(ignore, signal).then(
      () => 'open',
      (error: Error) => ('code' in error ? `${error.code}: ${error.message}` : error),
    )
  const wrong = await failure(`ws://127.0.0.1:${port}/devtools/browser/x`)
  await http[Symbol.asyncDispose]()
  expect([wrong, await failure(`ws://127.0.0.1:${port}/`), await failure('ftp://x')]).toEqual([
    `devtools_unreachable: No Chromium answers at ws://127.0.0.1:${port}/devtools/browser/x: Unexpected server response: 404. Start it with --remote-debugging-port, or check host and port.`,
    `devtools_unreachable: No Chromium answers at ws://127.0.0.1:${port}/: connect ECONNREFUSED 127.0.0.1:${port}. Start it with --remote-debugging-port, or check host and port.`,
    expect.stringMatching(/^devtools_bad_url: "ftp:\/\/x" is not a DevTools endpoint/),
  ])
})

test('an abort while it opens rejects with the reason and leaves no socket', async () => {
  const sockets: Promise<unknown>[] = []
  const silent = createServer((socket) => {
    sockets.push(once(socket.resume(), 'close'))
  })
  await new Promise<void>((resolve) => {
    silent.listen(0, '127.0.0.1', resolve)
  })
  const { port } = silent.address() as AddressInfo
  const stop = new AbortController()
  const reason = new Error('stop')
  const opening = openWebSocket(`ws://127.0.0.1:${port}/x`)(ignore, stop.signal)
  const connected = once(silent, 'connection')
  await connected
  stop.abort(reason)
  await expect(opening).rejects.toBe(reason)
  await Promise.all(sockets)
  silent.close()
})
