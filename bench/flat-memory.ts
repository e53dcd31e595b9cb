// Flat memory: many events through a log on disk, with a live reader and one that always comes late and reads from disk. Prints the
// resident size after the first tenth, when every buffer has filled up, and at the end; fails when it grew by more than a heap may settle.
//   node --expose-gc --import tsx bench/flat-memory.ts [--full]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EventLog, type LogReader, openEventLog } from '@tabscope/log'
import { systemClock } from '@tabscope/schema'

const isFull = process.argv.includes('--full')
const events = isFull ? 5_000_000 : 500_000
const captureSessionId = '0b8f7a52-3d8e-4f5a-9a51-6a4f3a0c7d11'
const aheadMost = 20_000
// V8 settles on the size of its heap only after some hundred thousand events; a leak of 200 bytes an event would be over this.
const largestGrowthMiB = 96

function append(log: EventLog, count: number): void {
  log.append(
    {
      type: 'console_log',
      category: 'console',
      detailLevel: 'standard',
      source: {
        kind: 'cdp',
        event: 'Runtime.consoleAPICalled',
        metadata: { cdp_session_id: `session-${count % 1000}`, target_id: `tab-${count % 1000}` },
      },
      data: { target_id: `tab-${count % 1000}`, target_type: 'page', level: 'log', text: `event ${count} ${'x'.repeat(count % 1200)}` },
    },
    captureSessionId,
  )
}

interface Tally {
  records: number
  missed: number
}

/** Reads what is there now. */
async function drain(reader: LogReader, tally: Tally): Promise<void> {
  for (let result = await reader.read(262_144); result.at !== 'caught-up'; result = await reader.read(262_144)) {
    if (result.at === 'records') tally.records += result.records.length
    else tally.missed += (result.gap.to ?? result.gap.from) - result.gap.from + 1
  }
}

function residentMiB(): number {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().rss / 1_048_576)
}

async function run(log: EventLog): Promise<{ first: number; last: number; live: Tally; late: Tally }> {
  const live: Tally = { records: 0, missed: 0 }
  const late: Tally = { records: 0, missed: 0 }
  await using liveReader = log.reader({ from: { at: 'now' } })
  await using lateReader = log.reader({ from: { at: 'now' } })
  let first = 0
  for (let count = 1; count <= events; count++) {
    append(log, count)
    if (count % 100 === 0) await nextTurn()
    if (count % 1000 === 0) await drain(liveReader, live)
    // More than the ring holds, so that it has to read from disk.
    if (count % 40_000 === 0) await drain(lateReader, late)
    if (log.seq - log.durableSeq > aheadMost) await log.flush()
    if (count === events / 10) first = residentMiB()
  }
  await log.flush()
  await drain(liveReader, live)
  await drain(lateReader, late)
  return { first, last: residentMiB(), live, late }
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tabscope-bench-'))
  try {
    const startMs = systemClock.monotonicMs()
    await using log = await openEventLog({ directory, clock: systemClock, sync: 'none' })
    const { first, last, live, late } = await run(log)
    const seconds = (systemClock.monotonicMs() - startMs) / 1000
    process.stdout.write(`${events.toLocaleString('en')} events in ${seconds.toFixed(1)} s, lost to the disk: ${log.droppedEvents}\n`)
    process.stdout.write(
      `live reader ${live.records} records, ${live.missed} missed; late reader ${late.records} records, ${late.missed} missed\n`,
    )
    process.stdout.write(`resident after the first tenth ${first} MiB, at the end ${last} MiB (${(last / first).toFixed(2)})\n`)
    if (last - first > largestGrowthMiB) process.exitCode = 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

await main()
