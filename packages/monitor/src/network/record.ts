// Makes the record of a request from what CDP tells of its beginning, whole or in part. Pure.
import type { Protocol } from 'devtools-protocol'
import type { SessionScope } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import { cutUrl } from '../text-cut.ts'
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
  // A hop belongs to the tab and the navigation that its chain began in.
  const tab = previous === undefined ? scope.tab : previous.tab
  return createRecord({
    requestId: message.requestId,
    hop: previous === undefined ? 0 : previous.hop + 1,
    url: message.request.url,
    firstUrl: previous === undefined ? message.request.url : previous.firstUrl,
    method: message.request.method,
    resourceType: message.type,
    frameId: message.frameId,
    loaderId: message.loaderId,
    tab,
    navSeq: previous === undefined ? tab?.navSeq : previous.navSeq,
    startedAtS: message.timestamp,
    published: isWanted(scope, message.request.url, message.type),
    lastActivityMs: stamp.atMs,
  })
}

/** What is known of a request whose start was not seen: attached too late, or started where nobody could look. */
export function lateRecord(
  scope: SessionScope,
  response: Protocol.Network.Response,
  where: { requestId: string; frameId?: string; loaderId: string; type?: string },
  stamp: Stamp,
): RequestRecord {
  return createRecord({
    requestId: where.requestId,
    hop: 0,
    url: response.url,
    firstUrl: response.url,
    method: undefined,
    resourceType: where.type,
    frameId: where.frameId,
    loaderId: where.loaderId,
    tab: scope.tab,
    navSeq: scope.tab?.navSeq,
    startedAtS: undefined,
    published: isWanted(scope, response.url, where.type),
    lastActivityMs: stamp.atMs,
  })
}

type Known = Pick<
  RequestRecord,
  | 'requestId'
  | 'hop'
  | 'url'
  | 'firstUrl'
  | 'method'
  | 'resourceType'
  | 'frameId'
  | 'loaderId'
  | 'tab'
  | 'navSeq'
  | 'startedAtS'
  | 'published'
  | 'lastActivityMs'
>

// One literal, so that all records have one shape.
function createRecord(known: Known): RequestRecord {
  const url = cutUrl(known.url)
  return {
    requestId: known.requestId,
    hop: known.hop,
    url: url.text,
    isUrlCut: url.isCut,
    firstUrl: known.firstUrl === known.url ? url.text : cutUrl(known.firstUrl).text,
    method: known.method,
    resourceType: known.resourceType,
    frameId: known.frameId,
    loaderId: known.loaderId === '' ? undefined : known.loaderId,
    tab: known.tab,
    navSeq: known.navSeq,
    startedAtS: known.startedAtS,
    published: known.published,
    lastActivityMs: known.lastActivityMs,
    response: undefined,
    isResponseLate: false,
    hasExtraInfo: false,
    servedFromMemoryCache: false,
    decodedBytes: 0,
    answered: false,
    isMoved: false,
    workerSeenAtMs: undefined,
    responseStamp: undefined,
    held: undefined,
    heldBytes: 0,
  }
}

/** Puts a response into the record, which has one from here on. */
export function withResponse(record: RequestRecord, response: Protocol.Network.Response, hasExtraInfo: boolean): Answered {
  record.response = response
  record.hasExtraInfo = hasExtraInfo
  return record as Answered
}

/** Whether the plan of now wants events of a request to this URL. */
export function isWanted(scope: SessionScope, url: string, resourceType: string | undefined): boolean {
  const { plan } = scope
  if (!plan.config.network.enabled || plan.isOwnUrl(url) || !plan.url.matches(url)) return false
  return plan.resourceTypes === undefined || (resourceType !== undefined && plan.resourceTypes.has(resourceType))
}

/** Whether extra info is to be expected: Chromium says `hasExtraInfo` also for responses out of its caches, for which none comes. */
export function wentOverTheWire(record: Answered): boolean {
  const { fromDiskCache, fromPrefetchCache, fromServiceWorker } = record.response
  const isInside = record.servedFromMemoryCache || fromDiskCache === true || fromPrefetchCache === true || fromServiceWorker === true
  return record.hasExtraInfo && !isInside
}

/** A response that may never end, and is told at its headers. */
export function isEventStream(record: Answered): boolean {
  return record.resourceType === 'EventSource' || record.response.mimeType === 'text/event-stream'
}

/** The length on the wire that the headers announce, if they do. */
export function announcedLength(headers: Protocol.Network.Headers): number | undefined {
  const text = headerOf(headers, 'content-length')
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined
}

/** The value of a header by its lower-case name. */
export function headerOf(headers: Protocol.Network.Headers, name: string): string | undefined {
  for (const key of Object.keys(headers)) {
    // Asked for every request and response: most names already differ in length.
    if (key.length !== name.length || key.toLowerCase() !== name) continue
    const value: unknown = headers[key]
    return typeof value === 'string' ? value : undefined
  }
  return undefined
}
