// How requests end, or are told before they end: answered, answered early, or closed by the collector. Nothing vanishes in silence.
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { type SessionScope, sourceOf } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import { joinSteps, type Step } from '../translator.ts'
import { bodyQuestion, decideOnBody } from './body.ts'
import { isWireTold, wireHop } from './extra-info.ts'
import { awaitHeaders, releaseNow, releaseWaiting } from './late-headers.ts'
import { endRequest, extraInfoOf, forgetExtraInfo, type RequestRecord } from './network-state.ts'
import { endsLater, releaseHeld } from './post-data.ts'
import { type Answered, hasResponse, headerOf, wentOverTheWire, withResponse } from './record.ts'
import { type BodyOutcome, failureDraft, type ResponseEnd, responseDraft } from './response-draft.ts'
import { settleEnd } from './settle-signals.ts'
import { weighRecord } from './weight.ts'

/** How a response ended, before its headers on the wire are known. */
type Ending = Omit<ResponseEnd, 'wire'>

/** Tells a response, at the latest a bound after its end, when its headers on the wire are there or will not come. */
export function publishResponse(scope: SessionScope, record: Answered, ending: Ending, stamp: Stamp): Step {
  const { network } = scope
  const { shared } = network
  const isOnWire = wentOverTheWire(record) && scope.plan.captures('network_response.request_headers')
  const extra = isOnWire ? extraInfoOf(shared, record.requestId) : shared.extra.get(record.requestId)
  const hop = extra?.hopsBefore ?? 0
  // The record is used for nothing else afterwards: a next hop has one of its own.
  const finish = (isLate: boolean): readonly EventDraft[] => {
    if (shared.ended.has(record.requestId)) forgetExtraInfo(shared, record.requestId)
    if (scope.network !== network || !record.published || !scope.plan.publishes('network_response')) return []
    const observed = ending.observed ?? (isLate ? stamp : undefined)
    return [responseDraft(scope, record, withWire(ending, { wire: wireHop(extra, hop), observed }))]
  }
  const request = releaseHeld(record)
  if (!isOnWire || !record.published || extra === undefined || isWireTold(extra, hop)) return { drafts: [...request, ...finish(false)] }
  const { body } = ending
  const heldBytes = weighRecord(record) + (body.kind === 'text' ? body.text.length : 0)
  const finishWith = (followers: readonly EventDraft[]): readonly EventDraft[] => {
    const told = finish(true)
    return scope.network === network ? [...told, ...followers] : []
  }
  const waiting = { requestId: record.requestId, hop, sinceMs: stamp.atMs, heldBytes, owner: network, followers: [], finish: finishWith }
  return { drafts: [...request, ...awaitHeaders(shared, waiting)] }
}

// One literal with every field, for the same reason as in response-draft.ts.
function withWire(ending: Ending, told: Pick<ResponseEnd, 'wire' | 'observed'>): ResponseEnd {
  return {
    event: ending.event,
    atS: ending.atS,
    encodedBytes: ending.encodedBytes,
    body: ending.body,
    wire: told.wire,
    isComplete: ending.isComplete,
    params: ending.params,
    observed: told.observed,
  }
}

/** The end of a response whose body is complete: at once, or when its body was asked for. The request is not open any more. */
export function finishResponse(
  scope: SessionScope,
  record: Answered,
  message: Protocol.Network.LoadingFinishedEvent,
  stamp: Stamp,
): Step | undefined {
  if (endsLater(record, () => finishResponse(scope, record, message, stamp))) return undefined
  const finish = (body: BodyOutcome, observed?: Stamp): Step =>
    publishResponse(
      scope,
      record,
      {
        event: 'Network.loadingFinished',
        atS: message.timestamp,
        encodedBytes: message.encodedDataLength,
        body,
        isComplete: true,
        params: message,
        observed,
      },
      stamp,
    )
  if (!record.published || !bodiesWanted(scope)) return finish({ kind: 'not_wanted' })
  const decision = decideOnBody(scope, record)
  if (decision.kind !== 'wanted') return finish(decision)
  const asked = scope.network
  // The request is over, but its extra info, which may come while its body is asked for, is still waited for.
  if (wentOverTheWire(record)) extraInfoOf(asked.shared, record.requestId)
  // A late answer to a selection that is gone would be an event that nobody asked for.
  const answered = (body: BodyOutcome): Step | undefined => (scope.network === asked ? finish(body, stamp) : undefined)
  return { questions: [bodyQuestion(scope, record, { limitBytes: decision.limitBytes, finish: answered })] }
}

/** The message because of which a response is told before its body is complete; empty when it is none. */
type EarlyCause = Pick<Ending, 'event' | 'params'>

/**
 * A response that may never end is told at its headers, or when it has gone silent; its end gives no second one. One that
 * breaks off is told before its failure.
 */
export function answerEarly(scope: SessionScope, record: Answered, cause: EarlyCause, stamp: Stamp): Step | undefined {
  record.answered = true
  const observed = record.responseStamp
  const reason = record.response.status === 204 ? 'no_content' : 'not_captured'
  const ending: Ending = {
    ...cause,
    body: bodiesWanted(scope) ? { kind: 'absent', reason } : { kind: 'not_wanted' },
    isComplete: false,
    ...(observed === undefined || observed.atMs === stamp.atMs ? {} : { observed }),
  }
  return publishResponse(scope, record, ending, stamp)
}

function bodiesWanted(scope: SessionScope): boolean {
  return scope.plan.captures('network_response.body')
}

/**
 * The record with a response made of its extra info, when the response itself was not told: a worker that was attached
 * after its script had been received. Undefined when nothing is known of it.
 */
export function answerFromExtraInfo(scope: SessionScope, record: RequestRecord): Answered | undefined {
  const extra = scope.network.shared.extra.get(record.requestId)
  const wire = extra?.responses[extra.hopsBefore]
  if (wire === undefined) return undefined
  const [mimeType = ''] = (headerOf(wire.headers, 'content-type') ?? '').split(';', 1)
  const response: Protocol.Network.Response = {
    url: record.url,
    status: wire.status,
    statusText: '',
    headers: wire.headers,
    mimeType: mimeType.trim(),
    charset: '',
    connectionReused: false,
    connectionId: 0,
    encodedDataLength: -1,
    securityState: 'unknown',
  }
  record.isResponseLate = true
  return withResponse(record, response, false)
}

// Failures that the collector itself states; CDP said nothing.
function statedFailure(scope: SessionScope, record: RequestRecord, failure: { errorText: string; atS?: number }): readonly EventDraft[] {
  const held = releaseHeld(record)
  if (!record.published || !scope.plan.publishes('network_loading_failed')) return held
  return [...held, failureDraft(scope, record, { ...failure, isCanceled: false, source: sourceOf(scope) })]
}

/** Ends a request with a failure of the collector's own words, unless its response is out already. */
export function closeRequest(scope: SessionScope, record: RequestRecord, failure: { errorText: string; atS?: number }, stamp: Stamp): Step {
  const wasAnswered = record.answered
  const answered = hasResponse(record) && !wasAnswered ? answerEarly(scope, record, {}, stamp) : undefined
  const released = { drafts: releaseNow(scope.network.shared, record.requestId) }
  endRequest(scope, record.requestId)
  forgetExtraInfo(scope.network.shared, record.requestId)
  const failed = { signals: settleEnd(scope, record, stamp), drafts: wasAnswered ? [] : statedFailure(scope, record, failure) }
  return joinSteps(answered, released, failed) ?? failed
}

/** At the bound the oldest open request of a session is closed. */
export function closeOverflow(scope: SessionScope, stamp: Stamp): Step | undefined {
  if (scope.network.open.size < limits.pendingRequestsPerSession) return undefined
  const [oldest] = scope.network.open.values()
  return oldest === undefined ? undefined : closeRequest(scope, oldest, { errorText: 'collector_overflow' }, stamp)
}

/**
 * Above the bound in bytes the session that keeps most closes its oldest requests, until a tenth of the bound is free: so that a page
 * pays for its own, and not with every message. Undefined when nothing has to be closed.
 */
export function relieveRequests(scopes: Iterable<SessionScope>, stamp: Stamp): { scope: SessionScope; step: Step } | undefined {
  let most: { scope: SessionScope; bytes: number } | undefined
  for (const scope of scopes) {
    if (scope.network.shared.held.open <= limits.openRequestsBytes) return undefined
    let bytes = 0
    for (const record of scope.network.open.values()) bytes += record.heldBytes
    if (most === undefined || bytes > most.bytes) most = { scope, bytes }
  }
  if (most === undefined || most.bytes === 0) return undefined
  const { scope } = most
  const steps: Step[] = []
  for (const record of [...scope.network.open.values()]) {
    if (scope.network.shared.held.open <= 0.9 * limits.openRequestsBytes) break
    steps.push(closeRequest(scope, record, { errorText: 'collector_overflow' }, stamp))
  }
  return { scope, step: inOneStep(steps) }
}

/** Closes every open request of a session that is gone, each with an event. */
export function closeRequests(scope: SessionScope, errorText: string, stamp: Stamp): Step | undefined {
  const closed = [...scope.network.open.values()].map((record) => closeRequest(scope, record, { errorText }, stamp))
  return inOneStep([...closed, { drafts: releaseWaiting(scope.network) }])
}

/** Tells what went silent: responses after their headers, scripts of workers that run, and gives up requests silent for too long. */
export function sweepRequests(scope: SessionScope, stamp: Stamp): Step | undefined {
  const steps: (Step | undefined)[] = [{ drafts: releaseWaiting(scope.network, stamp) }]
  for (const record of scope.network.open.values()) if (!record.answered) steps.push(sweepRequest(scope, record, stamp))
  return inOneStep(steps)
}

// As joinSteps, for many of them.
function inOneStep(steps: readonly (Step | undefined)[]): Step {
  return {
    drafts: steps.flatMap((step) => step?.drafts ?? []),
    signals: steps.flatMap((step) => step?.signals ?? []),
    questions: steps.flatMap((step) => step?.questions ?? []),
  }
}

function sweepRequest(scope: SessionScope, record: RequestRecord, stamp: Stamp): Step | undefined {
  const silentMs = stamp.atMs - record.lastActivityMs
  const isScriptLoaded = record.workerSeenAtMs !== undefined && stamp.atMs - record.workerSeenAtMs >= limits.workerScriptMs
  if (isScriptLoaded) {
    const answered = hasResponse(record) ? record : answerFromExtraInfo(scope, record)
    const told = answered === undefined ? undefined : answerEarly(scope, answered, {}, stamp)
    return joinSteps(told, closeRequest(scope, record, { errorText: 'finished_before_attach' }, stamp))
  }
  if (hasResponse(record) && silentMs >= limits.silentResponseMs) return answerEarly(scope, record, {}, stamp)
  return silentMs >= limits.silentRequestMs ? closeRequest(scope, record, { errorText: 'collector_timeout' }, stamp) : undefined
}

/** A worker answers, so its page waits for its script no more; that script's end is told in a moment, or was before anybody looked. */
export function workerSeen(scope: SessionScope, stamp: Stamp): Step | undefined {
  // The request of a worker's script has the id of its target.
  const owner = scope.network.shared.owners.get(scope.session.targetId)
  const record = owner?.network.open.get(scope.session.targetId)
  if (record === undefined) return undefined
  record.workerSeenAtMs = stamp.atMs
  return { signals: settleEnd(scope, record, stamp) }
}
