// Sinks: what the S2 sink carries out of a log on disk, against the floor: the S2 client's own maximum with the same bytes from memory,
// both into the same `s2 lite`. Then how fast a log catches up after an outage, and what publishing pays for a sink that is down.
//   node --import tsx bench/sinks.ts [--full]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EventLog, openEventLog } from '@tabscope/log'
import { foregroundClock as clock, delay, type ForeignDraft } from '@tabscope/schema'
import { createForgetfulCheckpoint, createS2Sink, type Pump, type S2Settings, startPump } from '@tabscope/sinks'
import { runClient } from '../packages/sinks/src/testing/s2-client.ts'
import { findS2, type S2Lite, s2SetUp, startS2Lite } from '../packages/sinks/src/testing/s2-lite.ts'

const isFull = process.argv.includes('--full')
const rounds = 3
const eventsPerRound = isFull ? 50_000 : 10_000
const outageEvents = isFull ? 1_000_000 : 50_000
const downEvents = isFull ? 200_000 : 50_000

/** About 1 KB as JSON. */
function makeDraft(count: number): ForeignDraft {
  return {
    type: 'bench_event',
    category: 'system',
    detailLevel: 'standard',
    source: { kind: 'local_process', event: 'bench' },
    data: { count, url: `https://shop.example.com/api/v2/items/${count}`, text: 'x'.repeat(780) },
  }
}

async function fill(log: EventLog, count: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    log.append(makeDraft(done), '0b8f7a52-3d8e-4f5a-9a51-6a4f3a0c7d11')
    // Faster than the disk, events would be lost to it.
    if (done % 10_000 === 9_999) await log.flush()
  }
  await log.flush()
}

async function timed(count: number, run: () => Promise<void>): Promise<number> {
  globalThis.gc?.()
  const startMs = clock.monotonicMs()
  await run()
  return (count / (clock.monotonicMs() - startMs)) * 1000
}

function startSink(log: EventLog, settings: S2Settings): Pump {
  return startPump({ log, sink: createS2Sink({ settings, log, clock }), checkpoint: createForgetfulCheckpoint(), clock })
}

async function untilDone(pump: Pump, log: EventLog): Promise<void> {
  while (pump.state().doneSeq < log.seq) await delay(clock, 5)
  if (pump.state().written !== log.seq) throw new Error(`${pump.state().written} of ${log.seq} events arrived`)
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0
}

function print(name: string, perSecond: number, note = ''): void {
  process.stdout.write(`${name.padEnd(52)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} events/s  ${note}\n`)
}

async function benchThroughput(lite: S2Lite, folder: string): Promise<void> {
  await using log = await openEventLog({ directory: join(folder, 'throughput'), clock })
  await fill(log, eventsPerRound)
  const records = log.readLive(0, Number.POSITIVE_INFINITY) ?? []
  const bodies = Array.from({ length: eventsPerRound }, (_, index) => records[index % records.length]?.bytes ?? new Uint8Array(1000))
  const figures = { client: [] as number[], sink: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    figures.client.push(await timed(eventsPerRound, () => runClient(lite.settings(), bodies)))
    const pump = startSink(log, lite.settings())
    figures.sink.push(await timed(eventsPerRound, () => untilDone(pump, log)))
    await pump.close()
  }
  const floor = median(figures.client)
  print('floor: the client alone, bytes in memory', floor)
  print('log on disk, pump, S2 sink', median(figures.sink), `${(median(figures.sink) / floor).toFixed(2)} of the floor`)
}

async function benchCatchUp(lite: S2Lite, folder: string): Promise<void> {
  await using log = await openEventLog({ directory: join(folder, 'outage'), clock, limits: { retentionBytes: 4 * 1024 ** 3 } })
  await fill(log, outageEvents)
  const pump = startSink(log, lite.settings())
  const perSecond = await timed(outageEvents, () => untilDone(pump, log))
  await pump.close()
  print(`catching up ${outageEvents.toLocaleString('en')} events from disk`, perSecond, `${(outageEvents / perSecond).toFixed(1)} s`)
}

async function publishTurns(log: EventLog): Promise<void> {
  for (let count = 0; count < downEvents; count++) {
    log.append(makeDraft(count), '0b8f7a52-3d8e-4f5a-9a51-6a4f3a0c7d11')
    if (count % 50 === 0) await nextTurn()
  }
  await log.flush()
}

async function benchDown(folder: string): Promise<void> {
  const figures = { none: [] as number[], down: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    for (const kind of ['none', 'down'] as const) {
      await using log = await openEventLog({ directory: join(folder, `${kind}-${round}`), clock })
      const nowhere = { accessToken: () => 'none', basin: 'basin-nowhere', stream: 'x', accountEndpoint: 'http://127.0.0.1:9' }
      const pump = kind === 'down' ? startSink(log, { ...nowhere, basinEndpoint: 'http://127.0.0.1:9' }) : undefined
      figures[kind].push(await timed(downEvents, () => publishTurns(log)))
      await pump?.close()
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
  try {
    await using lite = await startS2Lite()
    process.stdout.write(
      `${rounds} rounds, medians; events of ${JSON.stringify(makeDraft(1)).length + 130} bytes; s2 lite in memory on the same machine\n`,
    )
    await benchThroughput(lite, folder)
    await benchCatchUp(lite, folder)
    await benchDown(folder)
    process.stdout.write(`resident at the end: ${Math.round(process.memoryUsage().rss / 1_048_576)} MiB\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return 0
}

process.exitCode = await main()
