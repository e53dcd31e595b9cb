// A wire between the monitor and Chromium that can be cut, clogged or slowed while Chromium lives on. It never looks at what goes over it.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { delay, systemClock } from '@tabscope/schema'

export interface TcpProxy extends AsyncDisposable {
  /** The same URL through the wire. */
  through(url: string): string
  /** Cuts every connection; new ones are accepted but nothing goes over them before `mend`. */
  cut(): void
  /** Nothing goes over the connections of this moment any more, and nobody is told. New ones work. */
  clog(): void
  mend(): void
  /** While true, what Chromium says trickles: a small piece every millisecond. */
  slow(isSlow: boolean): void
}

const trickleBytes = 2_048

interface Line {
  readonly near: Socket
  readonly far: Socket
  /** Between far and near. */
  readonly throttle: Transform
}

/** A proxy to the host and port of `targetUrl`. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl)
  const lines = new Set<Line>()
  const held = new Set<Socket>()
  let isCut = false
  let isSlow = false
  const join = (near: Socket): void => {
    const far = connect(Number(target.port), target.hostname)
    const throttle = createThrottle(() => isSlow)
    const line = { near, far, throttle }
    lines.add(line)
    const end = (): void => {
      lines.delete(line)
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    near.pipe(far)
    far.pipe(throttle).pipe(near)
  }
  const server = createServer((near) => {
    if (!isCut) return join(near)
    held.add(near)
    near.on('error', () => held.delete(near)).on('close', () => held.delete(near))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const cut = (): void => {
    isCut = true
    for (const { near } of [...lines]) near.destroy()
  }
  return {
    through: (url) => {
      const through = new URL(url)
      through.host = `127.0.0.1:${port}`
      return through.href
    },
    cut,
    clog: () => {
      for (const { near, far, throttle } of lines) {
        near.unpipe(far).pause()
        far.unpipe(throttle).pause()
      }
    },
    mend: () => {
      isCut = false
      for (const near of held) join(near)
      held.clear()
    },
    slow: (wanted) => {
      isSlow = wanted
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      for (const near of held) near.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function createThrottle(isSlow: () => boolean): Transform {
  const throttle = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      trickle(chunk).then(() => done(), done)
    },
  })
  const trickle = async (chunk: Buffer): Promise<void> => {
    for (let at = 0; at < chunk.length; ) {
      const end = isSlow() ? at + trickleBytes : chunk.length
      throttle.push(chunk.subarray(at, end))
      at = end
      if (isSlow()) await delay(systemClock, 1, new AbortController().signal)
    }
  }
  // Its line may end while it holds something.
  throttle.on('error', () => undefined)
  return throttle
}
