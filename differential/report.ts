// What a run found, as text: recall and precision of each witness in each mode, and what `passive` missed. Pure.
import { type Problem, problems } from './compare.ts'
import type { CaseResult, Verdict } from './run-case.ts'
import type { Mode } from './stage.ts'

export interface ModeResult {
  readonly mode: Mode
  readonly cases: readonly CaseResult[]
}

/** One line a witness. Everything here is the same in a second run. */
export function summaryOf({ mode, cases }: ModeResult): string {
  return (['server', 'playwright'] as const)
    .map((witness) => {
      const verdicts = cases.flatMap(({ verdicts }) => verdicts.filter((verdict) => verdict.witness === witness))
      const counts = Object.fromEntries(problems.map((problem) => [problem, countOf(verdicts, problem)])) as Record<Problem, number>
      const compared = sum(
        verdicts,
        ({ facts, explained }) => facts - explained.filter(({ difference }) => difference.problem === 'missed').length,
      )
      const told = sum(verdicts, ({ matched }) => matched) + counts.phantom + counts.double
      const figures = problems.map((problem) => `${problem} ${counts[problem]}`).join('  ')
      const recall = percent(compared - counts.missed, compared)
      const precision = percent(told - counts.phantom - counts.double, told)
      return `${mode.padEnd(8)}  ${witness.padEnd(10)}  ${cases.length} pages  ${figures}  recall ${recall}  precision ${precision}`
    })
    .join('\n')
}

/** What began before `passive` had attached: of the facts of each page, how many were told late and how many not at all. */
export function lateTable({ cases }: ModeResult): string {
  const rows = cases.flatMap(({ name, verdicts }) => {
    const server = verdicts.find(({ witness }) => witness === 'server')
    if (server === undefined) return []
    const early = server.explained.filter(({ rule }) => rule.id === 'before-attach').map(({ difference }) => difference)
    const missed = early.filter(({ problem }) => problem === 'missed')
    const count = (kind: string): number => missed.filter(({ theirs }) => theirs?.kind === kind).length
    const cut = new Set(early.flatMap(({ problem, ours }) => (problem === 'different' ? [ours] : []))).size
    if (early.length === 0) return []
    return [`| ${name} | ${server.requests} | ${count('request')} | ${count('response')} | ${cut} |`]
  })
  const head = [
    '| page | requests that the server saw | request not told | response not told | response told late, in part |',
    '| --- | --- | --- | --- | --- |',
  ]
  return [...head, ...rows].join('\n')
}

/** Which rules of the policy were needed, by witness. */
export function rulesUsed({ cases }: ModeResult): string {
  const counts = new Map<string, number>()
  for (const { verdicts } of cases)
    for (const { witness, explained } of verdicts)
      for (const { rule } of explained) counts.set(`${witness} ${rule.id}`, (counts.get(`${witness} ${rule.id}`) ?? 0) + 1)
  return [...counts]
    .sort()
    .map(([name, count]) => `  ${String(count).padStart(5)}  ${name}`)
    .join('\n')
}

function countOf(verdicts: readonly Verdict[], problem: Problem): number {
  return sum(verdicts, ({ unexplained }) => unexplained.filter((difference) => difference.problem === problem).length)
}

function sum<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + amountOf(item), 0)
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(2)} %`
}
