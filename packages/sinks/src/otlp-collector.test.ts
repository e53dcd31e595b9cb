// The OTLP sink against a real OpenTelemetry Collector: what it prints is what it understood.
import { createManualClock, type ForeignDraft, limits, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createForgetfulCheckpoint } from './checkpoint.ts'
import { createOtlpSink, otlpFilter } from './otlp.ts'
import { type OtlpConfig, otlpConfigFrom } from './otlp-config.ts'
import { startPump } from './pump.ts'
import type { Sink } from './sink.ts'
import { append, openLog } from './testing/log.ts'
import { type Collector, noCollector, startCollector } from './testing/otelcol.ts'
import { describeSink, type SinkWorld } from './testing/sink-suite.ts'

const withCollector = test.skipIf(noCollector !== undefined)
const forever = new AbortController().signal

function configFor(collector: Collector, environment: Readonly<Record<string, string>> = {}): OtlpConfig {
  const config = otlpConfigFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '5000', ...environment })
  if (config === undefined) throw new Error('no endpoint')
  return config
}

function sinkFor(collector: Collector, environment: Readonly<Record<string, string>> = {}): Sink {
  return createOtlpSink({ config: configFor(collector, environment), clock: systemClock })
}

let markers = 0

/** Resolves when everything that the collector acknowledged is printed: it prints a request before it answers it, and in order. */
async function settle(collector: Collector): Promise<void> {
  const text = `marker ${++markers}`
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }] })
  await fetch(`${collector.endpoint}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  await collector.until((output) => output.includes(`Str(${text})`))
}

/** Larger than what the suite's collector takes of one request, also when it is alone. */
const largeDraft = (): ForeignDraft => ({
  type: 'large',
  category: 'system',
  detailLevel: 'standard',
  source: { kind: 'local_process' },
  data: { parts: Array.from({ length: 12 }, () => 'x'.repeat(limits.otlpTextBytes)) },
})

async function makeWorld(): Promise<SinkWorld> {
  const collector = await startCollector({ requestBytes: 150_000 })
  return {
    open: async () => sinkFor(collector),
    arrived: async () => {
      await settle(collector)
      return collector.seqs()
    },
    cut: async () => {
      await collector.kill()
      return () => collector.start()
    },
    stall: async () => {
      collector.freeze()
      return async () => collector.goOn()
    },
    [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose](),
  }
}

if (noCollector === undefined) {
  describeSink('otlp', { makeWorld, repeats: 'written again', hasNetwork: true, poison: largeDraft })
} else {
  test.skip(`the sink otlp keeps the promises of every sink (${noCollector})`, () => undefined)
}

withCollector('a collector understands an event as a log record with its name, time, severity, body and attributes', async () => {
  await using collector = await startCollector()
  const clock = createManualClock()
  await using log = await openLog({ clock })
  await using sink = createOtlpSink({
    config: configFor(collector, { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }),
    clock,
    labels: () => ({ egress_ip: '203.0.113.7' }),
  })
  const record = log.append(
    {
      type: 'network_response',
      category: 'network',
      detailLevel: 'standard',
      source: { kind: 'cdp', event: 'Network.loadingFinished', metadata: { target_id: 'T1' } },
      data: {
        request_id: '7',
        url: 'https://example.com/a',
        method: 'GET',
        status: 404,
        timing: { wait_ms: 1.5 },
        huge: 1e19,
        nothing: null,
      },
    },
    'session-1',
  )
  await sink.write({ records: [record] }, forever)
  const output = await collector.until((text) => text.includes('Flags: 0'))
  const from = output.indexOf('Resource attributes:')
  expect(output.slice(from, output.indexOf('Trace ID:')).split('\n')).toEqual([
    'Resource attributes:',
    '     -> service.name: Str(shop)',
    '     -> egress_ip: Str(203.0.113.7)',
    'ScopeLogs #0',
    'ScopeLogs SchemaURL: ',
    'InstrumentationScope tabscope ',
    'LogRecord #0',
    'ObservedTimestamp: 2023-11-14 22:13:20 +0000 UTC',
    'Timestamp: 2023-11-14 22:13:20 +0000 UTC',
    'SeverityText: INFO',
    'SeverityNumber: Info(9)',
    'EventName: network_response',
    'Body: Map({"huge":10000000000000000000,"method":"GET","nothing":null,"request_id":"7","status":404,"timing":{"wait_ms":1.5},"url":"https://example.com/a"})',
    'Attributes:',
    '     -> kernel.target_id: Str(T1)',
    '     -> kernel.event.type: Str(network_response)',
    '     -> kernel.event.category: Str(network)',
    '     -> kernel.event.seq: Int(1)',
    '     -> kernel.detail_level: Str(standard)',
    '     -> kernel.source.kind: Str(cdp)',
    '     -> kernel.source.event: Str(Network.loadingFinished)',
    '     -> session.id: Str(session-1)',
    '     -> http.request.method: Str(GET)',
    '     -> http.response.status_code: Int(404)',
    '     -> url.full: Str(https://example.com/a)',
    '     -> server.address: Str(example.com)',
    '     -> server.port: Int(443)',
    '     -> error.type: Str(404)',
    '',
  ])
})

withCollector('a collector that is down and comes back gets every event, and screenshots never', async () => {
  await using collector = await startCollector()
  await using log = await openLog()
  const sink = sinkFor(collector)
  await using pump = startPump({ log, sink, checkpoint: createForgetfulCheckpoint(), clock: systemClock, filter: otlpFilter })
  const picture = (): ForeignDraft => ({
    type: 'monitor_screenshot',
    category: 'screenshot',
    detailLevel: 'standard',
    source: { kind: 'local_process' },
    data: { png: 'AAAA' },
  })
  append(log, 20)
  // It prints before it answers; killed in between, it would get the batch again, as is promised.
  while (pump.state().doneSeq < 20) await new Promise((resolve) => setImmediate(resolve))
  await collector.kill()
  append(log, 20)
  append(log, 1, picture)
  append(log, 20)
  await collector.start()
  await collector.until((output) => output.includes('kernel.event.seq: Int(61)'))
  await pump.close()
  await settle(collector)
  const all = Array.from({ length: 61 }, (_, index) => index + 1).filter((seq) => seq !== 41)
  expect([collector.seqs(), collector.output().includes('AAAA'), pump.state().written]).toEqual([all, false, 60])
})

withCollector('more than fits one request goes in several', async () => {
  await using collector = await startCollector()
  await using log = await openLog()
  await using sink = sinkFor(collector)
  const records = append(log, 30, largeDraft)
  const { refused } = await sink.write({ records }, forever)
  await settle(collector)
  const requests = collector.output().split('"log records": ').length - 1
  expect([refused, collector.seqs(), requests > 2]).toEqual([[], records.map(({ seq }) => seq), true])
})
