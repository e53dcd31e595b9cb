// `npm run bench -- overhead [--quick|--full]`: real page loads with nobody watching, with a client that only counts messages of the same domains (the
// floor), with each category, with all, and beside others that watch. Each round visits the same page once in every way, in turns, so that
// what else the machine does falls on all alike. Wall time is that of the load; CPU is the watching process's own. Prints figures only.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { launchTestChromium, openDriver, type Page, servePages } from '@tabscope/cdp/testing'

const ways = [
  'off',
  'floor',
  'console',
  'network',
  'page',
  'interaction',
  'all',
  'playwright listeners',
  'playwright tracing',
  'playwright HAR',
  'puppeteer',
  'chrome-remote-interface',
] as const
type Way = (typeof ways)[number]

interface Usage {
  readonly cpuMs: number
  readonly requests: number
  readonly messages: number
}

interface Sample extends Usage {
  readonly loadMs: number
}

const resources = 100
const links = Array.from({ length: resources }, (_, n) => `<script src="/script.js?${n}"></script>`).join('')
const pages: Record<string, Page> = {
  '/': `<!doctype html><link rel="icon" href="data:,"><body>${links}<script>
    Promise.all(Array.from({ length: ${resources} }, (_, n) => fetch('/data.json?' + n).then((r) => r.json()))).then(() => { window.done = true })
  </script>`,
  '/script.js': { type: 'text/javascript', body: "console.log('script')" },
  '/data.json': { type: 'application/json', body: JSON.stringify({ text: 'x'.repeat(2000) }) },
}

async function startClient(wsUrl: string, way: Way): Promise<ChildProcess> {
  const file = fileURLToPath(new URL('./overhead-client.ts', import.meta.url))
  const child = fork(file, [wsUrl, way], { execArgv: ['--import', 'tsx'] })
  await once(child, 'message')
  return child
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  const answer = once(child, 'message')
  child.send('usage')
  return (await answer)[0] as Usage
}

/** One Chromium a way and round: what one client enabled must not be paid by the next. */
async function sample(way: Way, url: string): Promise<Sample> {
  await using chromium = await launchTestChromium()
  await using driver = await openDriver(chromium.wsUrl)
  const client = await startClient(chromium.wsUrl, way)
  const tab = await driver.openPage('about:blank')
  await tab.navigate(`${url}/?warm`)
  const before = await usageOf(client)
  const startMs = performance.now()
  await tab.navigate(`${url}/`)
  await tab.evaluate('new Promise((resolve) => { const look = () => (window.done ? resolve(0) : setTimeout(look, 1)); look() })')
  const loadMs = performance.now() - startMs
  const after = await usageOf(client)
  const ended = once(client, 'exit')
  client.disconnect()
  await ended
  return {
    loadMs,
    cpuMs: after.cpuMs - before.cpuMs,
    requests: after.requests - before.requests,
    messages: after.messages - before.messages,
  }
}

function spread(values: readonly number[]): { median: number; text: string } {
  const sorted = [...values].sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return { median, text: `${median.toFixed(1)} (${(sorted[0] ?? 0).toFixed(1)}–${(sorted.at(-1) ?? 0).toFixed(1)})` }
}

const rounds = process.argv.includes('--full') ? 15 : process.argv.includes('--quick') ? 1 : 3
const samples = new Map<Way, Sample[]>(ways.map((way) => [way, []]))
await using server = await servePages(pages)
for (let round = 0; round < rounds; round++) {
  // Every round begins with another way, so that none always comes after the same.
  const order = ways.map((_, index) => ways[(index + round) % ways.length] ?? 'off')
  for (const way of order) samples.get(way)?.push(await sample(way, server.url))
}
const of = (way: Way, pick: (one: Sample) => number): { median: number; text: string } => spread((samples.get(way) ?? []).map(pick))
// By the number that the server got: not every client tells all of them before the page is done.
const perRequest = ({ cpuMs }: Sample): number => (1000 * cpuMs) / (2 * resources + 1)
const [floorLoad, floorCpu] = [of('floor', ({ loadMs }) => loadMs).median, of('floor', perRequest).median]
process.stdout.write(`${rounds} rounds, ${2 * resources + 1} requests a page; medians (least–most)\n`)
for (const way of ways) {
  const [load, cpu, each] = [of(way, ({ loadMs }) => loadMs), of(way, ({ cpuMs }) => cpuMs), of(way, perRequest)]
  const ratio = `  ${each.text} µs a request, ${(each.median / floorCpu).toFixed(2)} × the floor`
  process.stdout.write(
    `${way.padEnd(24)}  load ${load.text} ms, ${(load.median / floorLoad).toFixed(2)} × the floor  CPU ${cpu.text} ms${ratio}\n`,
  )
}
