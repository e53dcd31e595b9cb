// The display for a visible browser: the one in DISPLAY, else a private Xvfb that lives as long as the browser.
// Never touches a display that it did not start.
import { type ChildProcess, spawn } from 'node:child_process'
import { type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'
import { endProcess, whenExited } from './child.ts'

export interface Display extends AsyncDisposable {
  /** For the environment variable DISPLAY, such as `:0`. */
  readonly name: string
  /** True when we started it, so that a screenshot of it shows nothing but our browser. */
  readonly isPrivate: boolean
  close(): Promise<void>
}

export interface DisplayOptions {
  readonly clock: Clock
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
}

/** Opens a display. Throws `display_not_found` when there is none and Xvfb cannot be started. */
export async function openDisplay(options: DisplayOptions): Promise<Display> {
  const name = (options.env ?? process.env)['DISPLAY']
  if (name === undefined || name === '') return startXvfb(options)
  const close = async (): Promise<void> => {}
  return { name, isPrivate: false, close, [Symbol.asyncDispose]: close }
}

async function startXvfb(options: DisplayOptions): Promise<Display> {
  // `-displayfd 3`: Xvfb picks a free number itself and writes it there once it takes connections.
  // `-terminate`: it ends with its last client, so that a `kill -9` of ours, which ends Chromium, leaves no Xvfb either.
  const args = ['-displayfd', '3', '-screen', '0', '1920x1080x24', '-nolisten', 'tcp', '-terminate']
  const child = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], detached: true, env: options.env ?? process.env })
  const exited = whenExited(child)
  const close = (): Promise<void> => endProcess(child, { exited, clock: options.clock, patienceMs: limits.chromiumStopMs })
  try {
    const number = await readDisplayNumber(child, options)
    return { name: `:${number}`, isPrivate: true, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function readDisplayNumber(child: ChildProcess, options: DisplayOptions): Promise<string> {
  const limit = deadline(options.clock, limits.displayStartMs, options.signal)
  try {
    return await new Promise<string>((resolve, reject) => {
      const refuse = (reason: string): void => reject(new TelemetryError('display_not_found', { reason }))
      let text = ''
      child.once('error', (error) => refuse(`Xvfb cannot be started (${error.message})`))
      child.once('exit', (code) => refuse(`Xvfb ended with code ${code}`))
      child.stdio[3]?.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        if (text.endsWith('\n')) resolve(text.trim())
      })
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { once: true })
    })
  } finally {
    limit.cancel()
  }
}
