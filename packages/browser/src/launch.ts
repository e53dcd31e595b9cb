// Starts one Chromium with a fresh profile, and ends it with everything that belongs to it. Never restarts it: see supervise.ts.
// Chromium gets a debugging pipe beside its port. Nothing is ever sent on it: when our end closes, also by `kill -9`, Chromium
// reads the end of the pipe and quits, so that none is ever left over.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { type Clock, deadline, limits, TelemetryError } from '@tabscope/schema'
import { type Exit, endProcess, killGroup, whenExited } from './child.ts'
import { type Display, openDisplay } from './display.ts'
import { readAnnouncements, readVersion } from './endpoint.ts'
import { findChromium } from './find.ts'
import { chromiumFlags } from './flags.ts'
import { createScratch, type Scratch, sweepScratch } from './scratch.ts'

/** Where to say what happens; pino's logger is one. */
export interface BrowserLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

export interface LaunchOptions {
  readonly clock: Clock
  /** The executable; absent = CHROMIUM_PATH, then an installed one. */
  readonly chromium?: string | undefined
  /** With a window, on DISPLAY or on a private Xvfb. Default: headless. */
  readonly headful?: boolean | undefined
  readonly args?: readonly string[] | undefined
  /** Ends the start; a browser that runs already is ended with `close`. */
  readonly signal?: AbortSignal | undefined
  readonly log?: BrowserLog | undefined
}

export interface RunningBrowser extends AsyncDisposable {
  /** WebSocket URL of the browser's DevTools endpoint. */
  readonly endpoint: string
  readonly pid: number
  readonly version: string
  /** The display it shows its windows on; absent when headless. */
  readonly display: { readonly name: string; readonly isPrivate: boolean } | undefined
  /** Resolves when it ended, for whatever reason. Never rejects. */
  readonly exited: Promise<Exit>
  /** Ends it and removes its profile. May be called twice, and after it ended by itself. */
  close(): Promise<void>
}

/**
 * Starts a Chromium and waits until its endpoint answers.
 * Throws `chromium_not_found`, `chromium_start_failed`, `display_not_found`, or the signal's reason.
 */
export async function launchBrowser(options: LaunchOptions): Promise<RunningBrowser> {
  options.signal?.throwIfAborted()
  const path = findChromium({ chromium: options.chromium })
  await sweepScratch()
  const scratch = await createScratch()
  const display = await openDisplayFor(options).catch(async (error: unknown) => {
    await scratch.remove()
    throw error
  })
  const child = spawnChromium(path, { options, display, scratch })
  const exited = whenExited(child)
  const tidied = exited.then(() => tidyUp(child, display, scratch))
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    // Once only: Chromium takes a second SIGTERM as an order to drop everything.
    closing ??= endProcess(child, { exited, clock: options.clock, patienceMs: limits.chromiumStopMs }).then(() => tidied)
    return closing
  }
  try {
    const ready = await waitUntilReady(child, { path, exited, options })
    options.log?.info({ ...ready, path }, 'Chromium runs')
    return { ...ready, display, exited, close, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openDisplayFor(options: LaunchOptions): Promise<Display | undefined> {
  return options.headful === true ? openDisplay({ clock: options.clock, signal: options.signal }) : undefined
}

interface Surroundings {
  readonly options: LaunchOptions
  readonly display: Display | undefined
  readonly scratch: Scratch
}

function spawnChromium(path: string, { options, display, scratch }: Surroundings): ChildProcess {
  const flags = chromiumFlags({
    profileDirectory: scratch.profileDirectory,
    headful: display !== undefined,
    asRoot: process.getuid?.() === 0,
    args: options.args ?? [],
  })
  const env = {
    ...withoutOwn(process.env),
    TMPDIR: scratch.temporaryDirectory,
    ...(display === undefined ? {} : { DISPLAY: display.name }),
  }
  // Its own process group: Ctrl-C in a terminal reaches us alone, and we end Chromium in our own order.
  const child = spawn(path, flags, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], detached: true, env })
  for (const pipe of [child.stdio[3], child.stdio[4]]) {
    // A pipe that breaks says only that Chromium ended, which `exited` says too.
    pipe?.on('error', () => {})
  }
  // Nothing is asked on the pipe, so nothing should come; what comes is read and dropped, or Chromium would block on it.
  ;(child.stdio[4] as Readable | null)?.resume()
  return child
}

/** Our own variables hold secrets of tokens and keys, and whatever takes over a renderer can read its environment. */
function withoutOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TABSCOPE_')))
}

interface ReadyOptions {
  readonly path: string
  readonly exited: Promise<Exit>
  readonly options: LaunchOptions
}

async function waitUntilReady(
  child: ChildProcess,
  { path, exited, options }: ReadyOptions,
): Promise<Pick<RunningBrowser, 'endpoint' | 'pid' | 'version'>> {
  const said = child.stderr === null ? undefined : readAnnouncements(child.stderr)
  const limit = deadline(options.clock, limits.chromiumStartMs, options.signal)
  const fail = (reason: string, cause?: unknown): TelemetryError =>
    new TelemetryError('chromium_start_failed', { path, reason, output: said?.output() ?? '', pid: child.pid }, { cause })
  const ended = exited.then((exit) => Promise.reject(fail(describeExit(exit))))
  const late = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void =>
      reject(
        options.signal?.aborted === true
          ? options.signal.reason
          : fail(`did not open its DevTools endpoint within ${limits.chromiumStartMs} ms`),
      )
    limit.signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    const endpoint = await Promise.race([said?.endpoint ?? late, ended, late])
    const version = await Promise.race([readVersion(endpoint, limit.signal), ended, late])
    if (child.pid === undefined) throw fail('has no process id')
    return { endpoint, version, pid: child.pid }
  } finally {
    limit.cancel()
    // Both may still reject after the race is over; nobody is left to care.
    ended.catch(() => {})
    late.catch(() => {})
  }
}

function describeExit(exit: Exit): string {
  if (exit.signal !== undefined) return `was ended by ${exit.signal}`
  return exit.code === undefined ? 'could not be started' : `ended with code ${exit.code}`
}

async function tidyUp(child: ChildProcess, display: Display | undefined, scratch: Scratch): Promise<void> {
  killGroup(child)
  await display?.close()
  await scratch.remove()
}
