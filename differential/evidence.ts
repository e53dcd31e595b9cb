// Questions that rules of the policy ask of a difference and of everything that was told. Pure.
import type { Difference } from './compare.ts'
import type { Fact } from './facts.ts'
import type { Evidence } from './rule.ts'

/** What our stream says of the end of the request that the difference is about. */
export function ownEnds({ ours: fact }: Difference, ours: readonly Fact[]): readonly Fact[] {
  const id = fact?.notes['request_id']
  return ours.filter(({ kind, notes }) => (kind === 'response' || kind === 'failure') && id !== undefined && notes['request_id'] === id)
}

/**
 * Attach mode `passive` sees windows, workers and frames of other sites a moment after they begin: what they did before is told as far as
 * it is still known (`late_attach`), or not at all. Only pages that open some can be excused so, and never for their first document.
 */
export function isBeforeAttach(
  { problem, theirs, ours }: Difference,
  { mode, opensTargets, firstUrl }: Pick<Evidence, 'mode' | 'opensTargets' | 'firstUrl'>,
): boolean {
  if (mode !== 'passive' || !opensTargets || isOf(firstUrl, theirs)) return false
  return problem === 'missed' || (problem === 'different' && ours?.notes['late_attach'] === true)
}

/**
 * Of several windows that ask for the same, `passive` saw one too late for its request and the witness another: what is left on both sides
 * are then requests of two windows. The stream has the response of each, on its own tab.
 */
export function isOfAnotherWindow({ problem, attribute, theirs, ours: own }: Difference, evidence: Evidence): boolean {
  if (evidence.mode !== 'passive' || !evidence.opensTargets || problem !== 'different' || attribute !== 'tab') return false
  if (theirs?.kind !== 'request' || own === undefined) return false
  const isAnswered = ({ key, attributes: { tab } }: Fact): boolean =>
    evidence.ours.some(({ kind, key: other, attributes }) => kind === 'response' && other === key && attributes['tab'] === tab)
  return isAnswered(theirs) && isAnswered(own) && isConfirmed(own, evidence)
}

/** Whether a fact is about the document at this URL: its request, its life, or what a script in it said. */
function isOf(url: string, fact: Fact | undefined): boolean {
  return fact !== undefined && (fact.key === url || urlOf(fact) === url || fact.notes['script'] === url)
}

/**
 * A service worker that two DevTools clients hold runs when the first of them resumes it. When that is the other one, the response of its
 * script is over before our `Network.enable` has arrived; the stream says that there was an end without a response.
 */
export function isReleasedByAnother({ problem, theirs }: Difference, { mode, ours }: Pick<Evidence, 'mode' | 'ours'>): boolean {
  return (
    mode === 'complete' &&
    problem === 'missed' &&
    theirs?.kind === 'response' &&
    ours.some(
      ({ kind, key, attributes, notes }) =>
        kind === 'failure' &&
        key === urlOf(theirs) &&
        notes['target_type'] === 'service_worker' &&
        attributes['error_text'] === 'finished_without_response',
    )
  )
}

/** The stream has something that the witness has not. */
export function isExtra({ problem }: Difference): boolean {
  return problem === 'phantom' || problem === 'double'
}

export function differsIn({ problem, attribute }: Difference, ...attributes: readonly string[]): boolean {
  return problem === 'different' && attribute !== undefined && attributes.includes(attribute)
}

export function has(facts: readonly Fact[], kind: Fact['kind'], key: string | undefined): boolean {
  return facts.some((fact) => fact.kind === kind && fact.key === key)
}

/** The server has this fact at least as often as our stream. */
export function isConfirmed(fact: Fact | undefined, { ours, server }: Pick<Evidence, 'ours' | 'server'>): boolean {
  const count = (facts: readonly Fact[]): number => facts.filter(({ kind, key }) => kind === fact?.kind && key === fact.key).length
  return fact !== undefined && count(server) >= count(ours)
}

/** The URL of a request's fact, whose key begins with the method. */
export function urlOf(fact: Fact | undefined): string {
  return fact === undefined ? '' : fact.key.slice(fact.key.indexOf(' ') + 1)
}

/** Post data of which Chromium gives nothing, because it is larger than what we ask for. */
export function isHuge({ theirs }: Difference): boolean {
  return String(theirs?.attributes['post_data'] ?? '').length > 900_000
}

export function isCut({ ours }: Difference, field: string): boolean {
  return String(ours?.notes['truncated'] ?? '')
    .split(',')
    .includes(field)
}
