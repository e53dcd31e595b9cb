// A built `tabscope control` for measurements, and what its processes cost. Never measures anything by itself.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../packages/cli/bin/tabscope.js', import.meta.url))
/** Its API key. */
export const controlKey = 'key-of-the-measurement'

export interface MeasuredBrowser {
  readonly session_id: string
  readonly base_url: string
  readonly cdp_ws_url: string
}

export interface ControlProcess {
  readonly url: string
  readonly child: ChildProcess
  /** The answer as JSON; throws for what is not a success. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>
  create(body?: object): Promise<MeasuredBrowser>
  end(signal?: NodeJS.Signals): Promise<void>
}

/** Starts it on a data folder. */
export async function startControlProcess(data: string, args: readonly string[] = []): Promise<ControlProcess> {
  if (!existsSync(program.replace('bin/tabscope.js', 'dist/main.js'))) throw new Error('build first: npm run build')
  const env = { ...process.env, TABSCOPE_API_KEY: controlKey }
  const child = spawn(process.execPath, [program, 'control', '--port', '0', '--data', data, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  })
  const ended = once(child, 'close')
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = /^Control +(http:\S+)/.exec(line)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('close', (code) => reject(new Error(`tabscope control ended with ${code}`)))
  })
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${controlKey}` }, ...init })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    url,
    child,
    ask,
    create: async (body = {}) =>
      (await ask('POST', '/browsers', { headless: true, timeout_seconds: 3600, telemetry: { enabled: true }, ...body })) as MeasuredBrowser,
    end: async (signal = 'SIGTERM') => {
      child.kill(signal)
      await ended
    },
  }
}

/** Opens a stream through the control plane. */
export function forwardedStream(control: ControlProcess, { session_id }: MeasuredBrowser, query = ''): Promise<Response> {
  return fetch(`${control.url}/browsers/${session_id}/telemetry/stream${query}`, { headers: { authorization: `Bearer ${controlKey}` } })
}

/** A URL of the browser's own server, with its token. */
export function directUrl({ base_url, cdp_ws_url }: MeasuredBrowser, path: string): string {
  return `${base_url}${path}${path.includes('?') ? '&' : '?'}jwt=${new URL(cdp_ws_url).searchParams.get('jwt')}`
}

interface ProcessRow {
  readonly pid: number
  readonly parent: number
}

/** All processes below these, themselves included. */
export function processTree(roots: readonly number[]): readonly number[] {
  const rows = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(rowOf)
  const tree = new Set(roots)
  for (let size = -1; size !== tree.size; ) {
    size = tree.size
    for (const { pid, parent } of rows) if (tree.has(parent)) tree.add(pid)
  }
  return [...tree]
}

function rowOf(name: string): readonly ProcessRow[] {
  const fields = readProc(name, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
  return fields.length < 2 ? [] : [{ pid: Number(name), parent: Number(fields[1]) }]
}

/** Memory of the processes in MiB, what they share counted once. */
export function memoryMiB(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => Number(/^Pss: +(\d+)/m.exec(readProc(String(pid), 'smaps_rollup'))?.[1] ?? 0))
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024
}

/** Processor time of the processes so far, in ms. */
export function cpuMs(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readProc(String(pid), 'stat')
      .replace(/^.*\) /s, '')
      .split(' ')
    return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
  })
  // The kernel counts in hundredths of a second on every Linux that runs Chromium.
  return ticks.reduce((sum, one) => sum + one, 0) * 10
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    // It has ended in between.
    return ''
  }
}

/** The server of each browser, by its data folder. */
export function serverPid(data: string, { session_id }: MeasuredBrowser): number {
  return JSON.parse(readFileSync(`${data}/browsers/${session_id}/browser.json`, 'utf8')).process.pid
}
