// The server of one browser for end-to-end tests: in this process, or in one of its own whose memory can be measured.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LogLimits } from '@tabscope/log'
import type { TelemetryOption } from '../config.ts'
import { createLogger } from '../log-line.ts'
import { serve } from '../serve.ts'

export interface CollectorOptions {
  /** The DevTools endpoint or WebSocket URL of the browser. */
  readonly endpoint: string
  readonly dataDirectory?: string
  readonly telemetry?: TelemetryOption
  readonly logLimits?: Partial<LogLimits>
  /** Only for a server in this process. */
  readonly ownLog?: (line: string) => void
  readonly attachMode?: 'passive' | 'complete'
}

export interface Collector extends AsyncDisposable {
  readonly url: string
  /** The process that it runs in. */
  readonly pid: number
}

/** A server in this process; `ownLog` gets what it says in its own log. */
export async function startCollector({ endpoint, ownLog, ...options }: CollectorOptions): Promise<Collector> {
  const logger = ownLog === undefined ? createLogger('silent') : createLogger('debug', { write: ownLog })
  const running = await serve({ port: 0, logger, browser: { at: 'connect', endpoint }, ...options })
  return { url: running.url, pid: process.pid, [Symbol.asyncDispose]: () => running.close() }
}

/** A server in a process of its own. */
export async function forkCollector(options: CollectorOptions): Promise<Collector> {
  const path = fileURLToPath(new URL('./collector-process.ts', import.meta.url))
  const child = fork(path, [JSON.stringify(options)], { execArgv: ['--conditions=tabscope-source', '--import', 'tsx'] })
  const url = await firstMessage(child)
  return {
    url,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

async function firstMessage(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the collector ended at its start (${code})`)))
  ended.catch(() => undefined)
  const [message] = await Promise.race([once(child, 'message'), ended])
  return String(message)
}
