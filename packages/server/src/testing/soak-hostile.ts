// `npm run soak -- hostile [page]`: the hostile pages in full size, each on a Chromium and a collector process of its own, beside a tab that
// beats. Prints, for each, the events told, the memory of the collector (resident: before, most and after; by its own counters: the most of
// its ring) and what became of the beats; fails when a beat is missing, double or out of order, when a cut is not told, or when the memory
// of the process or of a part of it is above its bound.
import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { systemClock } from '@tabscope/schema'
import { type HostileOptions, type HostileRun, openHostileRun, undisturbed } from './hostile-run.ts'

interface Case {
  readonly name: string
  readonly path: string
  readonly last: string
  readonly options?: HostileOptions
  readonly act?: (run: HostileRun) => Promise<void>
}

const patienceMs = 600_000
// Ring, queue of the disk and the largest message three times over (bytes, text, parsed), and Node itself.
const mostBytes = 1_000_000_000

const cases: readonly Case[] = [
  { name: '100,000 console calls', path: '/console-burst.html?count=100000', last: 'burst over' },
  { name: 'strings of 50 MB', path: '/huge-strings.html?bytes=50000000', last: 'huge over' },
  { name: '10,000 frames', path: '/frames.html?count=10000', last: 'frames over' },
  { name: '500 documents of redirects', path: '/redirects.html?documents=500', last: 'documents over' },
  {
    name: '2,000 × pushState',
    path: '/push-state.html?count=2000',
    last: 'push over',
    options: { chromiumArgs: ['--disable-ipc-flooding-protection'] },
  },
  { name: 'objects', path: '/objects.html', last: 'objects over' },
  { name: 'characters', path: '/characters.html', last: 'characters over' },
  { name: 'names', path: '/names.html', last: 'names over' },
  { name: 'a worker of garbage', path: '/worker-garbage.html', last: 'garbage over' },
  { name: '900 dialogs', path: '/alerts.html?count=300', last: 'alerts over', act: answerDialogs },
  {
    name: 'a crash',
    path: '/crash.html',
    last: 'crash begins',
    options: { chromiumArgs: ['--js-flags=--max-old-space-size=64'] },
    act: (run) => run.tail.until('the crash', () => run.tail.counts.has('page_crashed')),
  },
]

async function answerDialogs(run: HostileRun): Promise<void> {
  for (let count = 1; count <= 900; count++) {
    await run.tail.until(`dialog ${count}`, () => (run.tail.counts.get('page_dialog_opened') ?? 0) >= count)
    await run.driver.send('Page.handleJavaScriptDialog', { accept: true }, run.page.sessionId)
  }
}

async function residentBytes(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024
  return { now: read('VmRSS'), most: read('VmHWM') }
}

async function runCase({ name, path, last, options = {}, act }: Case): Promise<boolean> {
  await using run = await openHostileRun({ ...options, isForked: true, isForgetful: true })
  const from = systemClock.monotonicMs()
  const before = await residentBytes(run.collector.pid)
  const outcome = await run.visit(path, last, { withinMs: patienceMs, ...(act === undefined ? {} : { act: () => act(run) }) })
  const { cuts } = outcome
  const { now, most } = await residentBytes(run.collector.pid)
  const events = [...run.tail.counts.values()].reduce((sum, count) => sum + count, 0)
  const arrived = isDeepStrictEqual({ ...outcome, cuts: [] }, undisturbed)
  const seconds = ((systemClock.monotonicMs() - from) / 1000).toFixed(1)
  const columns = [
    name.padEnd(28),
    String(events).padStart(8),
    `${seconds} s`.padStart(9),
    ...[before.now, most, now, run.most.get('ring bytes') ?? 0].map(megabytes),
  ]
  process.stdout.write(`${columns.join('')}  ${arrived ? 'all, in order' : JSON.stringify(outcome)}  ${cuts.join('; ')}\n`)
  return arrived && most <= mostBytes
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`.padStart(9)

const [wanted] = process.argv.slice(2)
process.stdout.write(`${'page'.padEnd(28)}  events     took   before     most    after     ring  beats of the other tab  cuts\n`)
let isRight = true
for (const each of cases) if (wanted === undefined || each.path.includes(wanted)) isRight = (await runCase(each)) && isRight
process.exitCode = isRight ? 0 : 1
