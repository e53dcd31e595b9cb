// A stream of a real S2 behind a proxy, as a destination of the sinks' suite, and the proof that is asked of every S2 test: what the
// stream holds is the log, byte for byte, each record once and in order.
import type { EventLog } from '@tabscope/log'
import { type EventRecord, systemClock } from '@tabscope/schema'
import { describe } from 'vitest'
import { createS2Sink } from '../s2-sink.ts'
import type { Sink } from '../sink.ts'
import { findS2, type S2Lite, s2SetUp } from './s2-lite.ts'
import { bodiesOf } from './s2-stream-bodies.ts'
import type { SinkWorld } from './sink-suite.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

/** Tests that need a real S2; where there is none they are skipped, and their name says how to make one. */
export function describeWithS2(name: string, define: () => void): void {
  if (findS2() === undefined) describe.skip(`${name} (skipped: no s2 on this machine, make one with ${s2SetUp})`, define)
  else describe(name, define)
}

/** Records as the text that the stream must hold. */
export function textsOf(records: readonly EventRecord[]): string[] {
  return records.map(({ bytes }) => Buffer.from(bytes).toString('utf8'))
}

export interface S2World extends SinkWorld {
  readonly stream: string
  readonly proxy: TcpProxy
  /** A sink of that stream for a log, through the proxy. */
  sinkFor(log: Pick<EventLog, 'reader' | 'seq'>): Sink
  bodies(): Promise<string[]>
}

/** A new stream of that S2, reached through a proxy of its own. */
export async function makeS2World(lite: S2Lite, log: Pick<EventLog, 'reader' | 'seq'>): Promise<S2World> {
  const proxy = await startTcpProxy(lite.port)
  const { stream } = lite.settings()
  const sinkFor = (own: Pick<EventLog, 'reader' | 'seq'>): Sink =>
    createS2Sink({ settings: lite.settings(stream, proxy.port), log: own, clock: systemClock })
  const bodies = (): Promise<string[]> => bodiesOf(lite, stream)
  return {
    stream,
    proxy,
    sinkFor,
    bodies,
    open: async () => sinkFor(log),
    arrived: async () => (await bodies()).map((text) => Number(JSON.parse(text).seq)),
    cut: async () => {
      proxy.refuse()
      return async () => proxy.accept()
    },
    stall: async () => {
      proxy.stall('everything')
      return async () => proxy.resume()
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}
