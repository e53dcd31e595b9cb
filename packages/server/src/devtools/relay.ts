// Two sockets that speak WebSocket to each other through us: every byte goes on as it came, each side at the pace of the other. Readers
// beside it count messages and see commands after they were sent on. It never decodes, masks or compresses anything, so it adds one copy
// through the kernel and nothing else (decision 0040).
//
//   open ──client ends──▶ ended: client_close     open ──browser ends──▶ ended: upstream_ended     open ──we stop──▶ ended: as told
import type { Socket } from 'node:net'
import { type Clock, limits } from '@tabscope/schema'
import { closingFrame, createFrameReader, type FrameReader, type MaskedText } from './frames.ts'

/** Who ended it. `client`: the client left, or broke the protocol. `upstream`: the browser's side ended. `us`: it was told to stop. */
export type RelayEnd = 'client' | 'upstream' | 'us'

export interface RelayOptions {
  readonly client: Socket
  readonly upstream: Socket
  readonly clock: Clock
  /** Whether commands of the client are to be shown. */
  readonly collects: () => boolean
  /** A message of the client, after it was sent on to the browser. */
  readonly onText: (message: MaskedText) => void
  /** Called once, when one side has ended; nothing is sent on after it. */
  readonly onEnd: (end: RelayEnd) => void
}

export interface Relay {
  /** Messages in both directions. */
  readonly messages: number
  /** Ends both sides, telling the client a code and a reason. */
  end(code: number, reason: string): void
}

interface State {
  readonly options: RelayOptions
  readonly fromClient: FrameReader
  readonly fromUpstream: FrameReader
  end: RelayEnd | undefined
}

/** Begins to relay. Both sockets are owned by the relay from now on. */
export function createRelay(options: RelayOptions): Relay {
  const { client, upstream } = options
  const state: State = {
    options,
    fromClient: createFrameReader({ collects: options.collects, onText: options.onText }),
    fromUpstream: createFrameReader({ collects: () => false, onText: () => undefined }),
    end: undefined,
  }
  for (const socket of [client, upstream]) {
    socket.setNoDelay(true)
    socket.setKeepAlive(true, limits.cdpKeepAliveMs)
    socket.setTimeout(0)
    // 'close' follows every error and says all that is needed.
    socket.on('error', () => undefined)
  }
  pump(state, { from: client, to: upstream, reader: state.fromClient, end: 'client' })
  pump(state, { from: upstream, to: client, reader: state.fromUpstream, end: 'upstream' })
  return {
    get messages() {
      return state.fromClient.messages + state.fromUpstream.messages
    },
    end: (code, reason) => finish(state, 'us', { code, reason }),
  }
}

interface Direction {
  readonly from: Socket
  readonly to: Socket
  readonly reader: FrameReader
  readonly end: 'client' | 'upstream'
}

function pump(state: State, { from, to, reader, end }: Direction): void {
  from.on('data', (chunk: Buffer) => {
    // Sent on first: whatever is made of it here comes after it is on its way.
    const hasRoom = to.write(chunk)
    reader.take(chunk)
    if (reader.isTooLarge) finish(state, end, { code: 1009, reason: `a message was larger than ${limits.cdpMessageBytes} bytes` })
    else if (!hasRoom) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('end', () => finish(state, whoEnded(state, end)))
  from.on('close', () => finish(state, whoEnded(state, end)))
}

/** A side that ends its socket after the other has said goodbye only answers. */
function whoEnded(state: State, end: 'client' | 'upstream'): 'client' | 'upstream' {
  if (end === 'upstream') return state.fromClient.isClosing ? 'client' : 'upstream'
  return state.fromUpstream.isClosing && !state.fromClient.isClosing ? 'upstream' : 'client'
}

function finish(state: State, end: RelayEnd, goodbye?: { code: number; reason: string }): void {
  if (state.end !== undefined) return
  state.end = end
  const { client, upstream, clock, onEnd } = state.options
  client.removeAllListeners('data').resume()
  upstream.removeAllListeners('data').resume()
  // In the middle of a frame nothing can be put in, and a goodbye that was relayed needs no second; the end of the socket says it then.
  const mayTell = state.fromUpstream.isBetweenFrames && !state.fromUpstream.isClosing
  const { code, reason } = goodbye ?? { code: 1012, reason: 'the browser went away' }
  if (mayTell && (goodbye !== undefined || end === 'upstream')) client.write(closingFrame(code, reason))
  for (const socket of [client, upstream]) {
    socket.end()
    const cancel = clock.schedule(clock.monotonicMs() + limits.cdpCloseMs, () => socket.destroy())
    socket.once('close', cancel)
  }
  onEnd(end)
}
