// `npm run diff [-- names…] [--mode passive|complete] [--late] [--rules] [--list]`: drives the pages of fixtures/pages with Playwright on a real
// Chromium beside our real server, and compares the stream with the web server's own log and with Playwright's listeners, event by event.
// Prints recall and precision; ends with 1 when a difference is not explained by the policy (docs/completeness.md) or a page failed.
import { parseArgs } from 'node:util'
import { missingPages, pagesMissing } from '../tools/setup-pages.mjs'
import { allCases, type Case } from './cases.ts'
import { describeDifference } from './compare.ts'
import { foreignPrefix } from './foreign-pages.ts'
import { type FaultWatch, watchFaults } from './playwright-faults.ts'
import { policyTable } from './policy-table.ts'
import { lateTable, type ModeResult, rulesUsed, summaryOf } from './report.ts'
import { type CaseResult, runCase } from './run-case.ts'
import { type Mode, openStage, type Stage } from './stage.ts'

const options = {
  mode: { type: 'string' },
  late: { type: 'boolean' },
  rules: { type: 'boolean' },
  verbose: { type: 'boolean' },
  table: { type: 'boolean' },
  list: { type: 'boolean' },
} as const
const mostAttempts = 5
const say = (text: string): void => void process.stdout.write(`${text}\n`)

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const cases = chosen(positionals)
  if (cases === undefined || !isMode(values.mode)) return usage()
  if (values.table === true) {
    say(policyTable())
    return 0
  }
  if (values.list === true) {
    say(cases.map(({ name }) => name).join('\n'))
    return 0
  }
  if (cases.some(({ name }) => name.startsWith(foreignPrefix)) && missingPages().length > 0) {
    say(pagesMissing)
    return 2
  }
  const modes: readonly Mode[] = values.mode === undefined ? ['passive', 'complete'] : [values.mode]
  const results: ModeResult[] = []
  for (const mode of modes) results.push(await runMode(mode, cases, values.verbose === true))
  for (const result of results) {
    say(summaryOf(result))
    if (values.rules === true) say(rulesUsed(result))
    if (values.late === true && result.mode === 'passive') say(lateTable(result))
  }
  return results.some(({ cases: done }) => done.some(isBad)) ? 1 : 0
}

async function runMode(mode: Mode, cases: readonly Case[], isVerbose: boolean): Promise<ModeResult> {
  using faults = watchFaults()
  const results: CaseResult[] = []
  let stage = await openStage(mode)
  try {
    for (const one of cases) {
      let result = await runSoundly(stage, one, faults)
      for (let attempt = 1; hasFallenBack(stage) && attempt < mostAttempts; attempt++) {
        say(`${mode} ${one.name}: the collector was starved and fell back to passive; begun anew`)
        await stage[Symbol.asyncDispose]()
        stage = await openStage(mode)
        result = await runSoundly(stage, one, faults)
      }
      results.push(result)
      tell(mode, result, isVerbose)
    }
  } finally {
    await stage[Symbol.asyncDispose]()
  }
  return { mode, cases: results }
}

/** Whether the collector gave up `complete`, as it does when its process did not run for a second: from then on it is `passive`. */
function hasFallenBack({ stream }: Stage): boolean {
  return stream.envelopes.some(({ event }) => event.type === 'monitor_degraded' && event.data?.what === 'attach_fell_back')
}

function tell(mode: Mode, result: CaseResult, isVerbose: boolean): void {
  if (isVerbose) tellExplained(result)
  if (!isBad(result)) return
  say(`${mode} ${result.name}${result.trouble === undefined ? '' : `: ${result.trouble}`}`)
  for (const { witness, unexplained } of result.verdicts)
    for (const difference of unexplained) say(`  ${witness}: ${describeDifference(difference)}`)
}

function tellExplained({ name, verdicts }: CaseResult): void {
  for (const { witness, explained } of verdicts)
    for (const { rule, difference } of explained) say(`${name} ${witness} [${rule.id}] ${describeDifference(difference)}`)
}

/** Runs a page again when it was Playwright that broke. */
async function runSoundly(stage: Stage, one: Case, faults: FaultWatch): Promise<CaseResult> {
  for (let attempt = 1; ; attempt++) {
    const before = faults.count
    const result = await runCase(stage, one)
    if (faults.count === before || attempt === mostAttempts) return result
    await stage.reconnect()
  }
}

function isBad({ verdicts, trouble }: CaseResult): boolean {
  return trouble !== undefined || verdicts.some(({ unexplained }) => unexplained.length > 0)
}

/** The pages whose names begin with one of these; undefined when one of them begins no name. */
function chosen(names: readonly string[]): readonly Case[] | undefined {
  const cases = allCases()
  const unknown = names.filter((start) => !cases.some(({ name }) => name.startsWith(start)))
  if (unknown.length > 0) return undefined
  return names.length === 0 ? cases : cases.filter(({ name }) => names.some((start) => name.startsWith(start)))
}

function isMode(text: string | undefined): text is Mode | undefined {
  return text === undefined || text === 'passive' || text === 'complete'
}

function usage(): number {
  say('npm run diff [-- names…] [--mode passive|complete] [--late] [--rules] [--list]; a name is the beginning of one in --list')
  return 2
}

process.exitCode = await main()
