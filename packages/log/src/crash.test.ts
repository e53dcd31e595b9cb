// A power cut at every single step of a script that does everything a log does: open, write, rotate, reserve, remove old
// segments, stop, start again. Whatever unflushed bytes and names survive, nothing durable is lost and no number repeats.
import { createManualClock } from '@tabscope/schema'
import { expect, test } from 'vitest'
import { type EventLog, openEventLog } from './event-log.ts'
import type { LogLimits } from './log-limits.ts'
import { type CrashFiles, createCrashFiles } from './testing/crash-files.ts'
import { createLedger, type Ledger } from './testing/ledger.ts'
import type { Survival } from './testing/power-cut.ts'
import { createRandom } from './testing/random.ts'

// Small enough that the script rotates segments, reserves blocks and reserves late.
const small: Partial<LogLimits> = { ringRecords: 4, segmentBytes: 1500, batchMostBytes: 900, reservedNumbers: 10, slabBytes: 2048 }

interface Machine {
  readonly files: CrashFiles
  readonly ledger: Ledger
  readonly limits: Partial<LogLimits>
  readonly sync: 'batch' | 'none'
}

async function open({ files, ledger, limits, sync }: Machine): Promise<EventLog> {
  const log = await openEventLog({ directory: '/data', files, clock: createManualClock(), limits, sync })
  ledger.begin(log)
  return log
}

async function append(machine: Machine, log: EventLog, count: number): Promise<void> {
  for (let left = count; left > 0; left--) machine.ledger.append(log)
  await log.flush()
  machine.ledger.note(log)
}

// Two runs with a clean stop between them; ends with a crash if the machine is set to one.
async function runScript(machine: Machine): Promise<void> {
  for (let run = 0; run < 2; run++) {
    const log = await open(machine)
    for (const count of [1, 3, 8, 2, 5]) await append(machine, log, count)
    machine.ledger.append(log)
    await log.close()
    machine.ledger.note(log)
  }
}

async function untilCrash(running: Promise<void>): Promise<void> {
  try {
    await running
  } catch {
    // Opening a log on a machine without power fails; what counts is what is found afterwards.
  }
}

async function stepsOf(machine: Omit<Machine, 'files' | 'ledger'>): Promise<number> {
  const files = createCrashFiles()
  await runScript({ ...machine, files, ledger: createLedger() })
  return files.steps
}

// The script crashes, then the recovery crashes too, then a last start has to find everything.
async function faultsAfterCrash(step: number, survival: Survival, limits: Partial<LogLimits>): Promise<string[]> {
  const random = createRandom(step)
  const ledger = createLedger()
  const first = { files: createCrashFiles(), ledger, limits, sync: 'batch' as const }
  first.files.crashAt(step)
  await untilCrash(runScript(first))
  const second = { ...first, files: first.files.survivors(survival, random) }
  second.files.crashAt(1 + random.below(40))
  await untilCrash(runScript(second))
  const third = { ...first, files: second.files.survivors(survival, random) }
  const log = await open(third)
  const faults = await ledger.faults(log)
  await append(third, log, 3)
  faults.push(...(await ledger.faults(log)))
  await log.close()
  const again = await open(third)
  faults.push(...(await ledger.faults(again)))
  if (!again.recovered.wasClean || again.recovered.cuts.length > 0) faults.push('a clean stop left work behind')
  await again.close()
  return faults.map((fault) => `power cut in step ${step}, unflushed ${survival}: ${fault}`)
}

async function faultsOfAllCrashes(survival: Survival, limits: Partial<LogLimits>): Promise<string[]> {
  const steps = await stepsOf({ limits, sync: 'batch' })
  expect(steps).toBeGreaterThan(100)
  const faults: string[] = []
  for (let step = 1; step <= steps; step++) faults.push(...(await faultsAfterCrash(step, survival, limits)))
  return faults
}

test.each(['lost', 'kept', 'torn'] as const)(
  'a power cut at any step loses nothing durable and repeats no number: unflushed bytes %s',
  async (survival) => {
    expect(await faultsOfAllCrashes(survival, small)).toEqual([])
  },
)

test('a power cut at any step while old segments are removed loses nothing that was to be kept', async () => {
  expect(await faultsOfAllCrashes('torn', { ...small, retentionBytes: 4000 })).toEqual([])
})

test('with sync none a killed process loses nothing that was written, at whatever step', async () => {
  const steps = await stepsOf({ limits: small, sync: 'none' })
  const faults: string[] = []
  for (let step = 1; step <= steps; step++) {
    const machine = { files: createCrashFiles(), ledger: createLedger(), limits: small, sync: 'none' as const }
    machine.files.crashAt(step)
    await untilCrash(runScript(machine))
    // The machine lives on, so what was written is still there: the page cache outlives the process.
    const after = { ...machine, files: machine.files.survivors('kept', createRandom(step)) }
    const log = await open(after)
    faults.push(...(await machine.ledger.faults(log)).map((fault) => `killed in step ${step}: ${fault}`))
    await log.close()
  }
  expect(faults).toEqual([])
})
