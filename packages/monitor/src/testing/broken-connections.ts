// Cuts, stalls and slows the connection between a monitor and a Chromium at random, each time in the middle of a page's loading, and judges
// what was told at the end. Used by a test with few rounds and by a soak with many.
import { type DrivenPage, openDriver, type PageServer, servePages, type TestChromium } from '@tabscope/cdp/testing'
import { type Clock, systemClock } from '@tabscope/schema'
import { type AnyDraft, createCaptured } from './captured.ts'
import { createRandom } from './random.ts'
import { behaviourConfig } from './recorded.ts'
import { startMonitor } from './scene.ts'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
import { createWire } from './wire.ts'
import { dataOf, oddEndings, toldOf } from './witness.ts'

export interface BrokenOptions {
  readonly chromium: TestChromium
  readonly rounds: number
  readonly seed: number
  readonly clock?: Clock
}

export interface BrokenResult {
  /** The losses that there were, as the stream should name them, in their order. */
  readonly broken: readonly string[]
  /** The losses that were told, each followed by a return. */
  readonly told: readonly string[]
  /** Calls and requests that were told more than once. */
  readonly doubles: readonly string[]
  /** Calls that were not told, live or replayed. */
  readonly missing: readonly string[]
  /** Requests without exactly one end, after the monitor was closed. */
  readonly odd: readonly string[]
  readonly events: number
  readonly longestMs: number
}

const html = { 'content-type': 'text/html', 'cache-control': 'no-store' }
const pageOf = (round: string): string => `<!doctype html><link rel="icon" href="data:,"><script>
  console.log('first ${round}'); fetch('/hang?${round}').catch(() => 0)
  const read = (n) => fetch('/data?${round}-' + n).then((r) => r.text()).then(() => console.log('data ${round}-' + n))
  var all = Promise.all([0, 1, 2].map(read))</script>`

function servePage(): Promise<PageServer> {
  return servePages((request, response) => {
    const [path, round = ''] = (request.url ?? '').split('?')
    if (path === '/hang') return
    response.writeHead(200, html).end(path === '/page' ? pageOf(round) : 'data')
  })
}

const kinds = ['cut', 'stall', 'slow'] as const

export async function breakConnections({ chromium, rounds, seed, clock = systemClock }: BrokenOptions): Promise<BrokenResult> {
  await using server = await servePage()
  await using proxy = await startTcpProxy(chromium.wsUrl)
  await using driver = await openDriver(chromium.wsUrl)
  const captured = createCaptured()
  const wire = createWire()
  const endpoint = async (): Promise<string> => proxy.through(chromium.wsUrl)
  const monitor = await startMonitor({ endpoint, captured, wire, config: behaviourConfig({}), clock })
  const tab = await driver.openPage('about:blank')
  await wire.setUp(tab.targetId)
  const random = createRandom(seed)
  const broken: string[] = []
  for (let round = 1; round <= rounds; round++) {
    const kind = kinds[(round + random.below(2)) % kinds.length] ?? 'cut'
    const navigating = tab.navigate(`${server.url}/page?${round}`)
    await server.seen(`/data?${round}-${random.below(3)}`)
    breakBy(kind, proxy)
    await navigating
    if (kind !== 'slow') broken.push(kind === 'cut' ? 'connection_lost' : 'protocol_stalled')
    if (kind === 'cut') {
      await captured.untilCount('monitor_disconnected', broken.length)
      proxy.mend()
    }
    await captured.untilSo(`return ${broken.length}`, () => captured.of('monitor_reconnected').length === broken.length, 60_000)
    await tab.evaluate(`all.then(() => console.log('last ${round}'))`)
    await captured.until('console_log', ({ text }) => text === `last ${round}`, 60_000)
    proxy.slow(false)
  }
  await monitor.close()
  await tab.close()
  return { broken, ...judge(captured.drafts, { server, tab, rounds }) }
}

function breakBy(kind: (typeof kinds)[number], proxy: TcpProxy): void {
  if (kind === 'cut') proxy.cut()
  else if (kind === 'stall') proxy.clog()
  else proxy.slow(true)
}

interface Witnesses {
  readonly server: PageServer
  readonly tab: DrivenPage
  readonly rounds: number
}

function judge(drafts: readonly AnyDraft[], { server, tab, rounds }: Witnesses): Omit<BrokenResult, 'broken'> {
  const counts = new Map<string, number>()
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const { text, target_id } of dataOf(drafts, 'console_log')) if (target_id === tab.targetId) count(text)
  const requests = toldOf(drafts, server.port)
  for (const { request_id, url } of requests.requests) count(`request ${request_id} ${url}`)
  const health = drafts.filter(({ type }) => type === 'monitor_disconnected' || type === 'monitor_reconnected')
  const told = dataOf(drafts, 'monitor_disconnected').map(({ cause }) => String(cause))
  const alternates = health.every(({ type }, index) => type === (index % 2 === 0 ? 'monitor_disconnected' : 'monitor_reconnected'))
  const expected = Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) => [
    ...[`first ${round}`, `data ${round}-0`, `data ${round}-1`, `data ${round}-2`, `last ${round}`],
  ])
  return {
    told: alternates ? told : [...told, 'not in turn'],
    doubles: [...counts].filter(([, times]) => times > 1).map(([name, times]) => `${name}: ${times}`),
    missing: expected.filter((text) => !counts.has(text)),
    odd: oddEndings(requests),
    events: drafts.length,
    longestMs: Math.max(0, ...dataOf(drafts, 'monitor_reconnected').map(({ reconnect_duration_ms }) => reconnect_duration_ms)),
  }
}
