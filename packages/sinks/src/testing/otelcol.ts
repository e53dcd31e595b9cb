// A real OpenTelemetry Collector as a process of its own, which prints what it receives. It can be stopped, killed and started again on the
// same port; what it printed before is kept. Built once a machine by `npm run setup:otelcol`.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { otelcolMissing, otelcolPath } from '../../../../tools/setup-otelcol.mjs'

/** Why tests with a collector are skipped on this machine; undefined where they are not. */
export const noCollector: string | undefined = existsSync(otelcolPath()) ? undefined : otelcolMissing

export interface Collector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string
  /** Everything that it printed. */
  readonly output: () => string
  /** `kernel.event.seq` of all records, in the order in which they arrived. */
  readonly seqs: () => readonly number[]
  /** Resolves when the output matches. */
  until(matches: (output: string) => boolean): Promise<string>
  /** Kills it. */
  kill(): Promise<void>
  /** It takes connections and answers nothing, until `goOn`. */
  freeze(): void
  goOn(): void
  /** Starts it again on the same port. */
  start(): Promise<void>
}

export interface CollectorOptions {
  /** The largest request that it takes. */
  readonly requestBytes?: number
  /** What it prints: every record (the default), or how many came. */
  readonly prints?: 'records' | 'counts'
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function configText(port: number, { requestBytes, prints = 'records' }: CollectorOptions): string {
  const http = { endpoint: `127.0.0.1:${port}`, ...(requestBytes === undefined ? {} : { max_request_body_size: requestBytes }) }
  // JSON is YAML.
  return JSON.stringify({
    receivers: { otlp: { protocols: { http } } },
    exporters: { debug: { verbosity: prints === 'records' ? 'detailed' : 'basic' } },
    service: { pipelines: { logs: { receivers: ['otlp'], exporters: ['debug'] } }, telemetry: { metrics: { level: 'none' } } },
  })
}

interface State {
  readonly lines: string[]
  readonly watchers: Set<() => void>
  child: ChildProcess | undefined
}

function take(state: State, line: string): void {
  state.lines.push(line)
  for (const watcher of [...state.watchers]) watcher()
}

function until(state: State, matches: (output: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const output = state.lines.join('\n')
      if (matches(output)) resolve(output)
      else if (state.child?.exitCode != null) reject(new Error(`the collector ended with ${state.child.exitCode}: ${output.slice(-2000)}`))
      else return
      state.watchers.delete(look)
    }
    state.watchers.add(look)
    look()
  })
}

async function start(state: State, config: string): Promise<void> {
  const readyBefore = readyCount(state.lines.join('\n'))
  const child = spawn(otelcolPath(), ['--config', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  state.child = child
  createInterface(child.stderr).on('line', (line) => take(state, line))
  child.once('exit', () => {
    for (const watcher of [...state.watchers]) watcher()
  })
  await until(state, (output) => readyCount(output) > readyBefore)
}

function readyCount(output: string): number {
  return output.split('Everything is ready').length
}

async function kill(state: State): Promise<void> {
  const { child } = state
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** Starts one on a free port of loopback; resolves when it takes requests. */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const folder = await mkdtemp(join(tmpdir(), 'tabscope-otelcol-'))
  const port = await freePort()
  const config = join(folder, 'config.yaml')
  await writeFile(config, configText(port, options))
  const state: State = { lines: [], watchers: new Set(), child: undefined }
  await start(state, config)
  const output = (): string => state.lines.join('\n')
  return {
    endpoint: `http://127.0.0.1:${port}`,
    output,
    seqs: () => state.lines.flatMap((line) => /^ +-> kernel\.event\.seq: Int\((\d+)\)$/.exec(line)?.[1] ?? []).map(Number),
    until: (matches) => until(state, matches),
    kill: () => kill(state),
    freeze: () => void state.child?.kill('SIGSTOP'),
    goOn: () => void state.child?.kill('SIGCONT'),
    start: () => start(state, config),
    [Symbol.asyncDispose]: async () => {
      await kill(state)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
