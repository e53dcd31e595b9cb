// A child process that leads its own process group: told when it ends, ended together with everything it started.
// Never interprets its output.
import type { ChildProcess } from 'node:child_process'
import { type Clock, deadline } from '@tabscope/schema'

/** How a process ended: with an exit code, or by a signal. */
export interface Exit {
  readonly code: number | undefined
  readonly signal: NodeJS.Signals | undefined
}

/** Resolves when the process has ended, or could not be started at all (then with neither code nor signal). */
export function whenExited(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }))
    child.once('error', () => {
      if (child.pid === undefined) resolve({ code: undefined, signal: undefined })
    })
  })
}

export interface EndOptions {
  readonly exited: Promise<Exit>
  readonly clock: Clock
  /** How long it may take to end by itself. */
  readonly patienceMs: number
}

/** Asks the process to end, and kills its group when it does not in time. Returns when it is gone. */
export async function endProcess(child: ChildProcess, options: EndOptions): Promise<void> {
  child.kill('SIGTERM')
  const patience = deadline(options.clock, options.patienceMs)
  const outOfPatience = new Promise<void>((resolve) => patience.signal.addEventListener('abort', () => resolve(), { once: true }))
  await Promise.race([options.exited, outOfPatience])
  patience.cancel()
  killGroup(child)
  await options.exited
}

/** Kills the process and all that it started and that stayed in its group. Nothing to kill is fine. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ESRCH: the whole group has ended already, which is what was wanted.
  }
}
