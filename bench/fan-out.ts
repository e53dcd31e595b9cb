// Fan-out: how many events a second reach all clients of the stream, against the floor: the same frames joined per turn of the event
// loop and written to plain sockets. Both are measured in turns in one run, with the readers in another process.
// The floor waits for slow sockets as the streams do: a turn is written when everybody took the one before.
//   npm run bench -- fan-out [--full]
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EventLog, openEventLog } from '@tabscope/log'
import { delay, type EventDraft, systemClock } from '@tabscope/schema'
import { createLogger, type RunningServer, serve } from '@tabscope/server'
import type { ReadOrder, ReadReport } from './fan-out-clients.ts'

const eventsPerTurn = 50
const padding = 'x'.repeat(700)

interface Round {
  readonly eventsPerSecond: number
  readonly megabytesPerSecond: number
  readonly residentMegabytes: number
  /** CPU time of the writing process for a million events at a million clients, so to say: what a busy machine changes least. */
  readonly cpuNsPerEvent: number
}

function draft(position: number): EventDraft<'console_log'> {
  const data = { level: 'log', text: `line ${position} ${padding}`, args: [`line ${position}`] }
  return { type: 'console_log', category: 'console', detailLevel: 'standard', source: { kind: 'local_process' }, data }
}

/** Tells a new reading process to open its connections; resolves when all are open. */
async function startReaders(order: ReadOrder): Promise<{ child: ChildProcess; done: Promise<ReadReport & { at: 'done' }> }> {
  const child = fork(new URL('./fan-out-clients.ts', import.meta.url), { execArgv: process.execArgv })
  const ready = once(child, 'message')
  child.send(order)
  await ready
  const done = once(child, 'message').then(([report]) => report as ReadReport & { at: 'done' })
  return { child, done }
}

const request = 'GET /telemetry/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'

function startServer(): Promise<RunningServer> {
  return serve({ port: 0, browser: { at: 'none' }, telemetry: ['console'], logger: createLogger('silent') })
}

async function measureStreams(clients: number, events: number): Promise<Round> {
  const server = await startServer()
  const { child, done } = await startReaders({
    port: Number(new URL(server.url).port),
    clients,
    hello: request,
    expectedBytes: streamBytes(events),
    latency: false,
  })
  const startMs = systemClock.monotonicMs()
  const cpuBefore = process.cpuUsage()
  for (let sent = 0; sent < events; sent += eventsPerTurn) {
    for (let index = 0; index < eventsPerTurn; index++) server.log.append(draft(sent + index), 'bench')
    await nextTurn()
  }
  const residentMegabytes = process.memoryUsage.rss() / 1e6
  const report = await done
  const tookMs = systemClock.monotonicMs() - startMs
  const cpu = process.cpuUsage(cpuBefore)
  child.disconnect()
  await server.close()
  return roundOf({ events, clients, tookMs, cpu, report, residentMegabytes })
}

async function measureFloor(clients: number, events: number): Promise<Round> {
  await using log = await openEventLog({ clock: systemClock })
  const server = createServer()
  const sockets: Socket[] = []
  server.on('connection', (socket) => {
    // A reader that has everything cuts its connection.
    socket.on('error', () => undefined)
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { child, done } = await startReaders({
    port: (server.address() as AddressInfo).port,
    clients,
    hello: '',
    expectedBytes: streamBytes(events),
    latency: false,
  })
  while (sockets.length < clients) await nextTurn()
  const startMs = systemClock.monotonicMs()
  const cpuBefore = process.cpuUsage()
  for (let sent = 0; sent < events; sent += eventsPerTurn) {
    const joined = joinedFrames(log, sent)
    const full = sockets.filter((socket) => !socket.write(joined))
    if (full.length > 0) await Promise.all(full.map((socket) => once(socket, 'drain')))
    await nextTurn()
  }
  const residentMegabytes = process.memoryUsage.rss() / 1e6
  const report = await done
  const tookMs = systemClock.monotonicMs() - startMs
  const cpu = process.cpuUsage(cpuBefore)
  child.disconnect()
  server.close()
  return roundOf({ events, clients, tookMs, cpu, report, residentMegabytes })
}

/** The frames of one turn, joined as plainly as can be: published like ours, then concatenated. */
function joinedFrames(log: EventLog, from: number): Buffer {
  const parts: Uint8Array[] = []
  for (let index = 0; index < eventsPerTurn; index++) {
    const record = log.append(draft(from + index), 'bench')
    parts.push(Buffer.from(`id: ${record.seq}\ndata: `), record.bytes, frameEnd)
  }
  return Buffer.concat(parts)
}

const frameEnd = Buffer.from('\n\n')

/** The bytes of all frames of a stream. */
function streamBytes(events: number): number {
  const ts = systemClock.wallUs()
  let bytes = 0
  for (let position = 0; position < events; position++) {
    const { type, category, detailLevel, source, data } = draft(position)
    const envelope = {
      seq: position + 1,
      capture_session_id: 'bench',
      event: { ts, type, category, detail_level: detailLevel, source, data },
    }
    bytes += `id: ${position + 1}\ndata: ${JSON.stringify(envelope)}\n\n`.length
  }
  return bytes
}

interface RoundFacts {
  readonly events: number
  readonly clients: number
  readonly tookMs: number
  readonly cpu: NodeJS.CpuUsage
  readonly report: ReadReport & { at: 'done' }
  readonly residentMegabytes: number
}

function roundOf({ events, clients, tookMs, cpu, report, residentMegabytes }: RoundFacts): Round {
  return {
    eventsPerSecond: (events / tookMs) * 1000,
    megabytesPerSecond: report.bytes / tookMs / 1000,
    residentMegabytes,
    cpuNsPerEvent: ((cpu.user + cpu.system) * 1000) / (events * clients),
  }
}

async function measureLatency(clients: number, eventsPerSecond: number): Promise<{ p50Us: number; p99Us: number }> {
  const server = await startServer()
  const { child, done } = await startReaders({
    port: Number(new URL(server.url).port),
    clients,
    hello: request,
    expectedBytes: undefined,
    latency: true,
  })
  const everyMs = 1000 / eventsPerSecond
  const startMs = systemClock.monotonicMs()
  for (let sent = 0; sent < eventsPerSecond * 3; sent++) {
    server.log.append(draft(sent), 'bench')
    const waitMs = startMs + (sent + 1) * everyMs - systemClock.monotonicMs()
    if (waitMs > 0) await delay(systemClock, waitMs)
  }
  await server.close()
  const { latenciesUs } = await done
  child.disconnect()
  const sorted = [...latenciesUs].sort((a, b) => a - b)
  return { p50Us: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN, p99Us: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN }
}

function median(rounds: readonly Round[], of: keyof Round): number {
  const sorted = rounds.map((round) => round[of]).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function compare(clients: number, events: number, rounds: number): Promise<void> {
  const ours: Round[] = []
  const floors: Round[] = []
  for (let round = 0; round < rounds; round++) {
    floors.push(await measureFloor(clients, events))
    ours.push(await measureStreams(clients, events))
  }
  const figure = median(ours, 'eventsPerSecond')
  const floor = median(floors, 'eventsPerSecond')
  const line = [
    `clients ${clients}`,
    `events ${events}`,
    `figure ${Math.round(figure)}/s (${Math.round(median(ours, 'megabytesPerSecond'))} MB/s)`,
    `floor ${Math.round(floor)}/s (${Math.round(median(floors, 'megabytesPerSecond'))} MB/s)`,
    `ratio ${(figure / floor).toFixed(2)}`,
    `CPU ${Math.round(median(ours, 'cpuNsPerEvent'))} ns an event and client, floor ${Math.round(median(floors, 'cpuNsPerEvent'))}`,
    `resident ${Math.round(median(ours, 'residentMegabytes'))} MB, floor ${Math.round(median(floors, 'residentMegabytes'))} MB`,
  ]
  process.stdout.write(`fan-out: ${line.join(' · ')}\n`)
}

const full = process.argv.includes('--full')
const sizes: readonly (readonly [number, number])[] = [[1, 20_000], [100, 10_000], ...(full ? ([[1000, 4000]] as const) : [])]
for (const [clients, events] of sizes) await compare(clients, events, 5)
for (const clients of [1, 100]) {
  const { p50Us, p99Us } = await measureLatency(clients, 500)
  process.stdout.write(`fan-out latency: clients ${clients} · 500 events/s · p50 ${p50Us} µs · p99 ${p99Us} µs\n`)
}
