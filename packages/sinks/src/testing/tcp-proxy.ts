// A TCP proxy that can lose its connections, refuse new ones, and stall: hold every byte of one or both directions until it goes on.
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** Cuts all connections; new ones are taken. */
  cut(): void
  /** Cuts all connections and refuses new ones until `accept`. */
  refuse(): void
  accept(): void
  /** Passes nothing on any more. `answers`: requests still get through, only what comes back is held. */
  stall(what: 'everything' | 'answers'): void
  /** Passes on again, what was held first. */
  resume(): void
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
}

interface State {
  readonly pairs: Set<Pair>
  mode: 'open' | 'refusing'
  stalled: 'nothing' | 'everything' | 'answers'
}

function forward(state: State, from: Socket, to: Socket, isAnswer: boolean): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk)) from.pause()
  })
  to.on('drain', () => {
    if (!isHeld(state, isAnswer)) from.resume()
  })
}

function isHeld({ stalled }: State, isAnswer: boolean): boolean {
  return stalled === 'everything' || (stalled === 'answers' && isAnswer)
}

function holdOrPass(state: State, { near, far }: Pair): void {
  for (const [socket, isAnswer] of [
    [near, false],
    [far, true],
  ] as const) {
    if (isHeld(state, isAnswer)) socket.pause()
    else socket.resume()
  }
}

function destroy(state: State, pair: Pair): void {
  state.pairs.delete(pair)
  pair.near.destroy()
  pair.far.destroy()
}

function take(state: State, near: Socket, port: number): void {
  if (state.mode === 'refusing') {
    near.destroy()
    return
  }
  const pair: Pair = { near, far: connect({ host: '127.0.0.1', port }) }
  state.pairs.add(pair)
  // An error of either end ends both; the close that follows does it.
  for (const socket of [pair.near, pair.far]) socket.on('error', () => undefined).on('close', () => destroy(state, pair))
  forward(state, pair.near, pair.far, false)
  forward(state, pair.far, pair.near, true)
  holdOrPass(state, pair)
}

/** A proxy on a free loopback port in front of `port`. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const state: State = { pairs: new Set(), mode: 'open', stalled: 'nothing' }
  const server: Server = createServer((near) => take(state, near, port))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = (): void => {
    for (const pair of [...state.pairs]) destroy(state, pair)
  }
  const setStalled = (what: State['stalled']): void => {
    state.stalled = what
    for (const pair of state.pairs) holdOrPass(state, pair)
  }
  return {
    port: address.port,
    cut,
    refuse: () => {
      state.mode = 'refusing'
      cut()
    },
    accept: () => {
      state.mode = 'open'
    },
    stall: setStalled,
    resume: () => setStalled('nothing'),
    [Symbol.asyncDispose]: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
