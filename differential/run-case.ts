// One page: driven, witnessed, compared. It is over when nothing is left to explain and everything that the browser had to say was read.
import { deadline, delay, systemClock } from '@tabscope/schema'
import type { Page } from 'playwright-core'
import type { Case } from './cases.ts'
import { type Comparison, compareFacts, type Difference } from './compare.ts'
import { ownEnds } from './evidence.ts'
import type { Fact } from './facts.ts'
import { type PlaywrightWitness, watchContext } from './playwright-witness.ts'
import { explain } from './policy.ts'
import type { Evidence, Rule, WitnessName } from './rule.ts'
import { factsOfExchanges } from './server-witness.ts'
import type { Stage } from './stage.ts'
import { factOf } from './stream-witness.ts'

/** What one witness says of one page, against the stream. */
export interface Verdict {
  readonly witness: WitnessName
  /** How many of the witness's facts are requests. */
  readonly requests: number
  /** Facts of the witness, and those of them that the stream has. */
  readonly facts: number
  readonly matched: number
  /** Facts of the stream that this witness can know of. */
  readonly told: number
  readonly unexplained: readonly Difference[]
  readonly explained: readonly { readonly rule: Rule; readonly difference: Difference }[]
}

export interface CaseResult {
  readonly name: string
  readonly verdicts: readonly Verdict[]
  /** What went wrong with the page itself. */
  readonly trouble?: string
}

/** Longest wait for a page's steps, and then for the last of what is told of them. */
const patienceMs = 13_000
const mostRounds = 3

export async function runCase(stage: Stage, one: Case): Promise<CaseResult> {
  const context = await stage.browser.newContext()
  const changed = createSignal()
  const witness = watchContext(context, changed.give)
  stage.stream.onEvent = changed.give
  stage.web.onChange = changed.give
  try {
    const from = { ours: stage.stream.envelopes.length, server: stage.web.exchanges.length }
    const page = await context.newPage()
    await untilCaptured({ stage, witness, page, changed })
    const site = `${one.name.replaceAll('/', '-')}.localhost`
    const record: Recorded = { one, stage, witness, site, from, page }
    const trouble = await drive(one, record)
    let { verdicts } = await settle(record, changed)
    // What came with the last words may have begun something new, such as an icon.
    for (let round = 1; round < mostRounds && verdicts.some(({ unexplained }) => unexplained.length > 0); round++)
      verdicts = (await settle(record, changed)).verdicts
    witness.stop()
    return { name: one.name, verdicts, ...(trouble === undefined ? {} : { trouble }) }
  } finally {
    await context.close()
  }
}

interface Recorded {
  readonly stage: Stage
  readonly witness: PlaywrightWitness
  readonly one: Case
  readonly site: string
  /** Where this case begins in what the stream and the server have told. */
  readonly from: { readonly ours: number; readonly server: number }
  readonly page: Page
}

/** A signal that many may give and one waits for. */
interface Signal {
  readonly give: () => void
  next(): Promise<void>
}

function createSignal(): Signal {
  let wake = (): void => undefined
  return {
    give: () => wake(),
    next: () =>
      new Promise((resolve) => {
        wake = resolve
      }),
  }
}

const markPrefix = 'differential mark '
let marks = 0

interface Tab {
  readonly stage: Stage
  readonly witness: PlaywrightWitness
  readonly page: Page
  readonly changed: Signal
}

/** A tab says something until both tell it: from then on all of it is captured, and all that it had to say before was told. */
async function untilCaptured({ stage, witness, page, changed }: Tab): Promise<void> {
  marks += 1
  const mark = `${markPrefix}${marks}`
  await page.evaluate((text) => console.log(text), mark)
  const isTold = (): boolean => stage.stream.envelopes.some((envelope) => envelope.event.data?.text === mark)
  const isHeard = (): boolean => witness.facts.some(({ key }) => key.endsWith(mark))
  await until(changed, () => isTold() && isHeard())
}

async function until(changed: Signal, holds: () => boolean, withinMs = patienceMs): Promise<boolean> {
  const limit = deadline(systemClock, withinMs)
  limit.signal.addEventListener('abort', changed.give, { once: true })
  try {
    while (!holds()) {
      if (limit.signal.aborted) return false
      await changed.next()
    }
    return true
  } finally {
    limit.cancel()
  }
}

async function drive(one: Case, { stage, witness, page, site }: Recorded): Promise<string | undefined> {
  const origin = `http://${site}:${stage.web.port}`
  const limit = deadline(systemClock, patienceMs)
  const changed = createSignal()
  page.setDefaultTimeout(patienceMs)
  const doneCount = (): number => witness.facts.filter(({ kind, key }) => kind === 'console' && key === 'log case done').length
  const failed = (): Fact | undefined => witness.facts.find(({ kind, key }) => kind === 'console' && key.startsWith('log case failed'))
  const done = async (count = 1): Promise<void> => {
    while (doneCount() < count && failed() === undefined) {
      if (limit.signal.aborted) throw new Error(`only ${doneCount()} of ${count} pages were done`)
      await delay(systemClock, 5)
    }
    const failure = failed()
    if (failure !== undefined) throw new Error(failure.key)
  }
  try {
    await one.drive({ page, origin, visit: async () => void (await page.goto(origin + one.path)), done })
    return undefined
  } catch (error) {
    return String(error)
  } finally {
    limit.cancel()
    changed.give()
  }
}

async function settle(record: Recorded, changed: Signal): Promise<ReturnType<typeof judge>> {
  await untilExplained(record, changed)
  await flush(record, changed)
  return judge(record)
}

async function untilExplained(record: Recorded, changed: Signal): Promise<void> {
  await until(changed, () => {
    const { evidence, verdicts } = judge(record)
    const isOpen = evidence.ours.length === 0 || !record.witness.isSettled() || openRequests(evidence.ours) > 0
    return !isOpen && verdicts.every(({ unexplained }) => unexplained.length === 0)
  })
}

/** How many requests of the stream have no end yet. */
function openRequests(ours: readonly Fact[]): number {
  const ends = new Map<unknown, number>()
  for (const { kind, notes } of ours) {
    const step = kind === 'request' ? 1 : kind === 'response' || kind === 'failure' ? -1 : 0
    if (step !== 0) ends.set(notes['request_id'], (ends.get(notes['request_id']) ?? 0) + step)
  }
  return [...ends.values()].filter((count) => count > 0).length
}

/** Every page says one thing more: what the stream tells after that was not there before. */
async function flush({ stage, witness, page: first }: Recorded, changed: Signal): Promise<void> {
  for (const page of first.context().pages()) {
    // A page that waits for its document, or is about to close, cannot answer; the others can.
    await Promise.race([untilCaptured({ stage, witness, page, changed }).catch(() => undefined), delay(systemClock, 2000)])
  }
}

function judge(record: Recorded): { evidence: Evidence; verdicts: Verdict[] } {
  const { one, stage, witness, site, from } = record
  const firstUrl = `http://${site}:${stage.web.port}${one.path}`
  const ours = stage.stream.envelopes
    .slice(from.ours)
    .flatMap((envelope) => factOf(envelope) ?? [])
    .filter((fact) => !isMark(fact))
  const server = factsOfExchanges(stage.web.exchanges.slice(from.server).filter(({ host }) => isOfSite(host, site)))
  const playwright = witness.facts.filter((fact) => !isMark(fact))
  const evidence: Evidence = { mode: stage.mode, opensTargets: one.opensTargets, firstUrl, ours, server, playwright }
  // Those that went over the wire first: when several are alike, the server saw these.
  const toServer = ours
    .filter((fact) => serverKinds.has(fact.kind) && urlOf(fact)?.port === String(stage.web.port))
    .sort((a, b) => Number(isAnsweredInside(a, ours)) - Number(isAnsweredInside(b, ours)))
  return {
    evidence,
    verdicts: [
      verdict('server', evidence, { theirs: server, ours: toServer }),
      verdict('playwright', evidence, { theirs: playwright, ours }),
    ],
  }
}

function isAnsweredInside(fact: Fact, ours: readonly Fact[]): boolean {
  const ends = ownEnds({ problem: 'phantom', theirs: undefined, ours: fact }, ours)
  return ends.some(({ notes, attributes }) => notes['from_cache'] !== undefined || attributes['from_service_worker'] === true)
}

const socketKinds = ['websocket_opened', 'websocket_sent', 'websocket_received', 'websocket_closed']
const serverKinds: ReadonlySet<string> = new Set(['request', 'response', ...socketKinds])

// Keys of requests begin with a method, those of messages end with a length.
function urlOf({ key }: Fact): URL | undefined {
  const text = key.split(' ').find((word) => /^(?:http|ws):/.test(word))
  return text === undefined ? undefined : new URL(text)
}

function isOfSite(host: string, site: string): boolean {
  const [name = ''] = host.split(':')
  return name === site || name.endsWith(`.${site}`) || name.endsWith(`-${site}`)
}

function isMark({ key }: Fact): boolean {
  return key.includes(markPrefix)
}

function verdict(witness: WitnessName, evidence: Evidence, sides: { theirs: readonly Fact[]; ours: readonly Fact[] }): Verdict {
  const { differences, matched }: Comparison = compareFacts(sides.theirs, sides.ours)
  const judged = differences.map((difference) => ({ difference, rule: explain(witness, difference, evidence) }))
  return {
    witness,
    facts: sides.theirs.length,
    requests: sides.theirs.filter(({ kind }) => kind === 'request').length,
    matched,
    told: sides.ours.length,
    unexplained: judged.flatMap(({ difference, rule }) => (rule === undefined ? [difference] : [])),
    explained: judged.flatMap(({ difference, rule }) => (rule === undefined ? [] : [{ rule, difference }])),
  }
}
