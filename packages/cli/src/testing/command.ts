// Runs a command of ours as a process of its own, as a person would, and waits for what it says. Never leaves it running.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { deadline, systemClock } from '@tabscope/schema'
import { bundleCommand } from './bundle.ts'

/** Longest wait for a line or an end; a test that gets here has failed. */
const patienceMs = 45_000

export interface RunningCommand extends AsyncDisposable {
  readonly pid: number
  readonly stdout: Lines
  readonly stderr: Lines
  kill(signal: NodeJS.Signals): void
  /** Exit code, or the signal's name; rejects when it does not end in time. */
  ended(): Promise<number | NodeJS.Signals>
}

export interface Lines {
  /** All lines so far. */
  readonly all: readonly string[]
  /** The first line, now or later, that matches. */
  until(pattern: RegExp): Promise<string>
  /** Resolves when there are so many lines. */
  untilCount(count: number): Promise<readonly string[]>
}

/** The file to give to Node for `tabscope`, from its sources. */
export const tabscopeFile = await bundleCommand()

/** Runs `tabscope`. */
export function runTabscope(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  return runCommand(process.execPath, [tabscopeFile, ...args], env)
}

/** Runs any program, without a terminal and without colours. `detached` as a group of its own, which is ended as one. */
export function runCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...withoutOwnVariables(process.env), NO_COLOR: '1', ...env },
  })
  const ended = once(child, 'close')
  // Who asks for the end gets the failure; who does not ask has no use for it.
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    stdout: readLines(child.stdout, child, 'stdout'),
    stderr: readLines(child.stderr, child, 'stderr'),
    kill: (signal) => child.kill(signal),
    ended: async () => {
      const [code, signal] = await within(ended, 'the command did not end')
      return code ?? signal
    },
    [Symbol.asyncDispose]: async () => {
      killGroup(child)
      await ended
    },
  }
}

// Node tells the ends of several children one after the other: one whose end is not told yet may be gone.
function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Where a server that was started says it can be reached. */
export async function urlOf(server: RunningCommand): Promise<string> {
  const line = await server.stdout.until(/^Stream/)
  const url = /(http:\/\/\S+)\/telemetry\/stream/.exec(line)?.[1]
  if (url === undefined) throw new Error(`no address in: ${line}`)
  return url
}

/** A test must not depend on what its own environment says about tabscope. */
function withoutOwnVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TABSCOPE_') && name !== 'FORCE_COLOR'))
}

function readLines(stream: Readable, child: ChildProcess, name: string): Lines {
  const all: string[] = []
  const watchers = new Set<() => void>()
  const wake = (): void => {
    for (const watcher of [...watchers]) watcher()
  }
  createInterface(stream).on('line', (line) => {
    all.push(line)
    wake()
  })
  let isOver = false
  child.once('close', () => {
    isOver = true
    wake()
  })
  const until = <Result>(find: () => Result | undefined, what: string): Promise<Result> => {
    const found = new Promise<Result>((resolve, reject) => {
      const look = (): void => {
        const result = find()
        if (result !== undefined) resolve(result)
        else if (isOver)
          reject(
            new Error(`the command ended with ${child.exitCode ?? child.signalCode} before ${what} on ${name}; it said: ${all.join('\n')}`),
          )
        else return
        watchers.delete(look)
      }
      watchers.add(look)
      look()
    })
    return within(found, `no ${what} on ${name}; so far: ${all.join('\n')}`)
  }
  return {
    all,
    until: (pattern) => until(() => all.find((line) => pattern.test(line)), `line like ${pattern}`),
    untilCount: (count) => until(() => (all.length >= count ? all : undefined), `${count} lines`),
  }
}

async function within<Result>(work: Promise<Result>, failure: string): Promise<Result> {
  const limit = deadline(systemClock, patienceMs)
  // A deadline of the clock does not keep the process alive, but the child's pipes do.
  const late = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(new Error(failure)), { once: true })
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    limit.cancel()
  }
}
