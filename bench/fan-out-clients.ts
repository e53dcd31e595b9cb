// The reading side of the fan-out benchmark, in a process of its own: opens plain connections, throws the bytes away and counts them.
// For latency it reads the time stamp of every event and compares it with its own clock.
import { connect, type Socket } from 'node:net'
import { systemClock } from '@tabscope/schema'

/** What the reading process is told to do. */
export interface ReadOrder {
  readonly port: number
  readonly clients: number
  /** Sent on each connection first: an HTTP request, or nothing. */
  readonly hello: string
  /** Each connection is done when it got so many bytes; undefined = when it is closed. */
  readonly expectedBytes: number | undefined
  readonly latency: boolean
}

/** What it answers: once when all are connected and something came on each (or nothing was to come), once when all are done. */
export type ReadReport = { readonly at: 'ready' } | { readonly at: 'done'; readonly bytes: number; readonly latenciesUs: readonly number[] }

interface Tally {
  readonly bytes: number[]
  readonly latenciesUs: number[]
}

process.on('message', (order: ReadOrder) => {
  void readAll(order).then((report) => send(report))
})

async function readAll(order: ReadOrder): Promise<ReadReport> {
  const tally: Tally = { bytes: new Array<number>(order.clients).fill(0), latenciesUs: [] }
  const sockets: Socket[] = []
  for (let index = 0; index < order.clients; index++) sockets.push(await open(order, tally, index))
  const done = Promise.all(sockets.map((socket, index) => untilDone(socket, () => tally.bytes[index] ?? 0, order.expectedBytes)))
  send({ at: 'ready' })
  await done
  for (const socket of sockets) socket.destroy()
  const { bytes, latenciesUs } = tally
  return { at: 'done', bytes: bytes.reduce((sum, one) => sum + one, 0), latenciesUs }
}

function untilDone(socket: Socket, received: () => number, expectedBytes: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', resolve)
    socket.on('data', () => {
      if (expectedBytes !== undefined && received() >= expectedBytes) resolve()
    })
  })
}

/** Connected, and (with an HTTP request) answered by the response head, so that the stream is open. */
function open(order: ReadOrder, tally: Tally, index: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: order.port }, () => {
      socket.on('data', (chunk) => {
        if (tally.bytes[index] === 0) resolve(socket)
        tally.bytes[index] = (tally.bytes[index] ?? 0) + chunk.length
        if (order.latency && index === 0) noteLatencies(chunk, tally.latenciesUs)
      })
      if (order.hello === '') resolve(socket)
      else socket.write(order.hello)
    })
    socket.on('error', reject)
  })
}

/** An event whose time stamp is cut by the end of a chunk is left out; the others are enough. */
function noteLatencies(chunk: Buffer, latenciesUs: number[]): void {
  const nowUs = systemClock.wallUs()
  for (const [, stamp] of chunk.toString('latin1').matchAll(/"ts":(\d{16}),/g)) latenciesUs.push(nowUs - Number(stamp))
}

function send(report: ReadReport): void {
  process.send?.(report)
}
