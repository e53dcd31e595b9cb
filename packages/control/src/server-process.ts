// The process of one browser's server: started apart from ours, so that it outlives us for as long as its grace lasts, and ended by its
// number only while that number still means the same process.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { limits } from '@tabscope/schema'

/** How to start a server: the program, and what comes before its own options. */
export interface ServerProgram {
  readonly command: string
  readonly args: readonly string[]
}

export interface SpawnOptions {
  readonly program: ServerProgram
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Takes its standard output and error. Not a pipe: those would break when we are killed, and the server with them. */
  readonly logPath: string
}

export interface ServerProcess {
  readonly pid: number | undefined
  /** Resolves when it has ended, or could not be started, with how. Never rejects. */
  readonly exited: Promise<string>
}

/** Starts the process, as the leader of a group of its own: Ctrl-C in our terminal is ours to hand on. */
export function spawnServer({ program, args, env, logPath }: SpawnOptions): ServerProcess {
  // For reading too: the server itself keeps it within its bound.
  const log = openSync(logPath, 'a+', 0o600)
  try {
    const child = spawn(program.command, [...program.args, ...args], { detached: true, stdio: ['ignore', log, log], env })
    return { pid: child.pid, exited: exitOf(child) }
  } finally {
    closeSync(log)
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`))
    child.once('error', (error) => resolve(`could not be started (${error.message})`))
  })
}

/** When the process was started, in the kernel's own count: with the pid it names a process for good. Undefined = unknown, or it is gone. */
export function startOfProcess(pid: number): string | undefined {
  try {
    // The name of the program is in brackets and may hold anything; after it the 20th field is the start.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    // No such process, or no such system.
    return undefined
  }
}

interface KnownProcess {
  readonly pid: number
  readonly startedAt?: string | undefined
}

/** Whether that very process still runs. Where the kernel does not tell when a process began, it is taken to be gone. */
export function isSameProcess({ pid, startedAt }: KnownProcess): boolean {
  return startedAt !== undefined && startOfProcess(pid) === startedAt
}

/** Asks the process to end, if it is still that one. */
export function terminateProcess(process_: KnownProcess): void {
  if (isSameProcess(process_)) sendSignal(process_.pid, 'SIGTERM')
}

/** Kills the process and its group, if it is still that one. Its Chromium ends with it, by a pipe. */
export function killProcess(process_: KnownProcess): void {
  if (!isSameProcess(process_)) return
  for (const target of [-process_.pid, process_.pid]) sendSignal(target, 'SIGKILL')
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch {
    // ESRCH: it has ended in between, which is what was wanted.
  }
}

/** What the process said of its end, for a person. */
export async function lastWords(logPath: string): Promise<string> {
  const file = await open(logPath, 'r')
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - limits.browserServerLogBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const lines = buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n')
    return (
      lines
        .at(-1)
        ?.replace(/^(tabscope|error): /, '')
        .slice(0, limits.configTextBytes) ?? ''
    )
  } finally {
    await file.close()
  }
}
