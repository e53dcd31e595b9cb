// What the OTLP sink makes of answers that a healthy collector does not give: a real HTTP server says them.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createManualClock, systemClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { createOtlpSink } from './otlp.ts'
import { otlpConfigFrom } from './otlp-config.ts'
import type { Sink } from './sink.ts'
import { append, openLog } from './testing/log.ts'

const forever = new AbortController().signal
const secret = 's3cr3t'

interface Receiver extends AsyncDisposable {
  readonly sink: Sink
  readonly requests: readonly { readonly headers: IncomingMessage['headers']; readonly bytes: number }[]
}

type Answer = (response: ServerResponse, bytes: number) => void

interface ReceiverOptions {
  readonly clock?: typeof systemClock
  readonly environment?: Readonly<Record<string, string>>
}

async function receiver(answer: Answer, { clock = systemClock, environment = {} }: ReceiverOptions = {}): Promise<Receiver> {
  const requests: { headers: IncomingMessage['headers']; bytes: number }[] = []
  const server = createServer(async (request, response) => {
    let bytes = 0
    for await (const chunk of request) bytes += (chunk as Buffer).length
    requests.push({ headers: request.headers, bytes })
    answer(response, bytes)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const config = otlpConfigFrom({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${secret}`,
    ...environment,
  })
  if (config === undefined) throw new Error('no endpoint')
  return {
    sink: createOtlpSink({ config, clock }),
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const says =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end()

async function writeSome(to: Receiver, count = 4): Promise<Awaited<ReturnType<Sink['write']>>> {
  await using log = await openLog()
  return to.sink.write({ records: append(log, count) }, forever)
}

test('headers are sent, and the body is protobuf', async () => {
  await using to = await receiver(says(200))
  await writeSome(to)
  expect(to.requests[0]?.headers).toMatchObject({ 'x-api-key': secret, 'content-type': 'application/x-protobuf', 'user-agent': 'tabscope' })
})

test.each([401, 403, 404, 429, 500, 502, 503, 504, 302])('an answer of %i is no loss: the batch is to come again', async (status) => {
  await using to = await receiver(says(status, { location: 'http://127.0.0.1:9/elsewhere' }))
  await expect(writeSome(to)).rejects.toMatchObject({
    code: 'sink_unavailable',
    message: `The sink otlp cannot write: the collector answered ${status}. Its events are kept and it is tried again.`,
  })
  expect(to.requests.length).toBe(1)
})

test('what is refused is looked for by halves, so that one bad event takes no other along', async () => {
  // Refuses every request that is larger than one short event and its resource.
  let largest = 0
  await using to = await receiver((response, bytes) => {
    largest = Math.max(largest, bytes)
    response.writeHead(bytes > 700 ? 400 : 200).end()
  })
  await using log = await openLog()
  const records = append(log, 7)
  const long = {
    ...{ type: 'long', category: 'system', detailLevel: 'standard', source: { kind: 'local_process' } },
    data: { text: 'x'.repeat(2_000) },
  }
  records.push(...append(log, 1, () => long as Parameters<typeof log.append>[0]), ...append(log, 8))
  const report = await to.sink.write({ records }, forever)
  expect([report, largest > 700]).toEqual([{ refused: [8], refusedUnnamed: 0 }, true])
})

test('a collector that refuses everything is not flooded with single events', async () => {
  await using to = await receiver(says(400))
  const report = await writeSome(to, 1000)
  expect([report.refused.length, to.requests.length < 60]).toEqual([1000, true])
})

test('a partial success counts what was rejected', async () => {
  const message = Buffer.from('too old')
  const partial = Buffer.from([0x08, 3, 0x12, message.length, ...message])
  await using to = await receiver((response) => void response.writeHead(200).end(Buffer.from([0x0a, partial.length, ...partial])))
  expect(await writeSome(to)).toEqual({ refused: [], refusedUnnamed: 3 })
})

test.each([
  ['nonsense', Buffer.from('<html>ok</html>')],
  ['more than anybody would read', Buffer.alloc(1_000_000, 0x0a)],
])('an answer of %s to a batch that was taken is still yes', async (_what, body) => {
  await using to = await receiver((response) => void response.writeHead(200).end(body))
  expect(await writeSome(to)).toEqual({ refused: [], refusedUnnamed: 0 })
})

test.each([
  ['in seconds', '7', 7_000],
  ['as a date', 'Tue, 14 Nov 2023 22:13:25 GMT', 5_000],
  ['longer than anybody should wait', '86400', 600_000],
])('Retry-After %s is kept to', async (_form, value, waitMs) => {
  const clock = createManualClock()
  let status = 503
  await using to = await receiver((response) => void response.writeHead(status, { 'retry-after': value }).end(), { clock })
  await expect(writeSome(to)).rejects.toMatchObject({ code: 'sink_unavailable' })
  status = 200
  const again = writeSome(to)
  while (clock.pendingTimers() === 0) await nextTurn()
  clock.advance(waitMs - 1)
  await nextTurn()
  const early = [to.requests.length, clock.pendingTimers()]
  clock.advance(1)
  await again
  expect([early, to.requests.length]).toEqual([[1, 1], 2])
})

test('a request that gets no answer is given up after the configured time', async () => {
  const clock = createManualClock()
  await using to = await receiver(() => clock.advance(2_000), { clock, environment: { OTEL_EXPORTER_OTLP_TIMEOUT: '2000' } })
  await expect(writeSome(to)).rejects.toThrow('does not answer: no answer within 2000 ms')
})

test('nobody there is told with the address, and neither headers nor query are in any error', async () => {
  const config = otlpConfigFrom({
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://127.0.0.1:9/v1/logs?key=${secret}`,
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${secret}`,
  })
  if (config === undefined) throw new Error('no endpoint')
  await using log = await openLog()
  const sink = createOtlpSink({ config, clock: systemClock })
  const error = await sink.write({ records: append(log, 1) }, forever).catch((cause: unknown) => cause)
  const shown = error instanceof Error ? `${error.stack} ${JSON.stringify(error)} ${sink.destination}` : ''
  expect([shown.includes('http://127.0.0.1:9/v1/logs does not answer: '), shown.includes(secret)]).toEqual([true, false])
})
