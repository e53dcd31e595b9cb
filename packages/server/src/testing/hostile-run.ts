// A hostile page beside an ordinary one: loads the first while the second beats, waits until the hostile page says that it is over, and
// tells whether every beat arrived once and in order, and what was reported as cut.
import type { DrivenPage } from '@tabscope/cdp/testing'
import type { AnyEnvelope } from '@tabscope/schema'
import { dataOfEnvelope } from './event-tail.ts'
import { createHeldWatch } from './held-watch.ts'
import { hostileSite } from './hostile-site.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

/** Everything from the browser, at the level that captures most. */
export const everything = {
  browser: Object.fromEntries(
    ['console', 'network', 'page', 'interaction'].map((category) => [category, { enabled: true, detail_level: 'verbose' }]),
  ),
}

export interface HostileOutcome {
  /** The numbers of the beats that came of the other tab, in the order of the stream, for each kind of event. */
  readonly calls: readonly number[]
  readonly requests: readonly number[]
  readonly responses: readonly number[]
  /** What was reported as left out, each kind once. */
  readonly cuts: readonly unknown[]
  /** Texts that were cut in an event that does not say so. */
  readonly unmarked: readonly string[]
  /** Parts of the collector that had more in memory than their bound allows, at any look at its metrics. */
  readonly overBounds: readonly string[]
}

export interface HostileRun extends Stage {
  readonly page: DrivenPage
  /** The most that each part of the collector was seen to have in memory, by its name and unit. */
  readonly most: ReadonlyMap<string, number>
  /** Goes to a hostile page while the other tab beats; returns when the page has said `last` and every beat has come. */
  visit(path: string, last: string, options?: VisitOptions): Promise<HostileOutcome>
  /** The texts of the hostile page's console events, of each the first characters. */
  readonly texts: readonly string[]
}

export interface VisitOptions {
  readonly withinMs?: number
  /** Done to the page after it was told to go there, such as clicks. */
  readonly act?: (page: DrivenPage) => Promise<void>
}

/** What comes of a visit when the other tab lost nothing: it beats five times beside the page and once after it. */
export const undisturbed: HostileOutcome = ((numbers) => ({
  calls: numbers,
  requests: numbers,
  responses: numbers,
  cuts: [],
  unmarked: [],
  overBounds: [],
}))([1, 2, 3, 4, 5, 6])

const beatTypes = { console_log: 'calls', network_request: 'requests', network_response: 'responses' } as const
const textChars = 300

export interface HostileOptions extends Partial<StageOptions> {
  /** Forgets the envelopes: for runs with many of them. */
  readonly isForgetful?: boolean
}

export async function openHostileRun({ isForgetful = false, ...options }: HostileOptions): Promise<HostileRun> {
  const notes = createNotes()
  const keep = (envelope: AnyEnvelope): boolean => {
    notes.take(envelope)
    return !isForgetful || envelope.event.category === 'monitor' || dataOfEnvelope(envelope)['text'] === 'probe 1'
  }
  const stage = await openStage({ pages: hostileSite, config: everything, ...options, tail: { ...options.tail, keep } })
  const { driver, site, tail } = stage
  const bystander = await stage.emptyTab()
  notes.bystander = bystander.targetId
  await bystander.navigate(`${site.url}/bystander.html`)
  const page = await driver.openPage('about:blank')
  notes.page = page.targetId
  const watch = createHeldWatch(() => stage.metrics())
  const visit: HostileRun['visit'] = async (path, last, { withinMs = 45_000, act } = {}) => {
    notes.forget()
    await using _watching = watch.start()
    const cutsBefore = tail.of('monitor_degraded').length
    // Not awaited: many hostile pages never load, and some never answer.
    driver.send('Page.navigate', { url: site.url + path }, page.sessionId).catch(() => undefined)
    for (let beat = 1; beat <= 5; beat++) {
      await bystander.evaluate(`beat(${beat})`)
      await watch.look()
    }
    await act?.(page)
    await tail.until(`"${last}"`, () => notes.texts.some((text) => text.startsWith(last)), withinMs)
    await bystander.evaluate('beat(6)')
    await tail.until('the beats of the other tab', () => notes.responses.length >= 6 && notes.requests.includes(6), withinMs)
    await tail.until('their calls', () => notes.calls.includes(6), withinMs)
    const { calls, requests } = notes
    // A response can wait for its headers on the wire, which come on another pipe, while the next one has them.
    const responses = [...notes.responses].sort((first, second) => first - second)
    const cuts = tail.of('monitor_degraded').slice(cutsBefore)
    await watch.look()
    return {
      calls,
      requests,
      responses,
      unmarked: notes.unmarked,
      overBounds: watch.overBounds,
      cuts: [...new Set(cuts.map(({ what, detail }) => (detail === undefined ? String(what) : `${String(what)}: ${String(detail)}`)))],
    }
  }
  return {
    ...stage,
    page,
    visit,
    most: watch.most,
    get texts() {
      return notes.texts
    },
  }
}

interface Notes {
  bystander: string
  page: string
  texts: string[]
  calls: number[]
  requests: number[]
  responses: number[]
  readonly unmarked: string[]
  take(envelope: AnyEnvelope): void
  forget(): void
}

function createNotes(): Notes {
  const notes: Notes = {
    bystander: '',
    page: '',
    texts: [],
    calls: [],
    requests: [],
    responses: [],
    unmarked: [],
    forget: () => Object.assign(notes, { texts: [], calls: [], requests: [], responses: [] }),
    take: (envelope) => {
      notes.unmarked.push(...unmarkedCuts(envelope))
      const { target_id, text, url } = dataOfEnvelope(envelope)
      const { type } = envelope.event
      if (target_id === notes.page && typeof text === 'string') notes.texts.push(text.slice(0, textChars))
      const number = Number(/beat[ ?](\d+)$/.exec(String(text ?? url))?.[1] ?? 0)
      if (target_id === notes.bystander && number > 0 && type in beatTypes) notes[beatTypes[type as keyof typeof beatTypes]].push(number)
    },
  }
  return notes
}

// A cut text ends in our mark, and the event names the field and says of itself that it is cut. (One longer text than any that a test page
// writes by itself.)
function unmarkedCuts({ event }: AnyEnvelope): string[] {
  const data = dataOfEnvelope({ event } as AnyEnvelope)
  const named = Array.isArray(data['truncated_fields']) ? data['truncated_fields'] : []
  const cut = Object.keys(data).filter((field) => JSON.stringify(data[field])?.includes('...[truncated]') === true)
  const missing = cut.filter((field) => !named.includes(field)).map((field) => `${event.type}.${field}`)
  const isSaid = (event.truncated === true) === named.length > 0
  return isSaid ? missing : [...missing, event.type]
}
