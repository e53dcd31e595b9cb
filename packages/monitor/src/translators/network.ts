// Translates CDP's Network domain: each hop of each request becomes one `network_request` and one `network_response` or
// `network_loading_failed`, whatever Chromium leaves out or tells on another session.
// https://chromedevtools.github.io/devtools-protocol/tot/Network/
import type { EventDraft } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { answerEarly, answerFromExtraInfo, closeOverflow, closeRequest, finishResponse, publishResponse } from '../network/endings.ts'
import { nextHop } from '../network/extra-info.ts'
import { followWaiting, isAwaited, releaseTold } from '../network/late-headers.ts'
import { lookBack, noteTold, nothingMissed } from '../network/look-back.ts'
import {
  addExtraInfo,
  endRequest,
  extraInfoOf,
  forgetExtraInfo,
  openRequest,
  type RequestRecord,
  type SharedNetwork,
  weighAgain,
} from '../network/network-state.ts'
import { claimRequest } from '../network/open-requests.ts'
import { askPostData, holdRequest, isPostDataMissing, releaseHeld } from '../network/post-data.ts'
import { announcedLength, hasResponse, isEventStream, lateRecord, startRecord, wentOverTheWire, withResponse } from '../network/record.ts'
import { requestContext, requestDraft } from '../network/request-draft.ts'
import { failureDraft } from '../network/response-draft.ts'
import { isTopDocument, settleBytes, settleEnd, settleHeaders, settleStart } from '../network/settle-signals.ts'
import { addCdp } from '../raw-cdp.ts'
import { type SessionScope, sourceOf } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import { type HandlerTable, joinSteps, type Step } from '../translator.ts'

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
  const redirected = finishHop(scope, previous, message, stamp)
  const record = startRecord(scope, message, previous, stamp)
  openRequest(scope, record)
  if (isTopDocument(scope, record)) nothingMissed(scope)
  const started: Step = {
    signals: settleStart(scope, record, { initiatorType: message.initiator?.type, headers: message.request.headers }, stamp),
  }
  return joinSteps(redirected, closeOverflow(scope, stamp), started, tellRequest(scope, record, message, stamp))
}

function tellRequest(
  scope: SessionScope,
  record: RequestRecord,
  message: Protocol.Network.RequestWillBeSentEvent,
  stamp: Stamp,
): Step | undefined {
  if (!record.published || !scope.plan.publishes('network_request')) return undefined
  const draft = requestDraft(scope, record, message)
  if (!isPostDataMissing(scope, message)) return { drafts: [draft] }
  return holdRequest(scope, record, addCdp(scope.plan, draft, { method: 'Network.requestWillBeSent', params: message }), stamp)
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
  const record = previous ?? lateRecord(scope, response, message, stamp)
  const answered = withResponse(record, response, message.redirectHasExtraInfo)
  const extra = extraInfoOf(scope.network.shared, record.requestId)
  const body = scope.plan.captures('network_response.body')
    ? ({ kind: 'absent', reason: 'redirect' } as const)
    : ({ kind: 'not_wanted' } as const)
  const { encodedDataLength: encodedBytes } = response
  const ending = { event: 'Network.requestWillBeSent', atS: message.timestamp, encodedBytes, body, isComplete: true }
  const step = publishResponse(scope, answered, ending, stamp)
  nextHop(extra, wentOverTheWire(answered))
  return step
}

function requestWillBeSentExtraInfo(scope: SessionScope, message: Protocol.Network.RequestWillBeSentExtraInfoEvent): Step | undefined {
  const { shared } = scope.network
  if (isOver(shared, message.requestId)) return undefined
  const forgotten = addExtraInfo(shared, message.requestId, ({ requests }) => requests.push(message.headers))
  const told = toldOnWire(shared, message.requestId, forgotten)
  // Extra info of a worker's requests comes on its page's session, which cannot be asked for their data.
  const record = scope.network.open.get(message.requestId)
  return record?.held === undefined ? told : joinSteps(told, askPostData(scope, record))
}

function responseReceivedExtraInfo(scope: SessionScope, message: Protocol.Network.ResponseReceivedExtraInfoEvent): Step | undefined {
  const { shared } = scope.network
  if (isOver(shared, message.requestId)) return undefined
  const { headers, statusCode: status } = message
  const forgotten = addExtraInfo(shared, message.requestId, ({ responses }) => responses.push({ headers, status }))
  return toldOnWire(shared, message.requestId, forgotten)
}

// The responses that were waiting for it, and how many will have to do without theirs.
function toldOnWire(shared: SharedNetwork, requestId: string, forgotten: number): Step | undefined {
  const told = drafted(releaseTold(shared, requestId))
  return forgotten === 0 ? told : joinSteps(told, { cuts: [{ what: 'wire_headers_forgotten', detail: 'requests', count: forgotten }] })
}

// The last event of a request forgets its extra info: what comes after that is for nobody.
function isOver(shared: SharedNetwork, requestId: string): boolean {
  return shared.ended.has(requestId) && !shared.extra.has(requestId)
}

function drafted(drafts: readonly EventDraft[]): Step | undefined {
  return drafts.length === 0 ? undefined : { drafts }
}

function requestServedFromCache(scope: SessionScope, message: Protocol.Network.RequestServedFromCacheEvent): undefined {
  const record = claimRequest(scope, message.requestId)
  if (record !== undefined) record.servedFromMemoryCache = true
}

function responseReceived(scope: SessionScope, message: Protocol.Network.ResponseReceivedEvent, stamp: Stamp): Step | undefined {
  if (scope.network.shared.ended.has(message.requestId)) return undefined
  const known = claimRequest(scope, message.requestId)
  const record = known ?? lateRecord(scope, message.response, message, stamp)
  if (known === undefined) openRequest(scope, record)
  const lateStart = known === undefined ? { signals: settleStart(scope, record, {}, stamp) } : undefined
  const answered = withResponse(record, message.response, message.hasExtraInfo)
  weighAgain(scope.network.shared, record)
  record.lastActivityMs = stamp.atMs
  record.responseStamp = stamp
  const heard: Step = { signals: settleHeaders(scope, record, announcedLength(message.response.headers), stamp) }
  const told = isEventStream(answered)
    ? answerEarly(scope, answered, { event: 'Network.responseReceived', params: message }, stamp)
    : undefined
  return joinSteps(closeOverflow(scope, stamp), lateStart, heard, record.held === undefined ? undefined : askPostData(scope, record), told)
}

function dataReceived(scope: SessionScope, message: Protocol.Network.DataReceivedEvent, stamp: Stamp): Step | undefined {
  const record = claimRequest(scope, message.requestId)
  if (record === undefined) return undefined
  record.decodedBytes += message.dataLength
  record.lastActivityMs = stamp.atMs
  return { signals: settleBytes(scope, record, message.encodedDataLength, stamp) }
}

function loadingFinished(scope: SessionScope, message: Protocol.Network.LoadingFinishedEvent, stamp: Stamp): Step | undefined {
  const record = claimRequest(scope, message.requestId)
  if (record === undefined) return scope.network.shared.ended.has(message.requestId) ? undefined : lookBack(scope)
  const answered = hasResponse(record) ? record : answerFromExtraInfo(scope, record)
  // Neither a response nor extra info was told. The failure says so in our own words: there is no status to give.
  if (answered === undefined) {
    return closeRequest(scope, record, { errorText: 'finished_without_response', atS: message.timestamp }, stamp)
  }
  noteTold(scope, record)
  endRequest(scope, record.requestId)
  const ended: Step = { signals: settleEnd(scope, record, stamp) }
  if (!record.answered) return joinSteps(ended, finishResponse(scope, answered, message, stamp))
  if (!isAwaited(scope.network.shared, record.requestId)) forgetExtraInfo(scope.network.shared, record.requestId)
  return ended
}

function loadingFailed(scope: SessionScope, message: Protocol.Network.LoadingFailedEvent, stamp: Stamp): Step | undefined {
  if (scope.network.shared.ended.has(message.requestId)) return undefined
  const record = claimRequest(scope, message.requestId)
  // Its headers had come: what the server answered is told, although not all of it arrived.
  const isAnswered = record !== undefined && hasResponse(record) && !record.answered
  const answered = isAnswered ? answerEarly(scope, record, { event: 'Network.loadingFailed', params: message }, stamp) : undefined
  endRequest(scope, message.requestId)
  const isPublished = scope.plan.publishes('network_loading_failed') && (record?.published ?? scope.plan.resourceTypes === undefined)
  const draft = failureDraft(scope, record ?? { requestId: message.requestId }, {
    errorText: message.errorText === '' ? 'net::ERR_FAILED' : message.errorText,
    isCanceled: message.canceled === true,
    atS: message.timestamp,
    resourceType: message.type,
    blockedReason: message.blockedReason,
    corsError: message.corsErrorStatus?.corsError,
    source: sourceOf(scope, 'Network.loadingFailed'),
  })
  const failed: Step = { drafts: isPublished ? [draft] : [] }
  if (record === undefined) return failed
  const told = joinSteps(failed, navigationFailed(scope, record, message))?.drafts ?? []
  const ended: Step = {
    drafts: [...releaseHeld(record), ...afterResponse(scope, message, told, stamp)],
    signals: settleEnd(scope, record, stamp),
  }
  return joinSteps(answered, ended)
}

// A response that waits for its headers on the wire is told first; what became of it waits with it.
function afterResponse(
  scope: SessionScope,
  message: Protocol.Network.LoadingFailedEvent,
  drafts: readonly EventDraft[],
  stamp: Stamp,
): readonly EventDraft[] {
  const { shared } = scope.network
  if (!isAwaited(shared, message.requestId)) {
    forgetExtraInfo(shared, message.requestId)
    return drafts
  }
  const cdp = { method: 'Network.loadingFailed', params: message }
  const late = drafts.map((draft) => addCdp(scope.plan, observedAt(draft, stamp), cdp))
  followWaiting(shared, message.requestId, late)
  return []
}

function observedAt(draft: EventDraft, { atUs }: Stamp): EventDraft {
  return { ...draft, data: { ...draft.data, observed_ts: atUs } } as EventDraft
}

// A navigation's own request has its loader's id. What supersedes a navigation, or makes a download of it, fails it, too.
function navigationFailed(scope: SessionScope, record: RequestRecord, message: Protocol.Network.LoadingFailedEvent): Step | undefined {
  if (record.loaderId !== record.requestId || !scope.plan.publishes('page_navigation_failed')) return undefined
  const data = { ...requestContext(scope, record), error_text: message.errorText, cdp_timestamp: message.timestamp }
  const detailLevel = scope.plan.config.page.detail_level
  const source = sourceOf(scope, 'Network.loadingFailed')
  return { drafts: [{ type: 'page_navigation_failed', category: 'page', detailLevel, source, data }] }
}
