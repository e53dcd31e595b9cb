// What a new tab or frame had loaded before its session could see it: attach mode passive sees it late when the machine is busy, and the
// first request of a `noopener` popup never. The document's own performance timeline still knows, and is read in an isolated world: once
// when the document is known, and again when something ends of which nothing else is known. Everything that CDP tells is left to CDP.
// https://w3c.github.io/resource-timing/
import { limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { rootFrameOf, type SessionScope } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import { dropOldest } from '../tabs/tab.ts'
import { joinSteps, type Question, type Step } from '../translator.ts'
import type { LookBack } from './look-back-state.ts'
import { endRequest, forgetExtraInfo, type RequestRecord } from './network-state.ts'
import { claimRequest } from './open-requests.ts'
import { type Answered, hasResponse, lateRecord, withResponse } from './record.ts'
import { responseDraft } from './response-draft.ts'
import { settleEnd } from './settle-signals.ts'
import { expression, readEntries, resourceTypeOf, type TimelineEntry } from './timeline-entries.ts'

/** Nothing is missed from here on: the session saw the start of its own document's request, or is on to the next document. */
export function nothingMissed(scope: SessionScope): void {
  scope.lookBack = undefined
}

/** Remembers that CDP told the end of this request, so that the timeline's entry of it is nothing new. */
export function noteTold(scope: SessionScope, record: RequestRecord): void {
  // The request of an out-of-process iframe ends on its own session and is in the timeline of the document above it.
  for (const told of [scope.lookBack?.told, scope.parent?.lookBack?.told]) {
    if (told === undefined) continue
    const url = withoutFragment(record.firstUrl)
    told.set(url, (told.get(url) ?? 0) + 1)
    dropOldest(told, limits.lateRequests)
  }
}

/** Asks the timeline of the session's own document, if something may have been missed. */
export function lookBack(scope: SessionScope): Step | undefined {
  const looking = scope.lookBack
  const frame = rootFrameOf(scope)
  if (frame === undefined || looking === undefined || !scope.plan.domains.has('Network')) return undefined
  if (looking.isUnderWay) {
    looking.isWantedAgain = true
    return undefined
  }
  looking.isUnderWay = true
  return { questions: [worldQuestion(scope, frame.frameId, looking)] }
}

function worldQuestion(scope: SessionScope, frameId: string, looking: LookBack): Question {
  return {
    method: 'Page.createIsolatedWorld',
    params: { frameId, worldName: 'tabscope' } satisfies Protocol.Page.CreateIsolatedWorldRequest,
    answered: (answer) => {
      if (!answer.ok) return ended(scope, looking)
      const { executionContextId } = answer.result as Protocol.Page.CreateIsolatedWorldResponse
      return { questions: [timelineQuestion(scope, executionContextId, looking)] }
    },
  }
}

function timelineQuestion(scope: SessionScope, contextId: number, looking: LookBack): Question {
  return {
    method: 'Runtime.evaluate',
    params: { expression, contextId, returnByValue: true } satisfies Protocol.Runtime.EvaluateRequest,
    answered: (answer, stamp) => {
      // A navigation took the document away, and what is asked of the next one is another question.
      if (!answer.ok || scope.lookBack !== looking) return ended(scope, looking)
      const { result } = answer.result as Protocol.Runtime.EvaluateResponse
      const steps = readEntries(result.value).map((entry) => entryFound(scope, looking, entry, stamp))
      return joinSteps(...steps, ended(scope, looking))
    },
  }
}

function ended(scope: SessionScope, looking: LookBack): Step | undefined {
  looking.isUnderWay = false
  if (!looking.isWantedAgain) return undefined
  looking.isWantedAgain = false
  return scope.lookBack === looking ? lookBack(scope) : undefined
}

function entryFound(scope: SessionScope, looking: LookBack, entry: TimelineEntry, stamp: Stamp): Step | undefined {
  const key = `${entry.startMs} ${entry.url}`
  if (looking.looked.has(key)) return undefined
  if (entry.kind === 'navigation') {
    looking.looked.set(key, true)
    return documentFound(scope, entry, stamp)
  }
  const url = withoutFragment(entry.url)
  const told = looking.told.get(url) ?? 0
  // One that is open may be this one; CDP will tell its end.
  if (told === 0 && isOpen(scope, url)) return undefined
  looking.looked.set(key, true)
  dropOldest(looking.looked, limits.lateRequests)
  if (told > 0) {
    looking.told.set(url, told - 1)
    return undefined
  }
  // Of a response that the page may not see the timeline has no status.
  return entry.status === 0 ? undefined : tellLate(scope, entry, { requestId: `late.${entry.startMs}.${scope.session.targetId}`, stamp })
}

// Chromium may have told the response but not its end, or neither.
function documentFound(scope: SessionScope, entry: TimelineEntry, stamp: Stamp): Step | undefined {
  const loaderId = rootFrameOf(scope)?.loaderId
  if (loaderId === undefined || scope.network.shared.ended.has(loaderId)) return undefined
  const record = claimRequest(scope, loaderId)
  if (record === undefined) return entry.status === 0 ? undefined : tellLate(scope, entry, { requestId: loaderId, stamp })
  if (record.answered) return undefined
  if (hasResponse(record)) return tellEnd(scope, record, entry, stamp)
  if (entry.status === 0) return undefined
  record.isResponseLate = true
  return tellEnd(scope, withResponse(record, responseOf(entry), false), entry, stamp)
}

function tellLate(scope: SessionScope, entry: TimelineEntry, how: { requestId: string; stamp: Stamp }): Step | undefined {
  const isTopDocument = entry.kind === 'navigation' && scope.targetType === 'page'
  const frame = rootFrameOf(scope)
  const where = {
    requestId: how.requestId,
    loaderId: frame?.loaderId ?? '',
    ...(frame === undefined ? {} : { frameId: frame.frameId }),
    ...typed(resourceTypeOf(entry)),
  }
  const record = lateRecord(scope, responseOf(entry), where, how.stamp)
  // A tab's document is asked for in the navigation before its own.
  const navSeq = isTopDocument && record.navSeq !== undefined ? record.navSeq - 1 : record.navSeq
  return tellEnd(scope, withResponse({ ...record, navSeq }, responseOf(entry), false), entry, how.stamp)
}

function typed(type: string | undefined): { type?: string } {
  return type === undefined ? {} : { type }
}

function tellEnd(scope: SessionScope, record: Answered, entry: TimelineEntry, stamp: Stamp): Step | undefined {
  endRequest(scope, record.requestId)
  forgetExtraInfo(scope.network.shared, record.requestId)
  if (record.decodedBytes === 0) record.decodedBytes = entry.decodedBytes
  const signals = settleEnd(scope, record, stamp)
  if (!record.published || !scope.plan.publishes('network_response')) return { signals }
  const draft = responseDraft(scope, record, {
    encodedBytes: entry.transferBytes,
    body: scope.plan.captures('network_response.body') ? { kind: 'absent', reason: 'not_captured' } : { kind: 'not_wanted' },
    wire: { request: undefined, response: undefined },
    isComplete: true,
  })
  // The timeline knows no headers, and an empty set of them would be a statement.
  if (Object.keys(record.response.headers).length === 0) draft.data.headers = undefined
  draft.data.duration_ms = entry.durationMs
  return { drafts: [draft], signals }
}

function responseOf(entry: TimelineEntry): Protocol.Network.Response {
  return {
    url: withoutFragment(entry.url),
    status: entry.status,
    statusText: '',
    headers: {},
    mimeType: entry.contentType,
    charset: '',
    connectionReused: false,
    connectionId: 0,
    encodedDataLength: entry.transferBytes,
    securityState: 'unknown',
    protocol: entry.protocol,
  }
}

function isOpen(scope: SessionScope, url: string): boolean {
  for (const [requestId, owner] of scope.network.shared.owners) {
    const record = owner.network.open.get(requestId)
    if (record !== undefined && record.tab === scope.tab && withoutFragment(record.firstUrl) === url) return true
  }
  return false
}

function withoutFragment(url: string): string {
  const at = url.indexOf('#')
  return at === -1 ? url : url.slice(0, at)
}
