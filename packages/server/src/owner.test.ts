// A server looks for its control plane over a real socket; time is cranked by hand.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createManualClock, type ManualClock } from '@tabscope/schema'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOwner, type OwnerEnding } from './owner.ts'

let folder = ''
let socketPath = ''
let clock: ManualClock

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tabscope-owner-'))
  socketPath = join(folder, 'control.sock')
  clock = createManualClock()
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** A control plane's end of the socket: whoever comes, and what they say first. */
async function listen(): Promise<{ readonly server: Server; next(): Promise<{ socket: Socket; said: string }>; close(): Promise<void> }> {
  const server = createServer().listen(socketPath)
  await once(server, 'listening')
  const sockets: Socket[] = []
  return {
    server,
    next: async () => {
      const [socket]: Socket[] = await once(server, 'connection')
      if (socket === undefined) throw new Error('nobody came')
      sockets.push(socket)
      const [said] = await once(socket, 'data')
      return { socket, said: String(said) }
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function owned(over: (ending: OwnerEnding) => void, secrets: (secrets: readonly string[]) => void = () => undefined) {
  return createOwner({ socketPath, browserId: 'b-1', clock, graceMs: 30_000, onOver: over, onSecrets: secrets })
}

test('it says who it is and where; after a lost connection it comes back and says it again', async () => {
  const first = await listen()
  const meeting = first.next()
  using owner = owned(() => undefined)
  const { socket, said } = await meeting
  expect(JSON.parse(said)).toEqual({ kind: 'hello', browser: 'b-1', pid: process.pid })
  const ready = once(socket, 'data')
  socket.write('{"kind":"welcome"}\n')
  owner.ready('http://127.0.0.1:1')
  expect(JSON.parse(String((await ready)[0]))).toEqual({ kind: 'ready', url: 'http://127.0.0.1:1' })
  await first.close()
  const second = await listen()
  const again = second.next()
  let isBack = false
  const met = again.finally(() => {
    isBack = true
  })
  // When it learns of the loss is a matter of the event loop; the time between two looks has to pass after that.
  while (!isBack) {
    clock.advance(5)
    await nextTurn()
  }
  const lines = (await met).said
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).kind)
  expect(lines).toEqual(['hello', 'ready'])
  await second.close()
})

test('nobody within the grace is the end, told once', async () => {
  const endings: OwnerEnding[] = []
  using _owner = owned((ending) => endings.push(ending))
  clock.advance(29_999)
  expect(endings).toEqual([])
  clock.advance(1)
  clock.advance(60_000)
  expect(endings).toEqual(['owner_gone'])
})

test('it ends when it is told to, and takes new secrets', async () => {
  const control = await listen()
  const meeting = control.next()
  const taken: (readonly string[])[] = []
  const ending = new Promise<OwnerEnding>((resolve) => {
    const owner = owned(resolve, (secrets) => taken.push(secrets))
    void owner
  })
  const { socket } = await meeting
  socket.write('{"kind":"welcome"}\n{"kind":"secrets","secrets":["a","b"]}\n{"kind":"end"}\n')
  expect([await ending, taken]).toEqual(['told', [['a', 'b']]])
  await control.close()
})

test('who says something else is no control plane: the connection is dropped and the grace goes on', async () => {
  const control = await listen()
  const meeting = control.next()
  const endings: OwnerEnding[] = []
  using _owner = owned((ending) => endings.push(ending))
  const { socket } = await meeting
  const closed = once(socket, 'close')
  socket.write('HTTP/1.1 200 OK\r\n\r\n')
  await closed
  clock.advance(30_000)
  expect(endings).toEqual(['owner_gone'])
  await control.close()
})
