// Translates CDP's Network domain: each hop of each request becomes one `network_request` and one `network_response` or
// `network_loading_failed`, whatever Chromium leaves out or tells on another session.
// https://chromedevtools.github.io/devtools-protocol/tot/Network/
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { bodyQuestion, bodyWithoutAsking } from '../network/body.ts'
import { currentHop, nextHop } from '../network/extra-info.ts'
import { endRequest, extraInfoOf, forgetExtraInfo, type RequestRecord } from '../network/network-state.ts'
import { claimRequest } from '../network/open-requests.ts'
import { requestDraft } from '../network/request-draft.ts'
import { type BodyOutcome, failureDraft, type ResponseEnd, responseDraft } from '../network/response-draft.ts'
import { type SessionScope, sourceOf } from '../session-scope.ts'
import { type HandlerTable, joinSteps, type Stamp, type Step, type TabSignal } from '../translator.ts'

type Answered = RequestRecord & { response: Protocol.Network.Response }

export const networkHandlers = {
  'Network.requestWillBeSent': requestWillBeSent,
  'Network.requestWillBeSentExtraInfo': requestWillBeSentExtraInfo,
  'Network.requestServedFromCache': requestServedFromCache,
  'Network.responseReceived': responseReceived,
  'Network.responseReceivedExtraInfo': responseReceivedExtraInfo,
  'Network.dataReceived': dataReceived,
  'Network.loadingFinished': loadingFinished,
  'Network.loadingFailed': loadingFailed,
} as const satisfies HandlerTable

function requestWillBeSent(scope: SessionScope, message: Protocol.Network.RequestWillBeSentEvent, stamp: Stamp): Step | undefined {
  const previous = claimRequest(scope, message.requestId)
  // The same request again, without a redirect: told once more on another session, or by a retry below the page.
  if (previous !== undefined && message.redirectResponse === undefined) return undefined
  const redirected = message.redirectResponse === undefined ? undefined : finishHop(scope, previous, message, stamp)
  const record = startRecord(scope, message, previous === undefined ? 0 : previous.hop + 1, stamp)
  scope.network.open.set(message.requestId, record)
  const started: Step = {
    drafts: record.published && scope.plan.publishes('network_request') ? [requestDraft(scope, record, message)] : [],
    signals: settleStart(scope, record, message, stamp),
  }
  return joinSteps(redirected, closeOverflow(scope, stamp), started)
}

function startRecord(scope: SessionScope, message: Protocol.Network.RequestWillBeSentEvent, hop: number, stamp: Stamp): RequestRecord {
  return {
    requestId: message.requestId,
    hop,
    url: message.request.url,
    method: message.request.method,
    resourceType: message.type,
    frameId: message.frameId,
    loaderId: message.loaderId === '' ? undefined : message.loaderId,
    navSeq: scope.tab?.navSeq,
    startedAtS: message.timestamp,
    published: isWanted(scope, message.request.url, message.type),
    response: undefined,
    hasExtraInfo: false,
    servedFromMemoryCache: false,
    decodedBytes: 0,
    answered: false,
    lastActivityMs: stamp.atMs,
    responseStamp: undefined,
  }
}

function isWanted(scope: SessionScope, url: string, resourceType: string | undefined): boolean {
  const { plan } = scope
  if (!plan.config.network.enabled || !plan.url.matches(url)) return false
  return plan.resourceTypes === undefined || (resourceType !== undefined && plan.resourceTypes.has(resourceType))
}

// A redirect reuses the request id, so its response arrives inside the message that starts the next hop.
function finishHop(
  scope: SessionScope,
  previous: RequestRecord | undefined,
  message: Protocol.Network.RequestWillBeSentEvent,
  stamp: Stamp,
): Step | undefined {
  const response = message.redirectResponse
  if (response === undefined) return undefined
  const record = previous ?? lateRecord(scope, message.requestId, response, message, stamp)
  const answered: Answered = Object.assign(record, { response, hasExtraInfo: message.redirectHasExtraInfo })
  const extra = extraInfoOf(scope.network, record.requestId)
  const step = publishResponse(scope, answered, {
    event: 'Network.requestWillBeSent',
    atS: message.timestamp,
    encodedBytes: response.encodedDataLength,
    body: { kind: 'absent', reason: 'redirect' },
    wire: currentHop(extra),
    isComplete: true,
  })
  nextHop(extra, wentOverTheWire(answered))
  return step
}

// Chromium says `hasExtraInfo` also for responses out of its caches, for which none comes.
function wentOverTheWire(record: Answered): boolean {
  return record.hasExtraInfo && !record.servedFromMemoryCache && record.response.fromDiskCache !== true
}

// What is known of a request whose start was not seen: attached too late, or started where nobody could look.
function lateRecord(
  scope: SessionScope,
  requestId: string,
  response: Protocol.Network.Response,
  where: { frameId?: string; loaderId: string; type?: string },
  stamp: Stamp,
): RequestRecord {
  return {
    requestId,
    hop: 0,
    url: response.url,
    method: undefined,
    resourceType: where.type,
    frameId: where.frameId,
    loaderId: where.loaderId === '' ? undefined : where.loaderId,
    navSeq: scope.tab?.navSeq,
    startedAtS: undefined,
    published: isWanted(scope, response.url, where.type),
    response: undefined,
    hasExtraInfo: false,
    servedFromMemoryCache: false,
    decodedBytes: 0,
    answered: false,
    lastActivityMs: stamp.atMs,
    responseStamp: undefined,
  }
}

function requestWillBeSentExtraInfo(scope: SessionScope, message: Protocol.Network.RequestWillBeSentExtraInfoEvent): undefined {
  if (scope.network.ended.has(message.requestId)) return
  extraInfoOf(scope.network, message.requestId).requests.push(message.headers)
}

function responseReceivedExtraInfo(scope: SessionScope, message: Protocol.Network.ResponseReceivedExtraInfoEvent): undefined {
  if (scope.network.ended.has(message.requestId)) return
  extraInfoOf(scope.network, message.requestId).responses.push({ headers: message.headers, status: message.statusCode })
}

function requestServedFromCache(scope: SessionScope, message: Protocol.Network.RequestServedFromCacheEvent): undefined {
  const record = claimRequest(scope, message.requestId)
  if (record !== undefined) record.servedFromMemoryCache = true
}

function responseReceived(scope: SessionScope, message: Protocol.Network.ResponseReceivedEvent, stamp: Stamp): Step | undefined {
  if (scope.network.ended.has(message.requestId)) return undefined
  let record = claimRequest(scope, message.requestId)
  let lateStart: Step | undefined
  if (record === undefined) {
    record = lateRecord(scope, message.requestId, message.response, message, stamp)
    scope.network.open.set(message.requestId, record)
    lateStart = joinSteps(closeOverflow(scope, stamp), { signals: settleStart(scope, record, message, stamp) })
  }
  const answered: Answered = Object.assign(record, {
    response: message.response,
    hasExtraInfo: message.hasExtraInfo,
    lastActivityMs: stamp.atMs,
    responseStamp: stamp,
  })
  const expectedBytes = announcedLength(message.response)
  const heard: Step = { signals: settleSignal(scope, { kind: 'headers_received', atMs: stamp.atMs, key: record.requestId, expectedBytes }) }
  return joinSteps(lateStart, heard, isEventStream(answered) ? answerEarly(scope, answered, 'Network.responseReceived', stamp) : undefined)
}

// The length on the wire that the headers announce, if they do.
function announcedLength(response: Protocol.Network.Response): number | undefined {
  const text = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  return typeof text === 'string' && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined
}

function isEventStream(record: Answered): boolean {
  return record.resourceType === 'EventSource' || record.response.mimeType === 'text/event-stream'
}

// A response that may never end is told at its headers, or when it has gone silent; its end gives no second one.
function answerEarly(scope: SessionScope, record: Answered, event: string | undefined, stamp: Stamp): Step | undefined {
  record.answered = true
  const observed = record.responseStamp
  return publishResponse(scope, record, {
    ...(event === undefined ? {} : { event }),
    body: bodiesWanted(scope) ? { kind: 'absent', reason: 'not_captured' } : { kind: 'not_wanted' },
    wire: currentHop(scope.network.extra.get(record.requestId)),
    isComplete: false,
    ...(observed === undefined || observed.atMs === stamp.atMs ? {} : { observed }),
  })
}

function bodiesWanted(scope: SessionScope): boolean {
  return scope.plan.atLeast('network', 'standard')
}

function dataReceived(scope: SessionScope, message: Protocol.Network.DataReceivedEvent, stamp: Stamp): Step | undefined {
  const record = claimRequest(scope, message.requestId)
  if (record === undefined) return undefined
  record.decodedBytes += message.dataLength
  record.lastActivityMs = stamp.atMs
  const encodedBytes = message.encodedDataLength
  return { signals: settleSignal(scope, { kind: 'bytes_received', atMs: stamp.atMs, key: record.requestId, encodedBytes }) }
}

function loadingFinished(scope: SessionScope, message: Protocol.Network.LoadingFinishedEvent, stamp: Stamp): Step | undefined {
  const record = claimRequest(scope, message.requestId)
  if (record === undefined) return undefined
  const signals = settleEnd(scope, record, stamp)
  const wire = scope.network.extra.get(record.requestId)
  endRequest(scope.network, record.requestId)
  if (record.answered) {
    forgetExtraInfo(scope.network, record.requestId)
    return { signals }
  }
  if (!hasResponse(record)) {
    forgetExtraInfo(scope.network, record.requestId)
    return { signals, drafts: failures(scope, record, { errorText: 'finished_without_response', atS: message.timestamp }) }
  }
  const finish = (body: BodyOutcome, observed?: Stamp): Step | undefined => {
    forgetExtraInfo(scope.network, record.requestId)
    return publishResponse(scope, record, {
      event: 'Network.loadingFinished',
      atS: message.timestamp,
      encodedBytes: message.encodedDataLength,
      body,
      wire: currentHop(wire),
      isComplete: true,
      ...(observed === undefined ? {} : { observed }),
    })
  }
  if (!record.published || !bodiesWanted(scope)) return joinSteps({ signals }, finish({ kind: 'not_wanted' }))
  const body = bodyWithoutAsking(scope, record)
  if (body !== undefined) return joinSteps({ signals }, finish(body))
  const asked = scope.network
  return {
    signals,
    // A late answer to a selection that is gone would be an event that nobody asked for.
    questions: [bodyQuestion(scope, record, (outcome) => (scope.network === asked ? finish(outcome, stamp) : undefined))],
  }
}

function loadingFailed(scope: SessionScope, message: Protocol.Network.LoadingFailedEvent, stamp: Stamp): Step | undefined {
  if (scope.network.ended.has(message.requestId)) return undefined
  const record = claimRequest(scope, message.requestId)
  endRequest(scope.network, message.requestId)
  forgetExtraInfo(scope.network, message.requestId)
  const failure = {
    errorText: message.errorText === '' ? 'net::ERR_FAILED' : message.errorText,
    isCanceled: message.canceled === true,
    atS: message.timestamp,
    resourceType: message.type,
    blockedReason: message.blockedReason,
    corsError: message.corsErrorStatus?.corsError,
    source: sourceOf(scope, 'Network.loadingFailed'),
  }
  if (record === undefined) {
    const isOpen = scope.plan.publishes('network_loading_failed') && scope.plan.resourceTypes === undefined
    return { drafts: isOpen ? [failureDraft(scope, { requestId: message.requestId }, failure)] : [] }
  }
  const drafts = record.published && scope.plan.publishes('network_loading_failed') ? [failureDraft(scope, record, failure)] : []
  return { signals: settleEnd(scope, record, stamp), drafts }
}

function hasResponse(record: RequestRecord): record is Answered {
  return record.response !== undefined
}

function publishResponse(scope: SessionScope, record: Answered, end: ResponseEnd): Step | undefined {
  if (!record.published || !scope.plan.publishes('network_response')) return undefined
  return { drafts: [responseDraft(scope, record, end)] }
}

// Failures that the collector itself states; CDP said nothing.
function failures(scope: SessionScope, record: RequestRecord, failure: { errorText: string; atS?: number }): readonly EventDraft[] {
  if (!record.published || !scope.plan.publishes('network_loading_failed')) return []
  return [failureDraft(scope, record, { ...failure, isCanceled: false, source: sourceOf(scope) })]
}

// At the bound the oldest open request is closed with an event: nothing vanishes in silence.
function closeOverflow(scope: SessionScope, stamp: Stamp): Step | undefined {
  if (scope.network.open.size < limits.pendingRequestsPerSession) return undefined
  const [oldest] = scope.network.open.values()
  return oldest === undefined ? undefined : closeRequest(scope, oldest, 'collector_overflow', stamp)
}

function closeRequest(scope: SessionScope, record: RequestRecord, errorText: string, stamp: Stamp): Step {
  endRequest(scope.network, record.requestId)
  forgetExtraInfo(scope.network, record.requestId)
  return { signals: settleEnd(scope, record, stamp), drafts: record.answered ? [] : failures(scope, record, { errorText }) }
}

/** Closes every open request of a session that is gone, each with an event. */
export function closeRequests(scope: SessionScope, errorText: string, stamp: Stamp): Step | undefined {
  return joinSteps(...[...scope.network.open.values()].map((record) => closeRequest(scope, record, errorText, stamp)))
}

/** Tells responses that went silent after their headers, and gives up on requests that were silent for too long. */
export function sweepRequests(scope: SessionScope, stamp: Stamp): Step | undefined {
  const steps: (Step | undefined)[] = []
  for (const record of scope.network.open.values()) {
    const silentMs = stamp.atMs - record.lastActivityMs
    if (record.answered) continue
    if (hasResponse(record) && silentMs >= limits.silentResponseMs) steps.push(answerEarly(scope, record, undefined, stamp))
    else if (silentMs >= limits.silentRequestMs) steps.push(closeRequest(scope, record, 'collector_timeout', stamp))
  }
  return joinSteps(...steps)
}

function settleSignal(scope: SessionScope, input: TabSignal['input']): readonly TabSignal[] {
  return scope.tab === undefined || !scope.plan.settles ? [] : [{ tab: scope.tab, input }]
}

function settleStart(
  scope: SessionScope,
  record: RequestRecord,
  message: { initiator?: Protocol.Network.Initiator; requestId: string },
  stamp: Stamp,
): readonly TabSignal[] {
  return settleSignal(scope, {
    kind: 'request_started',
    atMs: stamp.atMs,
    key: record.requestId,
    url: record.url,
    resourceType: record.resourceType,
    initiatorType: message.initiator?.type,
    loaderId: record.loaderId,
    isDocument: isTopDocument(scope, record),
  })
}

// Only a navigation's own request has its loader's id; the tab's main frame has the id of its target.
function isTopDocument(scope: SessionScope, record: RequestRecord): boolean {
  if (scope.targetType !== 'page' || record.loaderId !== record.requestId) return false
  return record.frameId === (scope.tab?.mainFrame?.frameId ?? scope.session.targetId)
}

function settleEnd(scope: SessionScope, record: RequestRecord, stamp: Stamp): readonly TabSignal[] {
  return settleSignal(scope, { kind: 'request_ended', atMs: stamp.atMs, key: record.requestId })
}
