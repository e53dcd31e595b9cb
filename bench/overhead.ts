// `npm run bench -- overhead [--quick|--full] [--study]`: real page loads with nobody watching, with a client that only counts the messages of
// the same domains (the floor), with each category, with all, and beside others that watch. With `--study`: what each CDP domain and option
// costs by itself. Each round goes through all ways in turns, each with a Chromium and a client of its own, so that what else the machine
// does falls on all alike and nobody pays for what another enabled. Rounds go on until the time is up (3 minutes; full: 7). Prints a table;
// `--profile` prints instead where the time of the collector goes.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { launchTestChromium, openDriver, type Page, servePages } from '@tabscope/cdp/testing'
import { floors, others, studied, watched } from './overhead-ways.ts'
import { usageOfTree } from './process-tree.ts'
import { printProfile, profileFolder } from './profile.ts'

interface Usage {
  readonly cpuMs: number
  readonly requests: number
  readonly messages: number
  readonly bytes: number
}

/** Medians over the loads of one Chromium, or sums divided by their number. */
interface Sample extends Usage {
  readonly loadMs: number
  readonly browserCpuMs: number
  readonly browserBytes: number
}

const resources = 100
const requestsOfPage = 2 * resources + 1
const loadsOfSample = 5
/** Not measured: a client that watches for hours has its code compiled. */
const warmLoads = 5
const links = Array.from({ length: resources }, (_, n) => `<script src="/script.js?${n}"></script>`).join('')
const pages: Record<string, Page> = {
  '/': `<!doctype html><link rel="icon" href="data:,"><body>${links}<script>
    Promise.all(Array.from({ length: ${resources} }, (_, n) => fetch('/data.json?' + n).then((r) => r.json()))).then(() => { window.done = true })
  </script>`,
  '/script.js': { type: 'text/javascript', body: "console.log('script')" },
  '/data.json': { type: 'application/json', body: JSON.stringify({ text: 'x'.repeat(2000) }) },
}

async function startClient(wsUrl: string, way: string, nodeArgs: readonly string[] = []): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('./overhead-client.ts', import.meta.url))
  const child = fork(file, [wsUrl, way], { execArgv: [...nodeArgs, '--import', 'tsx'] })
  await once(child, 'message')
  return child
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  const answer = once(child, 'message')
  child.send('usage')
  return (await answer)[0] as Usage
}

async function sample(
  way: string,
  url: string,
  options: { readonly loads: number; readonly nodeArgs?: readonly string[] },
): Promise<Sample> {
  await using chromium = await launchTestChromium()
  await using driver = await openDriver(chromium.wsUrl)
  const client = await startClient(chromium.wsUrl, way, options.nodeArgs)
  const tab = await driver.openPage('about:blank')
  const load = async (query: string): Promise<number> => {
    const startMs = performance.now()
    await tab.navigate(`${url}/?${query}`)
    await tab.evaluate('new Promise((resolve) => { const look = () => (window.done ? resolve(0) : setTimeout(look, 1)); look() })')
    return performance.now() - startMs
  }
  for (let number = 0; number < warmLoads; number++) await load('warm')
  const [before, browserBefore] = [await usageOf(client), usageOfTree(chromium.pid)]
  const loads: number[] = []
  for (let number = 0; number < options.loads; number++) loads.push(await load(String(number)))
  const [after, browserAfter] = [await usageOf(client), usageOfTree(chromium.pid)]
  const ended = once(client, 'exit')
  client.disconnect()
  await ended
  const each = (name: keyof Usage): number => (after[name] - before[name]) / options.loads
  return {
    loadMs: median(loads),
    cpuMs: each('cpuMs'),
    requests: each('requests'),
    messages: each('messages'),
    bytes: each('bytes'),
    browserCpuMs: (browserAfter.cpuMs - browserBefore.cpuMs) / options.loads,
    browserBytes: browserAfter.bytes,
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Goes through all ways, again and again until `minutes` are over, but at least once. */
async function measure(ways: readonly string[], minutes: number): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>(ways.map((way) => [way, []]))
  await using server = await servePages(pages)
  const startMs = performance.now()
  let longestMs = 0
  for (let round = 0; round === 0 || performance.now() - startMs + longestMs < minutes * 60_000; round++) {
    const roundMs = performance.now()
    // Every round begins with another way, so that none always comes after the same.
    const order = ways.map((_, index) => ways[(index + round) % ways.length] ?? '')
    for (const way of order) samples.get(way)?.push(await sample(way, server.url, { loads: loadsOfSample }))
    longestMs = Math.max(longestMs, performance.now() - roundMs)
  }
  return samples
}

type Pick = (sample: Sample) => number
/** By the number that the server got: not every client tells all of them before the page is done. */
const perRequest: Pick = ({ cpuMs }) => (1000 * cpuMs) / requestsOfPage

function table(samples: ReadonlyMap<string, readonly Sample[]>, floor: string, columns: readonly Column[]): void {
  const line = (cells: readonly string[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`)
  line(['', ...columns.map(({ title }) => title)])
  line(['---', ...columns.map(() => '---')])
  for (const [way, own] of samples) line([way, ...columns.map(({ cell }) => cell(own, samples.get(floor) ?? []))])
}

interface Column {
  readonly title: string
  cell(own: readonly Sample[], floor: readonly Sample[]): string
}

/** The median and the range of a figure. */
function figure(title: string, pick: Pick, digits = 0): Column {
  return {
    title,
    cell: (own) => {
      const values = own.map(pick)
      return `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`
    },
  }
}

/** The median of what it is of the floor's in the same round: two that ran minutes apart are not compared. */
function ratio(title: string, pick: Pick): Column {
  return {
    title,
    cell: (own, floor) => {
      const ratios = own.flatMap((sample, round) => (floor[round] === undefined ? [] : [pick(sample) / pick(floor[round])]))
      return median(ratios).toFixed(2)
    },
  }
}

const has = (option: string): boolean => process.argv.includes(option)
const minutes = has('--full') ? 7 : has('--quick') ? 0 : 3
const load = figure('load, ms', ({ loadMs }) => loadMs)
const browserCpu = figure("Chromium's CPU a load, ms", ({ browserCpuMs }) => browserCpuMs)

async function compare(): Promise<void> {
  const samples = await measure(['off', ...Object.keys(floors), ...watched, ...others], minutes)
  process.stdout.write(
    `${samples.get('off')?.length} rounds of ${loadsOfSample} loads, ${requestsOfPage} requests a page; medians (least–most of the rounds)\n\n`,
  )
  const collectorCpu = figure('own CPU a request, µs', perRequest)
  table(samples, 'floor', [load, ratio('× floor', ({ loadMs }) => loadMs), browserCpu, collectorCpu, ratio('× floor', perRequest)])
  const sameMessages = ratio('', perRequest).cell(samples.get('all') ?? [], samples.get('floor, asking for bodies') ?? [])
  const sameLoad = ratio('', ({ loadMs }) => loadMs).cell(samples.get('all') ?? [], samples.get('floor, asking for bodies') ?? [])
  process.stdout.write(`\nall, of the floor that asks for the same bodies: load × ${sameLoad}, CPU × ${sameMessages}\n`)
}

async function study(): Promise<void> {
  const samples = await measure(['off', ...Object.keys(studied)], minutes)
  process.stdout.write(
    `${samples.get('off')?.length} rounds of ${loadsOfSample} loads, ${requestsOfPage} requests a page; medians (least–most of the rounds)\n\n`,
  )
  const counts = [figure('messages a load', ({ messages }) => messages), figure('KB a load', ({ bytes }) => bytes / 1000)]
  const memory = figure("Chromium's memory, MB", ({ browserBytes }) => browserBytes / 1e6)
  table(samples, 'off', [
    load,
    ratio('× off', ({ loadMs }) => loadMs),
    browserCpu,
    ratio('× off', ({ browserCpuMs }) => browserCpuMs),
    ...counts,
    memory,
  ])
}

async function profile(): Promise<void> {
  await using folder = await profileFolder()
  await using server = await servePages(pages)
  await sample('all', server.url, { loads: 40, nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${folder.path}`] })
  await printProfile(folder.path)
}

await (has('--profile') ? profile() : has('--study') ? study() : compare())
