// What a program and everything it started have used: CPU so far, and memory of their own. Linux only, as the benchmarks are.
import { readdirSync, readFileSync } from 'node:fs'

export interface TreeUsage {
  readonly cpuMs: number
  /** Anonymous memory: what is not shared with a file. */
  readonly bytes: number
}

/** Linux counts CPU in hundredths of a second. */
const tickMs = 10

/** Of the processes that live now; what one used that has ended is missing. */
export function usageOfTree(root: number): TreeUsage {
  const children = new Map<number, number[]>()
  const ticks = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const fields = Number.isInteger(pid) ? statOf(pid) : undefined
    if (fields === undefined) continue
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number)
    children.set(parent ?? 0, [...(children.get(parent ?? 0) ?? []), pid])
    ticks.set(pid, (user ?? 0) + (system ?? 0))
  }
  let cpuMs = 0
  let bytes = 0
  for (const waiting = [root]; waiting.length > 0; ) {
    const pid = waiting.pop() ?? 0
    waiting.push(...(children.get(pid) ?? []))
    cpuMs += (ticks.get(pid) ?? 0) * tickMs
    bytes += anonymousBytes(pid)
  }
  return { cpuMs, bytes }
}

// The fields behind the name, which is in brackets and may hold anything: state, parent, … https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
function statOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`)
  return text === undefined ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

function anonymousBytes(pid: number): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * 1024
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // It ended meanwhile.
    return undefined
  }
}
