// Makes the record of a request from what CDP tells of its beginning, whole or in part. Pure.
import type { Protocol } from 'devtools-protocol'
import type { SessionScope } from '../session-scope.ts'
import type { Stamp } from '../translator.ts'
import type { RequestRecord } from './network-state.ts'

/** A request whose response's headers are known. */
export type Answered = RequestRecord & { response: Protocol.Network.Response }

export function hasResponse(record: RequestRecord): record is Answered {
  return record.response !== undefined
}

/** The record of a request that leaves now. */
export function startRecord(
  scope: SessionScope,
  message: Protocol.Network.RequestWillBeSentEvent,
  previous: RequestRecord | undefined,
  stamp: Stamp,
): RequestRecord {
  return {
    ...blankRecord(scope, message.request.url, message.type, stamp),
    requestId: message.requestId,
    hop: previous === undefined ? 0 : previous.hop + 1,
    method: message.request.method,
    frameId: message.frameId,
    loaderId: message.loaderId === '' ? undefined : message.loaderId,
    startedAtS: message.timestamp,
    // A hop belongs to the tab and the navigation that its chain began in.
    ...(previous === undefined ? {} : { tab: previous.tab, navSeq: previous.navSeq }),
  }
}

/** What is known of a request whose start was not seen: attached too late, or started where nobody could look. */
export function lateRecord(
  scope: SessionScope,
  response: Protocol.Network.Response,
  where: { requestId: string; frameId?: string; loaderId: string; type?: string },
  stamp: Stamp,
): RequestRecord {
  return {
    ...blankRecord(scope, response.url, where.type, stamp),
    requestId: where.requestId,
    frameId: where.frameId,
    loaderId: where.loaderId === '' ? undefined : where.loaderId,
  }
}

function blankRecord(scope: SessionScope, url: string, resourceType: string | undefined, stamp: Stamp): Omit<RequestRecord, 'requestId'> {
  return {
    hop: 0,
    url,
    method: undefined,
    resourceType,
    frameId: undefined,
    loaderId: undefined,
    tab: scope.tab,
    navSeq: scope.tab?.navSeq,
    startedAtS: undefined,
    published: isWanted(scope, url, resourceType),
    response: undefined,
    hasExtraInfo: false,
    servedFromMemoryCache: false,
    decodedBytes: 0,
    answered: false,
    isMoved: false,
    lastActivityMs: stamp.atMs,
    workerSeenAtMs: undefined,
    responseStamp: undefined,
  }
}

function isWanted(scope: SessionScope, url: string, resourceType: string | undefined): boolean {
  const { plan } = scope
  if (!plan.config.network.enabled || plan.isOwnUrl(url) || !plan.url.matches(url)) return false
  return plan.resourceTypes === undefined || (resourceType !== undefined && plan.resourceTypes.has(resourceType))
}

/** Whether extra info is to be expected: Chromium says `hasExtraInfo` also for responses out of its caches, for which none comes. */
export function wentOverTheWire(record: Answered): boolean {
  return record.hasExtraInfo && !record.servedFromMemoryCache && record.response.fromDiskCache !== true
}

/** A response that may never end, and is told at its headers. */
export function isEventStream(record: Answered): boolean {
  return record.resourceType === 'EventSource' || record.response.mimeType === 'text/event-stream'
}

/** The length on the wire that the headers announce, if they do. */
export function announcedLength(response: Protocol.Network.Response): number | undefined {
  const text = headerOf(response.headers, 'content-length')
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined
}

/** The value of a header by its lower-case name. */
export function headerOf(headers: Protocol.Network.Headers, name: string): string | undefined {
  const value: unknown = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof value === 'string' ? value : undefined
}
