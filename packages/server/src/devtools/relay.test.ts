import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createManualClock, limits } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createRelay, type RelayEnd } from './relay.ts'

/** Two ends of one real connection. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const one = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  const [other] = (await once(server, 'connection')) as [Socket]
  server.close()
  return [one, other]
}

interface Stage extends AsyncDisposable {
  /** The far ends: the client's program and the browser. */
  readonly program: Socket
  readonly browser: Socket
  readonly relayed: { readonly client: Socket; readonly upstream: Socket }
  readonly ended: Promise<RelayEnd>
  readonly clock: ReturnType<typeof createManualClock>
  readonly end: (code: number, reason: string) => void
}

async function openStage(): Promise<Stage> {
  const clock = createManualClock()
  const [[program, client], [upstream, browser]] = [await socketPair(), await socketPair()]
  let end: Stage['end'] = () => undefined
  const ended = new Promise<RelayEnd>((onEnd) => {
    const relay = createRelay({ client, upstream, clock, collects: () => false, onText: () => undefined, onEnd })
    end = relay.end
  })
  const sockets = [program, browser, client, upstream]
  for (const socket of [program, browser]) socket.on('error', () => undefined)
  const dispose = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))
  }
  return { program, browser, relayed: { client, upstream }, ended, clock, end, [Symbol.asyncDispose]: dispose }
}

function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)])
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

test.each(['program', 'browser'] as const)('while nobody reads, only a little of what the %s sends is taken', async (sender) => {
  await using stage = await openStage()
  const [from, to] = sender === 'program' ? [stage.program, stage.browser] : [stage.browser, stage.program]
  to.pause()
  const header = Buffer.from([0x82, 127, 0, 0, 0, 0, 0x08, 0, 0, 0])
  from.write(header)
  const block = Buffer.alloc(1024 * 1024)
  // Until the kernel's buffers and the relay's are full, each write goes through at last; then one does not.
  let sentBytes = 0
  while (sentBytes < 128 * block.length) {
    const passed = new Promise<boolean>((resolve) => from.write(block, () => resolve(true)))
    const isStuck = await Promise.race([passed.then(() => false), stuck(stage)])
    if (isStuck) break
    sentBytes += block.length
  }
  const { client, upstream } = stage.relayed
  expect(sentBytes).toBeLessThan(64 * block.length)
  expect(client.writableLength + upstream.writableLength).toBeLessThan(1024 * 1024)
})

/** Resolves with true when the relay has stopped reading because the other side does not. */
async function stuck({ relayed: { client, upstream } }: Stage): Promise<boolean> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve))
    if ((client.isPaused() && upstream.writableNeedDrain) || (upstream.isPaused() && client.writableNeedDrain)) return true
  }
}

test('when the browser goes, what it said last still comes, then a closing frame', async () => {
  await using stage = await openStage()
  stage.browser.end(textFrame('last words'))
  const said = await readAll(stage.program)
  expect([await stage.ended, said]).toEqual(['upstream', `\x81\x0alast words\x88\x17\x03\xf4the browser went away`])
})

test('in the middle of a message nothing is put in', async () => {
  await using stage = await openStage()
  stage.browser.end(textFrame('half of it').subarray(0, 7))
  expect([await readAll(stage.program), await stage.ended]).toEqual(['\x81\x0ahalf ', 'upstream'])
})

test('when the client goes without a word, the browser side is closed', async () => {
  await using stage = await openStage()
  stage.program.destroy()
  await readAll(stage.browser)
  expect(await stage.ended).toBe('client')
})

test('a side that does not close is cut after a while', async () => {
  await using stage = await openStage()
  stage.end(1001, 'stop')
  expect(await stage.ended).toBe('us')
  const { client, upstream } = stage.relayed
  const closed = Promise.all([once(client, 'close'), once(upstream, 'close')])
  stage.clock.advance(limits.cdpCloseMs)
  await closed
  expect(stage.clock.pendingTimers()).toBe(0)
})

test('a message over the bound ends the connection by name', async () => {
  await using stage = await openStage()
  stage.program.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x20, 0, 0, 0, 1, 2, 3, 4]))
  expect([(await readAll(stage.program)).slice(2, 4), await stage.ended]).toEqual(['\x03\xf1', 'client'])
})
