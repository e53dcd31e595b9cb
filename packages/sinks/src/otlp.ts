// Events to an OpenTelemetry collector, as log records over HTTP. Keeps no queue: what the collector does not take stays in the log, within
// the log's bounds, and comes again. The encoder is loaded with the first batch: who exports nothing pays nothing.
import { type Category, type Clock, categories, delay, type EventFilter, type EventRecord, limits, TelemetryError } from '@tabscope/schema'
import type { OtlpConfig } from './otlp-config.ts'
import { type Encoder, loadEncoder } from './otlp-encoder.ts'
import { notExported, type OtlpRecord, otlpRecordOf } from './otlp-mapping.ts'
import { createOtlpTransport, type OtlpTransport } from './otlp-transport.ts'
import type { Sink, SinkBatch, WriteReport } from './sink.ts'

export interface OtlpSinkOptions {
  readonly config: OtlpConfig
  readonly clock: Clock
  /** What is added to the configuration's resource, such as the session's labels; asked for with each batch. */
  readonly labels?: () => Readonly<Record<string, string>>
}

/** For the pump: what is never exported is never read. */
export const otlpFilter: EventFilter = { categories: new Set(categories.filter((category: Category) => !notExported.has(category))) }

/** A record on its way, with the number by which it is told when it is refused. */
interface Mapped {
  readonly seq: number
  readonly record: OtlpRecord
}

interface State {
  readonly options: OtlpSinkOptions
  readonly transport: OtlpTransport
  readonly closed: AbortController
  encoder: Promise<Encoder> | undefined
  /** The collector asked to be left alone until then. */
  notBeforeMs: number
}

/** What became of the parts of one batch so far. */
interface Tally {
  readonly refused: number[]
  unnamed: number
}

/** Resolves with what was refused; the rest is at the collector. Rejects when a part of it has to be tried again. */
async function write(state: State, { records }: SinkBatch, signal: AbortSignal): Promise<WriteReport> {
  const { clock } = state.options
  if (state.notBeforeMs > clock.monotonicMs()) await delay(clock, state.notBeforeMs - clock.monotonicMs(), signal)
  state.encoder ??= loadEncoder()
  const encoder = await state.encoder
  const tally: Tally = { refused: [], unnamed: 0 }
  await deliver({ state, encoder, signal, tally }, records.flatMap(mapped))
  return { refused: tally.refused, refusedUnnamed: tally.unnamed }
}

function mapped(record: EventRecord): Mapped[] {
  const log = otlpRecordOf(record)
  return log === undefined ? [] : [{ seq: record.seq, record: log }]
}

interface Delivery {
  readonly state: State
  readonly encoder: Encoder
  readonly signal: AbortSignal
  readonly tally: Tally
}

/** Sends them in one request, or, when that is too large or is refused, in two halves: one bad event does not take others along. */
async function deliver(delivery: Delivery, records: readonly Mapped[]): Promise<void> {
  const { state, encoder, signal, tally } = delivery
  if (records.length === 0) return
  const { config, labels, clock } = state.options
  const body = encoder.encode(
    records.map(({ record }) => record),
    { ...config.resource, ...labels?.() },
  )
  if (body.length > limits.otlpRequestBytes && records.length > 1) return deliverHalves(delivery, records)
  const answer = await state.transport.send(body, signal)
  switch (answer.kind) {
    case 'taken':
      tally.unnamed += encoder.rejectedIn(answer.body, records.length)
      return
    case 'unavailable':
      if (answer.retryAfterMs !== undefined) state.notBeforeMs = clock.monotonicMs() + answer.retryAfterMs
      throw new TelemetryError('sink_unavailable', { name: 'otlp', problem: answer.reason })
    case 'refused':
      // Where nearly everything is refused, looking for the one bad event would only be a flood of requests.
      if (records.length > 1 && tally.refused.length < limits.otlpRefusedMost) return deliverHalves(delivery, records)
      for (const { seq } of records) tally.refused.push(seq)
  }
}

async function deliverHalves(delivery: Delivery, records: readonly Mapped[]): Promise<void> {
  const half = Math.ceil(records.length / 2)
  await deliver(delivery, records.slice(0, half))
  await deliver(delivery, records.slice(half))
}

/** A sink for one collector. */
export function createOtlpSink(options: OtlpSinkOptions): Sink {
  const { config, clock } = options
  const state: State = {
    options,
    transport: createOtlpTransport(config, clock),
    closed: new AbortController(),
    encoder: undefined,
    notBeforeMs: 0,
  }
  const close = async (): Promise<void> => state.closed.abort(new TelemetryError('sink_closed', { name: 'otlp' }))
  return {
    name: 'otlp',
    // Without the query, which may hold a token.
    destination: `${config.url.origin}${config.url.pathname}`,
    write: async (batch, signal) => {
      const either = AbortSignal.any([state.closed.signal, signal])
      either.throwIfAborted()
      return write(state, batch, either)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
