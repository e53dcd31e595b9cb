// The part of the benchmark of sinks with a real OpenTelemetry Collector: the OTLP sink out of a log on disk, against the floor: the same
// requests, encoded before, posted one after another by the same means.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { foregroundClock as clock } from '@tabscope/schema'
import { createOtlpSink, otlpConfigFrom, type Sink } from '@tabscope/sinks'
import { noCollector, startCollector } from '../packages/sinks/src/testing/otelcol.ts'
import { carryAll, median, openFilledLog, print, timed } from './sinks-log.ts'

function sinkFor(endpoint: string): Sink {
  const config = otlpConfigFrom({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
  if (config === undefined) throw new Error('no endpoint')
  return createOtlpSink({ config, clock })
}

/** The bodies of the requests that a run makes of the log. */
async function recordBodies(run: (endpoint: string) => Promise<void>): Promise<Buffer[]> {
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    bodies.push(Buffer.concat(chunks))
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  await run(`http://127.0.0.1:${address.port}`)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  return bodies
}

async function post(endpoint: string, bodies: readonly Buffer[]): Promise<void> {
  for (const body of bodies) {
    const headers = { 'content-type': 'application/x-protobuf' }
    const response = await fetch(`${endpoint}/v1/logs`, { method: 'POST', headers, body: Buffer.from(body) })
    if (response.status !== 200) throw new Error(`the collector answered ${response.status}`)
    await response.arrayBuffer()
  }
}

/** Prints its figures. False when there is no collector on this machine. */
export async function benchOtlp(folder: string, { events, rounds }: { events: number; rounds: number }): Promise<boolean> {
  if (noCollector !== undefined) {
    process.stdout.write(`OTLP: ${noCollector}\n`)
    return false
  }
  await using log = await openFilledLog(join(folder, 'otlp'), events)
  await using collector = await startCollector({ prints: 'counts' })
  const bodies = await recordBodies((endpoint) => carryAll(log, sinkFor(endpoint)))
  const figures = { floor: [] as number[], sink: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    figures.floor.push(await timed(events, () => post(collector.endpoint, bodies)))
    figures.sink.push(await timed(events, () => carryAll(log, sinkFor(collector.endpoint))))
  }
  const floor = median(figures.floor)
  const sink = median(figures.sink)
  print('OTLP floor: the same requests, encoded before', floor, `${bodies.length} requests, one after another`)
  print('OTLP: log on disk, pump, sink, a real collector', sink, `${(sink / floor).toFixed(2)} of the floor`)
  return true
}
