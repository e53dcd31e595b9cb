// The control plane: how long a browser takes from request to ready, what forwarding a stream costs against going to the browser's server
// directly, what an idle server costs, and 10 (with --full 20) browsers created at once. Needs a build.
//   node --import tsx bench/control.ts [--full]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { delay, systemClock } from '@tabscope/schema'
import {
  type ControlProcess,
  cpuMs,
  directUrl,
  forwardedStream,
  type MeasuredBrowser,
  memoryMiB,
  processTree,
  serverPid,
  startControlProcess,
} from './control-process.ts'

const isFull = process.argv.includes('--full')
const rounds = isFull ? 10 : 5
const together = isFull ? 20 : 10
const events = isFull ? 20_000 : 5_000
const idleMs = isFull ? 20_000 : 8_000

async function timedMs(run: () => Promise<unknown>): Promise<number> {
  const startMs = systemClock.monotonicMs()
  await run()
  return systemClock.monotonicMs() - startMs
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0
}

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(46)} ${text}\n`)
}

async function remove(control: ControlProcess, browser: MeasuredBrowser): Promise<void> {
  await control.ask('DELETE', `/browsers/${browser.session_id}`)
}

async function measureCreation(control: ControlProcess): Promise<void> {
  const times = { headless: [] as number[], window: [] as number[], remove: [] as number[] }
  const once = async (kind: 'headless' | 'window'): Promise<number> => {
    let browser: MeasuredBrowser | undefined
    const ms = await timedMs(async () => {
      browser = await control.create({ headless: kind === 'headless' })
    })
    const made = browser
    if (made !== undefined) times.remove.push(await timedMs(() => remove(control, made)))
    return ms
  }
  const coldMs = await once('headless')
  for (let round = 0; round < rounds; round++) {
    times.headless.push(await once('headless'))
    times.window.push(await once('window'))
  }
  print('creation to ready, the first', `${coldMs.toFixed(0)} ms`)
  print(`creation to ready, headless (median of ${rounds})`, `${median(times.headless).toFixed(0)} ms`)
  print('creation to ready, with a window on Xvfb', `${median(times.window).toFixed(0)} ms`)
  print('deletion to gone', `${median(times.remove).toFixed(0)} ms`)
}

async function publish(browser: MeasuredBrowser, text: string): Promise<void> {
  const body = JSON.stringify({ type: 'test_event', category: 'system', data: { text } })
  const response = await fetch(directUrl(browser, '/telemetry/events'), { method: 'POST', body })
  if (!response.ok) throw new Error(`publishing answered ${response.status}`)
  await response.arrayBuffer()
}

/** Reads the stream until the last event is there; answers how many bytes came. */
async function drain(response: Response, last: string): Promise<number> {
  let bytes = 0
  let tail = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    tail = `${tail.slice(-last.length)}${decoder.decode(chunk, { stream: true })}`
    if (tail.includes(last)) return bytes
  }
  throw new Error('the stream ended early')
}

async function measureForwarding(control: ControlProcess, browser: MeasuredBrowser): Promise<void> {
  const text = 'x'.repeat(900)
  for (let count = 0; count < events; count += 50) {
    await Promise.all(Array.from({ length: 50 }, () => publish(browser, text)))
  }
  await publish(browser, 'the last one')
  const open = {
    direct: (query: string): Promise<Response> => fetch(directUrl(browser, `/telemetry/stream${query}`)),
    forwarded: (query: string): Promise<Response> => forwardedStream(control, browser, query),
  }
  const figures = { direct: [] as number[], forwarded: [] as number[] }
  const latencies = { direct: [] as number[], forwarded: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    for (const way of ['direct', 'forwarded'] as const) {
      let bytes = 0
      const ms = await timedMs(async () => {
        bytes = await drain(await open[way]('?replay=all'), 'the last one')
      })
      figures[way].push(bytes / 1048.576 / ms)
      for (let turn = 0; turn < 10; turn++) {
        const mark = `mark ${way} ${round} ${turn}.`
        const stream = await open[way]('')
        latencies[way].push(await timedMs(() => Promise.all([drain(stream, mark), publish(browser, mark)])))
      }
    }
  }
  for (const way of ['direct', 'forwarded'] as const) {
    const speed = `${median(figures[way]).toFixed(1)} MiB/s, ${(median(figures[way]) / median(figures.direct)).toFixed(2)} of direct`
    print(
      `stream, replay of ${events.toLocaleString('en')} events, ${way}`,
      `${speed}; publish to received ${median(latencies[way]).toFixed(1)} ms`,
    )
  }
}

async function measureMany(control: ControlProcess, data: string): Promise<void> {
  let browsers: readonly MeasuredBrowser[] = []
  const ms = await timedMs(async () => {
    browsers = await Promise.all(Array.from({ length: together }, () => control.create()))
  })
  print(`${together} browsers at once, until all are ready`, `${(ms / 1000).toFixed(1)} s`)
  // What starting left to do is not idling.
  await delay(systemClock, 3_000)
  const servers = browsers.map((browser) => serverPid(data, browser))
  const own = [control.child.pid ?? 0]
  const before = { servers: cpuMs(servers), all: cpuMs(processTree(servers)), control: cpuMs(own) }
  await delay(systemClock, idleMs)
  const share = (used: number): string => `${((used / idleMs / together) * 100).toFixed(2)} % of one processor`
  print('an idle server', `${(memoryMiB(servers) / together).toFixed(0)} MiB, ${share(cpuMs(servers) - before.servers)}`)
  const tree = processTree(servers)
  print('the same with its Chromium', `${(memoryMiB(tree) / together).toFixed(0)} MiB, ${share(cpuMs(tree) - before.all)}`)
  const ownShare = (((cpuMs(own) - before.control) / idleMs) * 100).toFixed(2)
  print(`the control plane, with ${together} idle browsers`, `${memoryMiB(own).toFixed(0)} MiB, ${ownShare} % of one processor`)
  const endMs = await timedMs(() => Promise.all(browsers.map((browser) => remove(control, browser))))
  print(`${together} deleted at once`, `${(endMs / 1000).toFixed(1)} s`)
}

async function main(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'tabscope-bench-control-'))
  const control = await startControlProcess(data, ['--rate-limit', '100000'])
  try {
    await measureCreation(control)
    const browser = await control.create()
    await measureForwarding(control, browser)
    await remove(control, browser)
    await measureMany(control, data)
  } finally {
    await control.end()
    rmSync(data, { recursive: true, force: true, maxRetries: 10 })
  }
}

await main()
