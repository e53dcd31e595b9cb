// Publish: 1 KB events through append + ring + segments, against the floor: JSON.stringify of the same envelopes and one batched file
// write for each 256 KiB. Both are measured in turns in one run on the same disk, so that a busy machine slows both.
//   node --import tsx bench/publish.ts [--full]
import { mkdtempSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EventLog, openEventLog } from '@tabscope/log'
import { type EventDraft, limits, systemClock } from '@tabscope/schema'

const captureSessionId = '0b8f7a52-3d8e-4f5a-9a51-6a4f3a0c7d11'
const isFull = process.argv.includes('--full')
const rounds = isFull ? 15 : 7
const eventsPerRound = isFull ? 200_000 : 50_000
// As many as one read of a busy socket brings.
const eventsPerTurn = 50

/** A new object each time, as a translator makes it: nothing of it is cached by anybody. About 1 KB as JSON. */
function makeDraft(count: number): EventDraft<'network_request'> {
  return {
    type: 'network_request',
    category: 'network',
    detailLevel: 'standard',
    source: {
      kind: 'cdp',
      event: 'Network.requestWillBeSent',
      metadata: {
        telemetry_session_id: captureSessionId,
        cdp_session_id: 'A9D4C1E7B3F24D6C8E5A7B9C1D3E5F70',
        target_id: '4F6A8C0E2B4D6F8A0C2E4B6D8F0A2C4E',
        target_type: 'page',
      },
    },
    data: {
      session_id: 'A9D4C1E7B3F24D6C8E5A7B9C1D3E5F70',
      target_id: '4F6A8C0E2B4D6F8A0C2E4B6D8F0A2C4E',
      target_type: 'page',
      frame_id: '4F6A8C0E2B4D6F8A0C2E4B6D8F0A2C4E',
      loader_id: 'B1D3F5A7C9E1B3D5F7A9C1E3B5D7F9A1',
      nav_seq: 3,
      cdp_timestamp: 81234.567891 + count,
      request_id: `1000.${count}`,
      method: 'GET',
      url: `https://shop.example.com/api/v2/items/${count}?page=3&sort=price`,
      document_url: 'https://shop.example.com/catalogue/shoes',
      resource_type: 'Fetch',
      initiator_type: 'script',
      headers: {
        Accept: 'application/json',
        Referer: 'https://shop.example.com/catalogue/shoes',
        'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
        'sec-ch-ua-platform': '"Linux"',
      },
    },
  }
}

interface Figure {
  readonly perSecond: number
  /** Processor time of all threads, the kernel's included: what a busy machine changes least. */
  readonly cpuUs: number
}

async function timed(run: () => Promise<void>): Promise<Figure> {
  // What the run before left behind is not this one's to clean up.
  globalThis.gc?.()
  const startCpu = process.cpuUsage()
  const startMs = systemClock.monotonicMs()
  await run()
  const perSecond = (eventsPerRound / (systemClock.monotonicMs() - startMs)) * 1000
  const { user, system } = process.cpuUsage(startCpu)
  return { perSecond, cpuUs: (user + system) / eventsPerRound }
}

async function runTurns(onEvent: (count: number) => void): Promise<void> {
  for (let count = 0; count < eventsPerRound; count++) {
    onEvent(count)
    if (count % eventsPerTurn === 0) await nextTurn()
  }
}

/** The least anybody could do who keeps events as lines in a file. */
async function runFloor(file: FileHandle): Promise<void> {
  let lines: string[] = []
  let bytes = 0
  let writing: Promise<unknown> = Promise.resolve()
  const write = (): void => {
    const text = lines.join('')
    lines = []
    bytes = 0
    writing = writing.then(() => file.write(text))
  }
  await runTurns((count) => {
    const { type, category, detailLevel, source, data } = makeDraft(count)
    const event = { ts: systemClock.wallUs(), type, category, detail_level: detailLevel, source, data }
    const line = `${JSON.stringify({ seq: count + 1, capture_session_id: captureSessionId, event })}\n`
    lines.push(line)
    bytes += line.length
    if (bytes >= limits.logBatchBytes) write()
  })
  write()
  await writing
}

async function runLog(log: EventLog): Promise<void> {
  await runTurns((count) => {
    log.append(makeDraft(count), captureSessionId)
  })
  await log.flush()
  if (log.durableSeq !== log.seq) throw new Error(`only ${log.durableSeq} of ${log.seq} events came to disk`)
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0
}

function medianOf(figures: readonly Figure[]): Figure {
  return { perSecond: median(figures.map(({ perSecond }) => perSecond)), cpuUs: median(figures.map(({ cpuUs }) => cpuUs)) }
}

function print(name: string, figure: Figure, floor: Figure): void {
  const perSecond = Math.round(figure.perSecond).toLocaleString('en').padStart(9)
  const ratio = (figure.perSecond / floor.perSecond).toFixed(2)
  const cpu = `CPU ${figure.cpuUs.toFixed(2)} µs/event, ${(floor.cpuUs / figure.cpuUs).toFixed(2)} of the floor`
  process.stdout.write(`${name.padEnd(34)} ${perSecond} events/s  ${ratio} of the floor   ${cpu}\n`)
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tabscope-bench-'))
  const figures = { floor: [] as Figure[], memory: [] as Figure[], none: [] as Figure[], batch: [] as Figure[] }
  try {
    for (let round = 0; round < rounds; round++) {
      const file = await open(join(folder, `floor-${round}`), 'w')
      figures.floor.push(await timed(() => runFloor(file)))
      await file.close()
      for (const sync of ['memory', 'none', 'batch'] as const) {
        const where = sync === 'memory' ? {} : { directory: join(folder, `${sync}-${round}`), sync }
        await using log = await openEventLog({ ...where, clock: systemClock })
        figures[sync].push(
          await timed(() => (sync === 'memory' ? runTurns((count) => void log.append(makeDraft(count), captureSessionId)) : runLog(log))),
        )
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const floor = medianOf(figures.floor)
  process.stdout.write(
    `${rounds} rounds of ${eventsPerRound.toLocaleString('en')} events of ${JSON.stringify(makeDraft(1)).length} bytes, medians\n`,
  )
  print('floor: stringify + batched write', floor, floor)
  print('append + ring', medianOf(figures.memory), floor)
  print('append + ring + segments', medianOf(figures.none), floor)
  print('the same, flushed (sync: batch)', medianOf(figures.batch), floor)
  process.stdout.write(`resident at the end: ${Math.round(process.memoryUsage().rss / 1_048_576)} MiB\n`)
}

await main()
