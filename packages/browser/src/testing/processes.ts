// What runs on this machine, as /proc tells it: for tests that must prove that nothing is left over. Linux only.
import { readdirSync, readFileSync } from 'node:fs'
import { delay, systemClock } from '@tabscope/schema'

/** The ids of the processes whose command line contains the text; zombies have none and are left out. */
export function processesWith(text: string): number[] {
  return allProcesses().filter((pid) => commandLine(pid).includes(text))
}

/** Whether the process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  return commandLine(pid) !== ''
}

function allProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    // It ended between the listing and the reading.
    return ''
  }
}

/** Waits until no process has the text in its command line. Answers those that are still there after `withinMs`. */
export async function leftOver(text: string, withinMs: number): Promise<number[]> {
  const untilMs = systemClock.monotonicMs() + withinMs
  for (;;) {
    const left = processesWith(text)
    if (left.length === 0 || systemClock.monotonicMs() > untilMs) return left
    await delay(systemClock, 20)
  }
}

/** The profile folder in the command line of a running Chromium: what its other processes have in common. */
export function profileOf(pid: number): string {
  const profile = /--user-data-dir=(\S+)/.exec(commandLine(pid))?.[1]
  if (profile === undefined) throw new Error(`process ${pid} has no --user-data-dir`)
  return profile
}

/** The processes that the process has started, and those that they have started, and so on. */
export function descendantsOf(pid: number): number[] {
  const children = allProcesses().filter((candidate) => parentOf(candidate) === pid)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

/** The profile folder of the Chromium that runs somewhere below the process. */
export function profileBelow(pid: number): string {
  const browser = descendantsOf(pid).find((candidate) => commandLine(candidate).includes('--user-data-dir='))
  if (browser === undefined) throw new Error(`no Chromium runs below process ${pid}`)
  return profileOf(browser)
}

function parentOf(pid: number): number | undefined {
  try {
    // "pid (name) state ppid …", where the name may hold anything.
    return Number(/.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1])
  } catch {
    // It ended between the listing and the reading.
    return undefined
  }
}
