// A real process that appends as fast as it can and is killed with SIGKILL at a moment of chance; then its folder is opened
// again and compared with what the process had reported as durable. Event-driven: the kill follows a report, never a delay.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@tabscope/schema'
import { openEventLog } from '../event-log.ts'
import { createRandom } from './random.ts'

export interface KillLoopOptions {
  readonly directory: string
  readonly kills: number
  readonly seed: number
  readonly sync: 'batch' | 'none'
  /** Told after each kill. */
  readonly onRound?: (round: KillRound) => void
}

export interface KillRound {
  /** First number of the run that was killed. */
  readonly firstSeq: number
  /** Last number that the process had said was durable. */
  readonly durableSeq: number
  /** Last record that was found. */
  readonly foundSeq: number
  readonly cutBytes: number
}

export interface KillLoopResult {
  /** Lines of all runs together, read at the end. */
  readonly lines: number
  readonly rounds: readonly KillRound[]
  /** What went wrong, in words; empty when all is well. */
  readonly faults: readonly string[]
}

interface Written {
  readonly firstSeq: number
  readonly durableSeq: number
}

// Kills the child once it has reported some durable numbers, and says what it had reported by then.
async function killAfterReports(child: ChildProcess, reports: number): Promise<Written> {
  if (child.stdout === null) throw new Error('the writer has no output')
  let firstSeq = 0
  let durableSeq = 0
  let left = reports
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, number] = line.split(' ')
    if (word === 'first') firstSeq = Number(number)
    else durableSeq = Number(number)
    // Lines that were in the pipe when the signal went out count too: the process had said so.
    if (--left === 0) child.kill('SIGKILL')
  }
  return { firstSeq, durableSeq }
}

async function runWriter(options: KillLoopOptions, reports: number): Promise<Written> {
  const program = fileURLToPath(new URL('./kill-loop-writer.ts', import.meta.url))
  const args = ['--conditions=tabscope-source', '--import', 'tsx', program, options.directory, options.sync]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const written = await killAfterReports(child, reports)
  const [code, signal] = await exited
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself with code ${code}`)
  return written
}

// Reads the files from a number on as a person with jq would: every line whole, numbers rising.
async function readLines(directory: string, fromSeq: number, faults: string[]): Promise<Set<number>> {
  const folder = join(directory, 'segments')
  const seqs = new Set<number>()
  let lastSeq = 0
  const names = (await readdir(folder)).filter((file) => file.endsWith('.jsonl') && Number.parseInt(file, 10) >= fromSeq)
  for (const name of names.sort()) {
    for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
      const { seq } = JSON.parse(line) as { readonly seq: number }
      if (seq <= lastSeq) faults.push(`${name}: ${seq} follows ${lastSeq}`)
      lastSeq = seq
      seqs.add(seq)
    }
  }
  return seqs
}

async function checkRound(options: KillLoopOptions, written: Written, faults: string[]): Promise<KillRound> {
  const log = await openEventLog({ directory: options.directory, clock: systemClock })
  const { cuts, wasClean } = log.recovered
  const nextSeq = log.seq + 1
  await log.close()
  // A run begins a segment of its own, so its lines are in the files from its first number on.
  const seqs = await readLines(options.directory, written.firstSeq, faults)
  for (let seq = written.firstSeq; seq <= written.durableSeq; seq++) if (!seqs.has(seq)) faults.push(`${seq} was durable and is gone`)
  const foundSeq = Math.max(0, ...[...seqs].slice(-1))
  if (wasClean) faults.push('a killed run counts as clean')
  if (nextSeq <= foundSeq) faults.push(`numbers go on at ${nextSeq}, but ${foundSeq} is on disk`)
  const cutBytes = cuts.reduce((sum, cut) => sum + cut.bytes, 0)
  return { ...written, foundSeq, cutBytes }
}

/** Kills a writing process again and again on the same folder. */
export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopResult> {
  const random = createRandom(options.seed)
  const faults: string[] = []
  const rounds: KillRound[] = []
  for (let kill = 0; kill < options.kills; kill++) {
    const written = await runWriter(options, 2 + random.below(40))
    const before = rounds.at(-1)
    if (before !== undefined && written.firstSeq <= before.foundSeq) faults.push(`${written.firstSeq} was given again`)
    const round = await checkRound(options, written, faults)
    rounds.push(round)
    options.onRound?.(round)
  }
  const lines = (await readLines(options.directory, 0, faults)).size
  return { rounds, faults, lines }
}
