// What the parts of the benchmark of sinks share: a log full of events of about 1 KB, a pump on it, and figures as lines.
import { type EventLog, openEventLog } from '@tabscope/log'
import { foregroundClock as clock, delay, type ForeignDraft } from '@tabscope/schema'
import { createForgetfulCheckpoint, type Sink, startPump } from '@tabscope/sinks'

const captureSessionId = '0b8f7a52-3d8e-4f5a-9a51-6a4f3a0c7d11'

/** About 1 KB as JSON. */
export function makeDraft(count: number): ForeignDraft {
  return {
    type: 'bench_event',
    category: 'system',
    detailLevel: 'standard',
    source: { kind: 'local_process', event: 'bench' },
    data: { count, url: `https://shop.example.com/api/v2/items/${count}`, text: 'x'.repeat(780) },
  }
}

/** Publishes one of them. */
export function publishOne(log: EventLog, count: number): void {
  log.append(makeDraft(count), captureSessionId)
}

/** A log in that folder with so many events, all of them on disk. */
export async function openFilledLog(directory: string, count: number): Promise<EventLog> {
  const log = await openEventLog({ directory, clock, limits: { retentionBytes: 4 * 1024 ** 3 } })
  for (let done = 0; done < count; done++) {
    publishOne(log, done)
    // Faster than the disk, events would be lost to it.
    if (done % 10_000 === 9_999) await log.flush()
  }
  await log.flush()
  return log
}

/** Events a second of a run with so many. */
export async function timed(count: number, run: () => Promise<void>): Promise<number> {
  globalThis.gc?.()
  const startMs = clock.monotonicMs()
  await run()
  return (count / (clock.monotonicMs() - startMs)) * 1000
}

/** Carries the whole log into the sink. Rejects when fewer events arrived. */
export async function carryAll(log: EventLog, sink: Sink): Promise<void> {
  await using pump = startPump({ log, sink, checkpoint: createForgetfulCheckpoint(), clock })
  while (pump.state().doneSeq < log.seq) {
    if (pump.state().phase === 'stopped') throw new Error(pump.state().lastError)
    await delay(clock, 5)
  }
  if (pump.state().written !== log.seq) throw new Error(`${pump.state().written} of ${log.seq} events arrived`)
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0
}

/** One figure. */
export function print(name: string, perSecond: number, note = ''): void {
  process.stdout.write(`${name.padEnd(56)} ${Math.round(perSecond).toLocaleString('en').padStart(9)} events/s  ${note}\n`)
}

/** What the machine had to do beside this: figures of a busy one are low. */
export function printLoad(averages: readonly number[]): void {
  process.stdout.write(`load average of the machine ${averages.map((average) => average.toFixed(1)).join(' ')}\n`)
}
