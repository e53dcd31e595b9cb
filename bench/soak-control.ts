// `npm run soak -- control`: browsers under a control plane while their servers, their Chromiums and the control plane itself are killed, in
// turns; before that one stream direct and one forwarded stay idle for 35 s, and so do those of the published clients. At the end nothing of ours may be left over. Needs a build.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { delay, systemClock } from '@tabscope/schema'
import {
  type ControlProcess,
  directUrl,
  forwardedStream,
  type MeasuredBrowser,
  processTree,
  serverPid,
  startControlProcess,
} from './control-process.ts'
import { type IdleClient, openIdleClients } from './idle-clients.ts'

const wanted = Number(process.argv[2] ?? 20)
const kills = Number(process.argv[3] ?? 15)
const args = ['--rate-limit', '100000', '--grace', '30']

/** Whether the process is there. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return false
  }
}

async function untilGone(pids: readonly number[], forMs: number): Promise<readonly number[]> {
  const untilMs = systemClock.monotonicMs() + forMs
  while (pids.some(isThere) && systemClock.monotonicMs() < untilMs) await delay(systemClock, 100)
  return pids.filter(isThere)
}

/** Every process that has the folder of this run on its command line, or is below one that has. */
function processesOf(data: string): readonly number[] {
  const named = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).includes(data))
  return processTree(named.map(Number))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    // It has ended in between.
    return ''
  }
}

/** Reads what keeps an idle stream alive; answers how often it came. */
async function keepalives(stream: Response, forMs: number): Promise<number> {
  const stop = new AbortController()
  const over = delay(systemClock, forMs).then(() => stop.abort())
  let count = 0
  const reader = stream.body?.getReader()
  stop.signal.addEventListener('abort', () => void reader?.cancel())
  const decoder = new TextDecoder()
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    count += (decoder.decode(part.value, { stream: true }).match(/^:\n/gm) ?? []).length
  }
  await over
  return count
}

interface Run {
  readonly data: string
  control: ControlProcess
  browsers: MeasuredBrowser[]
  readonly seen: Set<number>
  readonly faults: string[]
}

async function killServer(run: Run, browser: MeasuredBrowser): Promise<void> {
  const pid = serverPid(run.data, browser)
  const tree = processTree([pid])
  process.kill(pid, 'SIGKILL')
  const left = await untilGone(tree, 20_000)
  if (left.length > 0) run.faults.push(`a killed server left ${left.length} processes`)
  run.browsers = run.browsers.filter((other) => other !== browser)
  const archive = await run.control.ask('GET', `/browsers/${browser.session_id}/telemetry/events?since=1h`)
  if (!Array.isArray(archive) || archive.length === 0) run.faults.push('the archive of a killed browser is empty')
  run.browsers.push(await makeBrowser(run))
}

async function killChromium(run: Run, browser: MeasuredBrowser): Promise<void> {
  const pid = serverPid(run.data, browser)
  const chromium = processTree([pid]).find((child) => child !== pid && /--remote-debugging-pipe/.test(commandLine(String(child))))
  if (chromium === undefined) return
  process.kill(chromium, 'SIGKILL')
  const stream = await fetch(directUrl(browser, '/telemetry/stream?replay=all&until_type=service_crashed'))
  if (!(await stream.text()).includes('service_crashed')) run.faults.push('a killed Chromium was not told')
}

async function killControl(run: Run): Promise<void> {
  await run.control.end('SIGKILL')
  run.control = await startControlProcess(run.data, args)
  const listed = await run.control.ask('GET', '/browsers?limit=100')
  const ids = new Set((listed as MeasuredBrowser[]).map(({ session_id }) => session_id))
  const lost = run.browsers.filter(({ session_id }) => !ids.has(session_id))
  if (lost.length > 0) run.faults.push(`${lost.length} browsers were lost over a restart`)
}

async function makeBrowser(run: Run): Promise<MeasuredBrowser> {
  const browser = await run.control.create({ telemetry: { browser: { page: { enabled: true } } }, start_url: 'data:text/html,soak' })
  for (const pid of processTree([serverPid(run.data, browser)])) run.seen.add(pid)
  return browser
}

/** A browser that is left alone and shows nothing that could settle: its streams stay idle. Answers their keepalives. */
async function idleStreams(run: Run, quiet: MeasuredBrowser): Promise<readonly number[]> {
  const clients = await openIdleClients(run.control, quiet)
  const streams = [await fetch(directUrl(quiet, '/telemetry/stream')), await forwardedStream(run.control, quiet)]
  const counts = await Promise.all(streams.map((stream) => keepalives(stream, 35_000)))
  if (counts.some((count) => count < 2)) run.faults.push(`idle streams had ${counts.join(' and ')} keepalives in 35 s`)
  await checkClients(run, quiet, clients)
  return counts
}

/** After the silence, the published clients are still there. */
async function checkClients(run: Run, browser: MeasuredBrowser, clients: readonly IdleClient[]): Promise<void> {
  const body = JSON.stringify({ type: 'test_event', category: 'system', data: { text: 'after the silence' } })
  await fetch(directUrl(browser, '/telemetry/events'), { method: 'POST', body })
  const firsts = await Promise.allSettled(clients.map(({ first }) => first))
  for (const [position, { name }] of clients.entries()) {
    const came = firsts[position]
    if (came?.status !== 'fulfilled' || came.value !== 'test_event')
      run.faults.push(`${name}: ${JSON.stringify(came)} after 35 s of silence`)
    else process.stdout.write(`${name}: read on after 35 s of silence\n`)
  }
}

async function main(): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'tabscope-soak-control-'))
  const run: Run = { data, control: await startControlProcess(data, args), browsers: [], seen: new Set(), faults: [] }
  const counts = { server: 0, chromium: 0, control: 0 }
  const idle: number[] = []
  try {
    run.browsers = await Promise.all(Array.from({ length: wanted - 1 }, () => makeBrowser(run)))
    const quiet = await run.control.create()
    for (const pid of processTree([serverPid(run.data, quiet)])) run.seen.add(pid)
    process.stdout.write(`${wanted} browsers run\n`)
    idle.push(...(await idleStreams(run, quiet)))
    for (let turn = 0; turn < kills; turn++) {
      const browser = run.browsers[(turn * 7) % run.browsers.length]
      const kind = (['server', 'chromium', 'control'] as const)[turn % 3] ?? 'server'
      counts[kind] += 1
      if (kind === 'control' || browser === undefined) await killControl(run)
      else await (kind === 'server' ? killServer(run, browser) : killChromium(run, browser))
    }
    const before = processesOf(data)
    await run.control.end()
    const left = await untilGone([...new Set([...before, ...run.seen])], 30_000)
    if (left.length > 0) run.faults.push(`${left.length} processes were left over at the end`)
  } finally {
    await run.control.end('SIGKILL')
    rmSync(data, { recursive: true, force: true, maxRetries: 10 })
  }
  process.stdout.write(
    `kills: ${counts.server} servers, ${counts.chromium} Chromiums, ${counts.control} control planes; keepalives in 35 s: ${idle.join(' direct, ')} forwarded\n` +
      `${run.faults.length === 0 ? 'nothing was lost and nothing is left over' : run.faults.join('\n')}\n`,
  )
  return run.faults.length === 0 ? 0 : 1
}

process.exitCode = await main()
