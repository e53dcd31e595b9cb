// `npm run soak -- s2-chaos [--minutes N] [--seed N] [--plant double|hole|disorder|stranger]`: a process that writes events and carries them to
// a real S2 is killed at random, and so is S2, and so is the network between them. At the end every event that the log holds for good is in
// the stream once and in order, byte for byte, and nothing else is. With `--plant` a spoilt copy of the stream is checked: the run must fail.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type EventLog, openEventLog } from '@tabscope/log'
import { foregroundClock as clock, delay } from '@tabscope/schema'
import { openCheckpoint } from '../checkpoint.ts'
import { startPump } from '../pump.ts'
import { createS2Sink } from '../s2-sink.ts'
import { makeFolder } from './log.ts'
import { createRandom, type Random } from './random.ts'
import { type S2Lite, startS2Lite } from './s2-lite.ts'
import { isPlant, type Plant, plantFault, plants } from './s2-plant.ts'
import { bodiesOf } from './s2-stream-bodies.ts'
import { durableTexts, faultsOf } from './stream-check.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

interface Setting {
  readonly directory: string
  readonly lite: S2Lite
  readonly proxy: TcpProxy
  readonly stream: string
  readonly random: Random
  readonly counts: Map<string, number>
  readonly troubles: string[]
  writer: ChildProcess
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function startWriter({ directory, stream, lite, proxy, troubles }: Omit<Setting, 'writer'>): ChildProcess {
  const program = fileURLToPath(new URL('chaos-writer.ts', import.meta.url))
  const settings = JSON.stringify({ port: proxy.port, basin: lite.basin, stream })
  const child = spawn(process.execPath, ['--conditions=tabscope-source', '--import', 'tsx', program, directory, settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout?.on('data', (chunk) => troubles.push(...String(chunk).trim().split('\n')))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error(`the writer ended by itself with code ${child.exitCode}`)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

const disturbances: Readonly<Record<string, (setting: Setting) => Promise<void>>> = {
  'writer killed': async (setting) => {
    await kill(setting.writer)
    setting.writer = startWriter(setting)
  },
  'S2 killed': async ({ lite, random }) => {
    await lite.kill()
    await delay(clock, random.below(3000))
    await lite.restart()
  },
  'connections cut': async ({ proxy }) => proxy.cut(),
  'connections refused': async ({ proxy, random }) => {
    proxy.refuse()
    await delay(clock, random.below(4000))
    proxy.accept()
  },
  'answers stalled': async ({ proxy, random }) => {
    proxy.stall('answers')
    await delay(clock, random.below(8000))
    proxy.resume()
  },
  'everything stalled': async ({ proxy, random }) => {
    proxy.stall('everything')
    await delay(clock, random.below(8000))
    if (random.chance()) proxy.cut()
    proxy.resume()
  },
  'writer killed while answers stalled': async (setting) => {
    const { proxy, random } = setting
    proxy.stall('answers')
    await delay(clock, random.below(2000))
    await kill(setting.writer)
    proxy.resume()
    setting.writer = startWriter(setting)
  },
}

async function disturb(setting: Setting, untilMs: number): Promise<void> {
  const { random, counts } = setting
  const entries = Object.entries(disturbances)
  while (clock.monotonicMs() < untilMs) {
    await delay(clock, 500 + random.below(3500))
    const [name, run] = entries[random.below(entries.length)] ?? []
    if (name === undefined || run === undefined) continue
    counts.set(name, (counts.get(name) ?? 0) + 1)
    await run(setting)
  }
}

/** What the writers left unsent, carried by this process with nothing in the way. */
async function finish({ directory, lite, stream }: Setting, log: EventLog): Promise<void> {
  const sink = createS2Sink({ settings: lite.settings(stream), log, clock })
  await using pump = startPump({ log, sink, checkpoint: await openCheckpoint(`${directory}/checkpoints/s2.json`), clock })
  while (pump.state().lagEvents > 0) {
    if (pump.state().phase === 'stopped') throw new Error(pump.state().lastError)
    await delay(clock, 50)
  }
}

function tell(setting: Setting, durable: readonly string[], stream: readonly string[], faults: readonly string[]): void {
  for (const [name, count] of [...setting.counts].sort()) say(`${String(count).padStart(6)}  ${name}`)
  const kinds = new Map<string, number>()
  for (const text of setting.troubles.filter(Boolean)) {
    const { kind } = JSON.parse(text) as { kind: string }
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  say(`told by the writers: ${[...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'nothing'}`)
  say(`durable events in the log   ${durable.length}, the last is number ${JSON.parse(durable.at(-1) ?? '{"seq":0}').seq}`)
  say(`records in the S2 stream    ${stream.length}, of them different ${new Set(stream).size}`)
  say(faults.length === 0 ? 'each durable event is in S2 exactly once, in order, byte for byte' : faults.join('\n'))
}

interface Run {
  readonly minutes: number
  readonly seed: number
  readonly plant: Plant | undefined
}

async function main({ minutes, seed, plant }: Run): Promise<number> {
  await using folder = await makeFolder()
  await using s2Folder = await makeFolder()
  await using lite = await startS2Lite(s2Folder.path)
  await using proxy = await startTcpProxy(lite.port)
  const directory = `${folder.path}/data`
  const base = { directory, lite, proxy, stream: 'chaos', random: createRandom(seed), counts: new Map<string, number>(), troubles: [] }
  const setting: Setting = { ...base, writer: startWriter(base) }
  say(`${minutes} minutes of kills of writer, S2 and network, seed ${seed}`)
  try {
    await disturb(setting, clock.monotonicMs() + minutes * 60_000)
  } finally {
    await kill(setting.writer)
  }
  await using log = await openEventLog({ directory, clock })
  await finish(setting, log)
  if (plant !== undefined) say(`planted, to see that it is found: ${plant}`)
  const checked = plant === undefined ? setting.stream : await plantFault(lite, setting.stream, plant)
  const durable = await durableTexts(log)
  const stream = await bodiesOf(lite, checked)
  const faults = faultsOf(durable, stream)
  tell(setting, durable, stream, faults)
  return faults.length === 0 && durable.length > 0 ? 0 : 1
}

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' }, plant: { type: 'string' } },
})
const { plant } = values
if (plant !== undefined && !isPlant(plant)) throw new Error(`--plant ${plant}: give one of ${plants.join(', ')}`)
process.exitCode = await main({ minutes: Number(values.minutes), seed: Number(values.seed), plant })
