// `npm run bench -- monitor [--full]`: recorded CDP traffic over a local WebSocket through the monitor, against `ws` + JSON.parse of the
// same messages. Both in this process, in turns, with the sender in another; CPU is this process's own.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createMonitor } from '@tabscope/monitor'
import { configOff, systemClock, withCategories } from '@tabscope/schema'
import { WebSocket } from 'ws'

interface Traffic {
  readonly port: number
  readonly messages: number
  readonly bytes: number
}

interface ParsedMessage {
  readonly method?: string
  readonly params?: { readonly args?: readonly { readonly value?: unknown }[] }
}

interface Run {
  readonly ms: number
  readonly cpuMs: number
}

const config = withCategories(configOff, new Set(['console', 'network', 'page']))
const endText = 'bench-end'

async function measured(start: () => void, done: Promise<unknown>): Promise<Run> {
  const before = process.cpuUsage()
  const startMs = performance.now()
  start()
  await done
  const cpu = process.cpuUsage(before)
  return { ms: performance.now() - startMs, cpuMs: (cpu.user + cpu.system) / 1000 }
}

async function throughMonitor(sender: ChildProcess, traffic: Traffic): Promise<Run & { events: number }> {
  let events = 0
  let finish = (): void => undefined
  let becomeLive = (): void => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const live = new Promise<void>((resolve) => {
    becomeLive = resolve
  })
  await using monitor = createMonitor({
    endpoint: async () => `ws://127.0.0.1:${traffic.port}`,
    clock: systemClock,
    publish: (draft) => {
      events += 1
      if (draft.type === 'console_log' && (draft.data as { text?: string }).text === endText) finish()
      return undefined
    },
    onState: (at) => at === 'live' && becomeLive(),
  })
  await monitor.apply(config, 'bench')
  await live
  const run = await measured(() => sender.send('to the monitor'), finished)
  return { ...run, events }
}

async function throughParser(sender: ChildProcess, traffic: Traffic): Promise<Run> {
  const socket = new WebSocket(`ws://127.0.0.1:${traffic.port}`, { perMessageDeflate: false })
  await once(socket, 'open')
  const finished = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const { method, params } = JSON.parse(data.toString('utf8')) as ParsedMessage
      if (method === 'Runtime.consoleAPICalled' && params?.args?.[0]?.value === endText) resolve()
    })
  })
  const run = await measured(() => sender.send('to the parser'), finished)
  socket.terminate()
  return run
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const turns = 7
const rounds = process.argv.includes('--full') ? 10_000 : 2_500
const sender = fork(fileURLToPath(new URL('./monitor-traffic.ts', import.meta.url)), [String(rounds)], {
  execArgv: ['--conditions=tabscope-source', '--import', 'tsx'],
})
const [traffic] = (await once(sender, 'message')) as [Traffic]
process.stdout.write(
  `${traffic.messages} messages, ${(traffic.bytes / 1_048_576).toFixed(1)} MiB, ${turns} turns each after one to warm up\n`,
)
const monitored: Run[] = []
const parsed: Run[] = []
let events = 0
// The first turn of both compiles; what is measured is what a process does that has run for a while.
for (let turn = 0; turn <= turns; turn++) {
  const own = await throughMonitor(sender, traffic)
  const floor = await throughParser(sender, traffic)
  events = own.events
  if (turn === 0) continue
  monitored.push(own)
  parsed.push(floor)
}
sender.disconnect()
const figure = (runs: readonly Run[]): { rate: number; cpuUs: number } => ({
  rate: traffic.messages / (median(runs.map((run) => run.ms)) / 1000),
  cpuUs: (median(runs.map((run) => run.cpuMs)) * 1000) / traffic.messages,
})
const own = figure(monitored)
const floor = figure(parsed)
process.stdout.write(
  `monitor ${Math.round(own.rate)} messages/s, ${own.cpuUs.toFixed(2)} µs CPU a message, ${events} events a turn
floor   ${Math.round(floor.rate)} messages/s, ${floor.cpuUs.toFixed(2)} µs CPU a message (ws + JSON.parse of every message)
ratio   ${(own.rate / floor.rate).toFixed(2)} of the floor's rate, ${(own.cpuUs / floor.cpuUs).toFixed(2)} × its CPU (aim: rate ≥ 0.7)
memory  ${(process.memoryUsage().rss / 1_048_576).toFixed(0)} MiB resident\n`,
)
