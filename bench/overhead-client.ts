// One way to watch a browser, in a process of its own so that its CPU can be told apart: the first argument is the browser's DevTools URL, the
// second the way. Says `ready`, answers each message with the CPU that it has used so far, and ends with its parent.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMonitor } from '@tabscope/monitor'
import { configOff, type SettableCategory, systemClock, type TelemetryConfig, withCategories } from '@tabscope/schema'
import { createLogger, serve } from '@tabscope/server'
import CDP from 'chrome-remote-interface'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { WebSocket } from 'ws'
import { type Counting, floors, studied } from './overhead-ways.ts'

const [wsUrl = '', way = ''] = process.argv.slice(2)
const domains = (floors['floor']?.commands ?? []).map(([method]) => method)
let requests = 0
let messages = 0
let bytes = 0

/** A bare client: each message is parsed and counted. */
async function count({ commands, asksBodies = false }: Counting): Promise<void> {
  const socket = new WebSocket(wsUrl, { perMessageDeflate: false, maxPayload: 268_435_456 })
  await new Promise((resolve) => socket.once('open', resolve))
  const texts = new Set<string>()
  let id = 0
  const send = (method: string, params: object, sessionId?: string): void =>
    socket.send(JSON.stringify({ id: ++id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }))
  const ask = (method: string, { requestId, response }: { requestId: string; response?: { mimeType: string } }, session: string): void => {
    if (response?.mimeType === 'application/json') texts.add(requestId)
    if (method === 'Network.loadingFinished' && texts.delete(requestId)) send('Network.getResponseBody', { requestId }, session)
  }
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8'))
    messages += 1
    bytes += data.length
    if (message.method === 'Network.requestWillBeSent') requests += 1
    if (asksBodies && typeof message.params?.requestId === 'string') ask(message.method, message.params, message.sessionId)
    if (message.method === 'Target.targetCreated' && message.params.targetInfo.type === 'page')
      send('Target.attachToTarget', { targetId: message.params.targetInfo.targetId, flatten: true })
    if (message.method === 'Target.attachedToTarget')
      for (const [method, params = {}] of commands) send(method, params, message.params.sessionId)
  })
  send('Target.setDiscoverTargets', { discover: true })
}

async function monitor(
  categories: readonly SettableCategory[],
  change = (config: TelemetryConfig): TelemetryConfig => config,
): Promise<void> {
  let live = (): void => undefined
  const isLive = new Promise<void>((resolve) => {
    live = resolve
  })
  const created = createMonitor({
    endpoint: async () => wsUrl,
    clock: systemClock,
    publish: (draft) => {
      messages += 1
      if (draft.type === 'network_request') requests += 1
      return undefined
    },
    onState: (at) => at === 'live' && live(),
  })
  await created.apply(change(withCategories(configOff, new Set(categories))), 'bench')
  await isLive
}

function withoutBodies({ browser, ...config }: TelemetryConfig): TelemetryConfig {
  return { ...config, browser: { ...browser, network: { ...browser.network, body_limit_bytes: 0 } } }
}

/** The whole server as `tabscope serve` runs it, with a data folder and nobody who reads. */
async function server(): Promise<void> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'tabscope-bench-'))
  process.once('exit', () => rmSync(dataDirectory, { recursive: true, force: true }))
  const logger = createLogger('silent')
  await serve({ port: 0, dataDirectory, logger, browser: { at: 'connect', endpoint: wsUrl }, telemetry: everyCategory })
}

async function playwright(traces: boolean, har: boolean): Promise<void> {
  const browser = await chromium.connectOverCDP(wsUrl)
  const [context] = browser.contexts()
  if (context === undefined) throw new Error('no browser context')
  context.on('request', () => {
    requests += 1
  })
  for (const event of ['response', 'requestfinished', 'requestfailed', 'console'] as const)
    context.on(event as 'response', () => {
      messages += 1
    })
  if (traces) await context.tracing.start({ screenshots: false, snapshots: true })
  if (har) await context.routeFromHAR('/dev/null', { update: true }).catch(() => undefined)
}

async function puppet(): Promise<void> {
  const browser = await puppeteer.connect({ browserWSEndpoint: wsUrl, defaultViewport: null })
  const watch = (page: Awaited<ReturnType<typeof browser.newPage>> | null): void => {
    page?.on('request', () => {
      requests += 1
    })
    page?.on('response', () => {
      messages += 1
    })
    page?.on('console', () => {
      messages += 1
    })
  }
  for (const page of await browser.pages()) watch(page)
  browser.on('targetcreated', (target) => void target.page().then(watch))
}

async function remoteInterface(): Promise<void> {
  const client = await CDP({ target: wsUrl, local: true })
  client.on('event', ({ method, params }: { method: string; params: unknown }) => {
    messages += 1
    if (method === 'Network.requestWillBeSent') requests += 1
    const { targetInfo, sessionId } = params as { targetInfo?: { type: string; targetId: string }; sessionId?: string }
    const send = client.send.bind(client) as (name: string, value: object, session?: string) => Promise<unknown>
    // A tab may be gone before it is attached to; there is nothing to watch then.
    const quietly = (name: string, value: object, session?: string): void => void send(name, value, session).catch(() => undefined)
    if (method === 'Target.targetCreated' && targetInfo?.type === 'page')
      quietly('Target.attachToTarget', { targetId: targetInfo.targetId, flatten: true })
    if (method === 'Target.attachedToTarget') for (const name of domains) quietly(name, {}, sessionId)
  })
  await client.send('Target.setDiscoverTargets', { discover: true })
}

const everyCategory: readonly SettableCategory[] = ['console', 'network', 'page', 'interaction']

const counted = Object.fromEntries(Object.entries({ ...floors, ...studied }).map(([name, counting]) => [name, () => count(counting)]))

const ways: Readonly<Record<string, () => Promise<void>>> = {
  off: async () => undefined,
  ...counted,
  console: () => monitor(['console']),
  network: () => monitor(['network']),
  page: () => monitor(['page']),
  interaction: () => monitor(['interaction']),
  all: () => monitor(everyCategory),
  'all but bodies': () => monitor(everyCategory, withoutBodies),
  'whole server': server,
  'playwright listeners': () => playwright(false, false),
  'playwright tracing': () => playwright(true, false),
  'playwright HAR': () => playwright(false, true),
  puppeteer: puppet,
  'chrome-remote-interface': remoteInterface,
}

const start = ways[way]
if (start === undefined) throw new Error(`there is no way "${way}"`)
await start()
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMs: (user + system) / 1000, requests, messages, bytes })
})
process.once('disconnect', () => process.exit(0))
process.send?.({ ready: true })
