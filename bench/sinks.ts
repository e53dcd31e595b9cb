// Sinks: what the S2 sink carries out of a log on disk, against the floor: the S2 client's own maximum with the same bytes from memory,
// both into the same `s2 lite`, near and 10 ms away. Then how fast a log catches up after an outage, OTLP, and what publishing pays for a
// sink that is down.
//   node --import tsx bench/sinks.ts [--full]
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EventLog, openEventLog } from '@tabscope/log'
import { foregroundClock as clock } from '@tabscope/schema'
import { createForgetfulCheckpoint, createS2Sink, type S2Settings, type Sink, startPump } from '@tabscope/sinks'
import { startDistance } from '../packages/sinks/src/testing/distance.ts'
import { runClient } from '../packages/sinks/src/testing/s2-client.ts'
import { findS2, type S2Lite, s2SetUp, startS2Lite } from '../packages/sinks/src/testing/s2-lite.ts'
import { carryAll, makeDraft, median, openFilledLog, print, printLoad, publishOne, timed } from './sinks-log.ts'
import { benchOtlp } from './sinks-otlp.ts'

const isFull = process.argv.includes('--full')
const rounds = 3
const eventsPerRound = isFull ? 50_000 : 20_000
const outageEvents = isFull ? 1_000_000 : 50_000
const downEvents = isFull ? 200_000 : 50_000
const oneWayMs = 10

function alone(sink: Sink): Sink {
  const { overlap: _, ...rest } = sink
  return rest
}

/** The client alone against the sink, which writes several batches at a time or only one. */
async function benchThroughput(lite: S2Lite, log: EventLog, where: { readonly port: number; readonly text: string }): Promise<void> {
  const records = log.readLive(log.seq - 1000, Number.POSITIVE_INFINITY) ?? []
  const bodies = Array.from({ length: log.seq }, (_, index) => records[index % records.length]?.bytes ?? new Uint8Array(1000))
  const settings = (): S2Settings => lite.settings(undefined, where.port)
  const sink = (to: S2Settings): Sink => createS2Sink({ settings: to, log, clock })
  const figures = { client: [] as number[], sink: [] as number[], alone: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    figures.client.push(await timed(log.seq, () => runClient(settings(), bodies)))
    figures.sink.push(await timed(log.seq, () => carryAll(log, sink(settings()))))
    figures.alone.push(await timed(log.seq, () => carryAll(log, alone(sink(settings())))))
  }
  const floor = median(figures.client)
  const share = (perSecond: number): string => `${(perSecond / floor).toFixed(2)} of the floor`
  print(`${where.text}: the S2 client alone, bytes in memory (floor)`, floor)
  print(`${where.text}: log on disk, pump, S2 sink`, median(figures.sink), share(median(figures.sink)))
  print(`${where.text}: the same, one batch at a time`, median(figures.alone), share(median(figures.alone)))
}

async function benchCatchUp(lite: S2Lite, folder: string): Promise<void> {
  await using log = await openFilledLog(join(folder, 'outage'), outageEvents)
  const perSecond = await timed(outageEvents, () => carryAll(log, createS2Sink({ settings: lite.settings(), log, clock })))
  print(`catching up ${outageEvents.toLocaleString('en')} events from disk`, perSecond, `${(outageEvents / perSecond).toFixed(1)} s`)
}

async function publishTurns(log: EventLog): Promise<void> {
  for (let count = 0; count < downEvents; count++) {
    publishOne(log, count)
    if (count % 50 === 0) await nextTurn()
  }
  await log.flush()
}

async function benchDown(folder: string): Promise<void> {
  const figures = { none: [] as number[], down: [] as number[] }
  const nowhere = { accessToken: () => 'none', basin: 'basin-nowhere', stream: 'x', accountEndpoint: 'http://127.0.0.1:9' }
  const settings: S2Settings = { ...nowhere, basinEndpoint: 'http://127.0.0.1:9' }
  for (let round = 0; round < rounds; round++) {
    for (const kind of ['none', 'down'] as const) {
      const directory = join(folder, `${kind}-${round}`)
      await using log = await openEventLog({ directory, clock })
      const sink = createS2Sink({ settings, log, clock })
      const pump = kind === 'down' ? startPump({ log, sink, checkpoint: createForgetfulCheckpoint(), clock }) : undefined
      figures[kind].push(await timed(downEvents, () => publishTurns(log)))
      await pump?.close()
      rmSync(directory, { recursive: true, force: true })
    }
  }
  print('publishing without a sink', median(figures.none))
  print('publishing with a sink that is down', median(figures.down), `${(median(figures.down) / median(figures.none)).toFixed(2)} of that`)
}

async function main(): Promise<number> {
  if (findS2() === undefined) {
    process.stdout.write(`there is no s2 on this machine: ${s2SetUp}\n`)
    return 1
  }
  const folder = mkdtempSync(join(tmpdir(), 'tabscope-bench-'))
  printLoad(loadavg())
  let hasCollector: boolean
  try {
    await using lite = await startS2Lite()
    const bytes = JSON.stringify(makeDraft(1)).length + 130
    process.stdout.write(`${rounds} rounds, medians; events of ${bytes} bytes; s2 lite in memory on the same machine\n`)
    {
      await using log = await openFilledLog(join(folder, 'throughput'), eventsPerRound)
      await using far = await startDistance(lite.port, oneWayMs, clock)
      await benchThroughput(lite, log, { port: lite.port, text: 'near' })
      await benchThroughput(lite, log, { port: far.port, text: `${oneWayMs} ms away` })
    }
    await benchCatchUp(lite, folder)
    hasCollector = await benchOtlp(folder, { events: eventsPerRound, rounds })
    await benchDown(folder)
    process.stdout.write(`resident at the end: ${Math.round(process.memoryUsage().rss / 1_048_576)} MiB\n`)
    printLoad(loadavg())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return hasCollector ? 0 : 1
}

process.exitCode = await main()
