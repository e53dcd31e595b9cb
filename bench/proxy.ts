// DevTools proxy: what a round trip of one CDP command costs more through the server than without it: by a bare WebSocket, and as Playwright's
// `page.evaluate`. Direct and relayed rounds take turns in one run, so that a busy machine slows both. With capture off, with it on and
// commands told, and with a large answer.
//   npm run bench -- proxy [--full]
import { once } from 'node:events'
import { launchBrowser } from '@tabscope/browser'
import { systemClock } from '@tabscope/schema'
import { createLogger, type RunningServer, serve } from '@tabscope/server'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type RawData, WebSocket } from 'ws'

const isFull = process.argv.includes('--full')
const rounds = isFull ? 40 : 8
const callsPerRound = isFull ? 500 : 200
const largeCalls = isFull ? 20 : 2
const largeBytes = 4 * 1024 * 1024

/** One command after the other on one connection. */
interface Caller {
  call(method: string, params: object): Promise<void>
  close(): void
}

async function openCaller(url: string): Promise<Caller> {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 2 ** 28 })
  await once(socket, 'open')
  let id = 0
  let answered: () => void = () => undefined
  socket.on('message', (data: RawData) => {
    // Only the answer begins with the id; events are not waited for.
    if (data.toString('latin1', 0, 6) === '{"id":') answered()
  })
  return {
    call: (method, params) => {
      id += 1
      const done = new Promise<void>((resolve) => {
        answered = resolve
      })
      socket.send(JSON.stringify({ id, method, params }))
      return done
    },
    close: () => socket.close(),
  }
}

/** Milliseconds of each call. */
async function measure(calls: number, run: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < calls; index++) {
    const startMs = systemClock.monotonicMs()
    await run()
    times.push(systemClock.monotonicMs() - startMs)
  }
  return times
}

function quantile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

interface Pair {
  readonly direct: () => Promise<unknown>
  readonly relayed: () => Promise<unknown>
}

/** Rounds of both in turns, after one of each to warm up. */
async function compare(name: string, pair: Pair, calls: number): Promise<void> {
  const times = { direct: [] as number[], relayed: [] as number[] }
  await measure(calls, pair.direct)
  await measure(calls, pair.relayed)
  for (let round = 0; round < rounds; round++) {
    times.direct.push(...(await measure(calls, pair.direct)))
    times.relayed.push(...(await measure(calls, pair.relayed)))
  }
  const [direct, relayed] = [quantile(times.direct, 0.5), quantile(times.relayed, 0.5)]
  const tails = [quantile(times.direct, 0.95), quantile(times.relayed, 0.95)].map((ms) => ms.toFixed(3)).join(' and ')
  const added = ((relayed - direct) * 1000).toFixed(0)
  process.stdout.write(
    `${name.padEnd(44)} direct ${direct.toFixed(3)} ms, relayed ${relayed.toFixed(3)} ms: ${added} us more (95 %: ${tails} ms)\n`,
  )
}

async function bareCalls(name: string, urls: { direct: string; relayed: string }): Promise<void> {
  const [direct, relayed] = [await openCaller(urls.direct), await openCaller(urls.relayed)]
  const small = { expression: '1' }
  const large = { expression: `'x'.repeat(${largeBytes})`, returnByValue: true }
  const move = { type: 'mouseMoved', x: 5, y: 5 }
  const pairOf = (method: string, params: object): Pair => ({
    direct: () => direct.call(method, params),
    relayed: () => relayed.call(method, params),
  })
  await compare(`${name}: Runtime.evaluate`, pairOf('Runtime.evaluate', small), callsPerRound)
  await compare(`${name}: Input.dispatchMouseEvent`, pairOf('Input.dispatchMouseEvent', move), callsPerRound / 10)
  await compare(`${name}: an answer of 4 MiB`, pairOf('Runtime.evaluate', large), largeCalls)
  direct.close()
  relayed.close()
}

async function playwrightCalls(name: string, urls: { direct: string; relayed: string }): Promise<void> {
  const browsers: Browser[] = [await chromium.connectOverCDP(urls.direct), await chromium.connectOverCDP(urls.relayed)]
  const [direct, relayed] = browsers.map(pageOf)
  if (direct === undefined || relayed === undefined) throw new Error('the browser has no page')
  await compare(`${name}: page.evaluate`, { direct: () => direct.evaluate('1'), relayed: () => relayed.evaluate('1') }, callsPerRound / 4)
  for (const browser of browsers) await browser.close()
}

function pageOf(browser: Browser): Page | undefined {
  return browser.contexts()[0]?.pages()[0]
}

async function pageUrl(base: string): Promise<string> {
  const targets: readonly { type: string; webSocketDebuggerUrl: string }[] = await (await fetch(`${base}/json/list`)).json()
  const url = targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl
  if (url === undefined) throw new Error('the browser has no page')
  return url
}

async function main(): Promise<void> {
  await using browser = await launchBrowser({ clock: systemClock, args: ['about:blank'] })
  const direct = `http://${new URL(browser.endpoint).host}`
  for (const telemetry of ['off', 'all'] as const) {
    await using server: RunningServer = await serve({
      port: 0,
      browser: { at: 'connect', endpoint: direct },
      telemetry,
      logger: createLogger('silent'),
    })
    const urls = { direct: await pageUrl(direct), relayed: await pageUrl(server.url) }
    await bareCalls(`telemetry ${telemetry}, ws`, urls)
    await playwrightCalls(`telemetry ${telemetry}, Playwright`, { direct, relayed: server.url })
  }
}

await main()
