// A wire between the monitor and Chromium that can be cut or clogged while Chromium lives on. It never looks at what goes over it.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  /** The same URL through the wire. */
  through(url: string): string
  /** Cuts every connection; new ones are accepted but nothing goes over them before `mend`. */
  cut(): void
  /** Nothing goes over the connections of this moment any more, and nobody is told. New ones work. */
  clog(): void
  mend(): void
}

interface Line {
  readonly near: Socket
  readonly far: Socket
}

/** A proxy to the host and port of `targetUrl`. */
export async function startTcpProxy(targetUrl: string): Promise<TcpProxy> {
  const target = new URL(targetUrl)
  const lines = new Set<Line>()
  const held = new Set<Socket>()
  let isCut = false
  const join = (near: Socket): void => {
    const far = connect(Number(target.port), target.hostname)
    const line = { near, far }
    lines.add(line)
    const end = (): void => {
      lines.delete(line)
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    near.pipe(far)
    far.pipe(near)
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
      for (const { near, far } of lines) {
        near.unpipe(far).pause()
        far.unpipe(near).pause()
      }
    },
    mend: () => {
      isCut = false
      for (const near of held) join(near)
      held.clear()
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      for (const near of held) near.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
