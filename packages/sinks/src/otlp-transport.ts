// One OTLP request over HTTP and what its answer means. Never tries again: when and how often is the pump's business. Nothing that it says
// holds a header or a query of the endpoint, because both may be secrets.
// Follows https://opentelemetry.io/docs/specs/otlp/#otlphttp-response (and docs/decisions/0030 where it does not).
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Clock, deadline, limits } from '@tabscope/schema'
import type { OtlpConfig } from './otlp-config.ts'

/** `refused`: this very request is not taken, whenever it is sent. `unavailable`: perhaps later. */
export type OtlpAnswer =
  | { readonly kind: 'taken'; readonly body: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs: number | undefined }

export interface OtlpTransport {
  /** Sends the protobuf bytes. Rejects with the signal's reason, and for nothing else. */
  send(body: Uint8Array, signal: AbortSignal): Promise<OtlpAnswer>
}

const compress = promisify(gzip)

/** What the request itself is to blame for; with anything else a later try may do. */
const requestFaults: ReadonlySet<number> = new Set([400, 413, 415, 422])

export function createOtlpTransport(config: OtlpConfig, clock: Clock): OtlpTransport {
  return { send: (body, signal) => send({ config, clock }, body, signal) }
}

interface State {
  readonly config: OtlpConfig
  readonly clock: Clock
}

async function send(state: State, body: Uint8Array, signal: AbortSignal): Promise<OtlpAnswer> {
  const { config, clock } = state
  signal.throwIfAborted()
  const isCompressed = config.compression === 'gzip'
  const limit = deadline(clock, config.timeoutMs, signal)
  try {
    const response = await fetch(config.url, {
      method: 'POST',
      headers: {
        'user-agent': 'tabscope',
        ...config.headers,
        'content-type': 'application/x-protobuf',
        ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
      },
      body: Buffer.from(isCompressed ? await compress(body) : body),
      // Headers with tokens are for the configured place alone.
      redirect: 'manual',
      signal: limit.signal,
    })
    return await answerOf(response, clock)
  } catch (cause) {
    signal.throwIfAborted()
    return { kind: 'unavailable', reason: `${placeOf(config.url)} does not answer: ${failureOf(cause)}`, retryAfterMs: undefined }
  } finally {
    limit.cancel()
  }
}

async function answerOf(response: Response, clock: Clock): Promise<OtlpAnswer> {
  const { status } = response
  if (status >= 200 && status < 300) return { kind: 'taken', body: await readUpTo(response, limits.otlpAnswerBytes) }
  // What it says is not shown: it may quote what was sent. Reading on would only keep the connection busy.
  await response.body?.cancel()
  if (requestFaults.has(status)) return { kind: 'refused', reason: `the collector answered ${status}` }
  const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), clock)
  return { kind: 'unavailable', reason: `the collector answered ${status}`, retryAfterMs }
}

async function readUpTo(response: Response, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    // Taken is taken: an answer that nobody can want to read to its end says no more than that.
    if (size > mostBytes) return new Uint8Array()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Seconds, or an HTTP date; within bounds, so that no collector can silence the export for ever. */
function retryAfterOf(value: string | null, clock: Clock): number | undefined {
  if (value === null) return undefined
  const text = value.trim()
  const waitMs = /^[0-9]{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.wallUs() / 1000
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), limits.otlpRetryAfterMostMs)
}

/** The endpoint without its query. */
function placeOf(url: URL): string {
  return `${url.origin}${url.pathname}`
}

/** `fetch` says why in the cause; its own text is always the same. */
function failureOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'the request failed'
  const inner = cause.cause
  if (inner instanceof Error) return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message
  return cause.message
}
