// A server that plays recorded events as if they happened now: the same stream with the same frames, resume and filters, for any reader.
// It has no browser, captures nothing, and takes nothing from outside. Only on loopback.
import { type Call, createRouter, guarded, listen } from '@tabscope/http'
import type { ReplayLog } from '@tabscope/log'
import { type Clock, configOff } from '@tabscope/schema'
import type { Logger } from './log-line.ts'
import { openStream } from './routes/stream.ts'
import { createStreams } from './streams.ts'

export interface ReplayServerOptions {
  readonly log: ReplayLog
  /** 0 = any free port. */
  readonly port: number
  readonly clock: Clock
  readonly logger: Logger
}

export interface ReplayServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:10001`. */
  readonly url: string
  /** Ends streams cleanly. May be called twice. */
  close(): Promise<void>
}

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
}

/** Opens the port. Throws `port_in_use` and `host_not_available`. */
export async function serveReplay({ log, port, clock, logger }: ReplayServerOptions): Promise<ReplayServer> {
  const onTrouble = (cause: unknown): void => logger.error({ err: cause }, 'a stream could not read the events and was cut')
  const streams = createStreams({ log, clock, mostStreams: undefined, onTrouble })
  const state = (): unknown => ({
    config: configOff,
    seq: log.seq,
    durable_seq: log.durableSeq,
    dropped_events: 0,
    labels: {},
    warnings: [`This is a replay of recorded events; it has got to ${log.seq} of ${log.lastSeq}.`],
  })
  const router = createRouter({
    routes: [
      { method: 'GET', path: '/telemetry/stream', handle: (call: Call) => openStream({ streams }, call) },
      { method: 'GET', path: '/telemetry', handle: () => json(state()) },
      { method: 'GET', path: '/healthz', handle: () => json({ status: 'ok' }) },
    ],
    onDefect: (cause, call) => logger.error({ err: cause, ...call }, 'a request failed'),
  })
  const handler = guarded(router, { allowedHosts: [], corsOrigins: [], anyHost: false })
  const listening = await listen({ host: '127.0.0.1', port, handler, clock })
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= streams.end().then(() => listening.close())
    return closing
  }
  return { url: listening.url, close, [Symbol.asyncDispose]: close }
}
