// Compares what two sides say happened, fact by fact. Pure. Judges nothing: which differences are right is for policy.ts.
import type { AttributeValue, Fact } from './facts.ts'

export const problems = ['missed', 'phantom', 'different', 'double'] as const
export type Problem = (typeof problems)[number]

export interface Difference {
  readonly problem: Problem
  /** The witness's fact; undefined when it has none (phantom, double). */
  readonly theirs: Fact | undefined
  /** Our fact; undefined when it is missed. */
  readonly ours: Fact | undefined
  /** For `different`: which attribute. */
  readonly attribute?: string
}

export interface Comparison {
  readonly differences: readonly Difference[]
  /** Facts of the witness that have a counterpart. */
  readonly matched: number
}

/** Pairs the facts of the same kind and key, those that agree most first. */
export function compareFacts(theirs: readonly Fact[], ours: readonly Fact[]): Comparison {
  const groups = new Map<string, { theirs: Fact[]; ours: Fact[] }>()
  const groupOf = ({ kind, key }: Fact): { theirs: Fact[]; ours: Fact[] } => {
    const name = `${kind} ${key}`
    const group = groups.get(name) ?? { theirs: [], ours: [] }
    groups.set(name, group)
    return group
  }
  for (const fact of theirs) groupOf(fact).theirs.push(fact)
  for (const fact of ours) groupOf(fact).ours.push(fact)
  const compared = [...groups.values()].map((group) => compareGroup(group.theirs, group.ours))
  const paired = pairTexts(compared.flatMap(({ differences }) => differences))
  return {
    differences: paired.differences,
    matched: compared.reduce((sum, { matched }) => sum + matched, 0) + paired.matched,
  }
}

// Two programs print the same values in two ways. What is left of one `group` (a level and a number of arguments) is paired in order, and
// differs in its text.
function pairTexts(differences: readonly Difference[]): Comparison {
  const missed = differences.filter(({ problem, theirs }) => problem === 'missed' && theirs?.notes['group'] !== undefined)
  const extra = differences.filter(({ theirs, ours }) => theirs === undefined && ours?.notes['group'] !== undefined)
  const gone = new Set<Difference>()
  const pairs: Difference[] = []
  for (const one of missed) {
    const other = extra.find(({ ours }) => ours?.notes['group'] === one.theirs?.notes['group'])
    if (other === undefined || one.theirs === undefined || other.ours === undefined) continue
    extra.splice(extra.indexOf(other), 1)
    gone.add(one).add(other)
    const attributes = ['text', ...differingAttributes(one.theirs, other.ours)]
    for (const attribute of attributes) pairs.push({ problem: 'different', theirs: one.theirs, ours: other.ours, attribute })
  }
  return { differences: [...differences.filter((difference) => !gone.has(difference)), ...pairs], matched: gone.size / 2 }
}

function compareGroup(theirs: readonly Fact[], ours: readonly Fact[]): Comparison {
  const left = new Set(ours)
  const differences: Difference[] = []
  let matched = 0
  const unpaired: Fact[] = []
  // Those that agree in everything first, so that one odd fact does not shift all that follow; and of these the ones that say most, so that
  // one that fits many does not take the only one that another fits.
  for (const fact of [...theirs].sort((one, other) => statedAttributes(other) - statedAttributes(one))) {
    const twin = [...left].find((own) => differingAttributes(fact, own).length === 0)
    if (twin === undefined) unpaired.push(fact)
    else left.delete(twin)
    if (twin !== undefined) matched += 1
  }
  for (const fact of unpaired) {
    const own = nearest(fact, left)
    if (own === undefined) {
      differences.push({ problem: 'missed', theirs: fact, ours: undefined })
      continue
    }
    left.delete(own)
    matched += 1
    for (const attribute of differingAttributes(fact, own)) differences.push({ problem: 'different', theirs: fact, ours: own, attribute })
  }
  const extra = theirs.length > 0 ? 'double' : 'phantom'
  for (const own of left) differences.push({ problem: extra, theirs: undefined, ours: own })
  return { differences, matched }
}

function nearest(fact: Fact, candidates: ReadonlySet<Fact>): Fact | undefined {
  let best: { own: Fact; count: number } | undefined
  for (const own of candidates) {
    const { length: count } = differingAttributes(fact, own)
    if (best === undefined || count < best.count) best = { own, count }
  }
  return best?.own
}

function statedAttributes({ attributes }: Fact): number {
  return Object.values(attributes).filter((value) => value !== undefined).length
}

function differingAttributes(theirs: Fact, ours: Fact): string[] {
  return Object.entries(theirs.attributes)
    .filter(([name, value]) => value !== undefined && value !== ours.attributes[name])
    .map(([name]) => name)
}

/** What a person reads of a difference, in one line. */
export function describeDifference({ problem, theirs, ours, attribute }: Difference): string {
  const fact = theirs ?? ours
  const what = `${problem} ${fact?.kind} ${fact?.key.slice(0, 200)}`
  if (attribute === undefined) return `${what} ${JSON.stringify({ ...fact?.attributes, ...fact?.notes }).slice(0, 400)}`
  const [left, right] = [theirs?.attributes[attribute], ours?.attributes[attribute]]
  if (attribute.endsWith('headers') && right !== undefined) return `${what}: ${attribute}: ${changedLines(String(left), String(right))}`
  const pair = (value: AttributeValue | undefined): string => JSON.stringify(value)?.slice(0, 300) ?? 'nothing'
  return `${what}: ${attribute} is ${pair(left)} for the witness, ${pair(right)} in the stream (${JSON.stringify(ours?.notes).slice(0, 200)})`
}

function changedLines(theirs: string, ours: string): string {
  const [left, right] = [theirs.split('\n'), ours.split('\n')]
  return [
    ...left.filter((line) => !right.includes(line)).map((line) => `-${line}`),
    ...right.filter((line) => !left.includes(line)).map((line) => `+${line}`),
  ]
    .join(' | ')
    .slice(0, 300)
}
