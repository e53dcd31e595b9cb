// What is known of a session's requests that have not ended. Filled and emptied by the network translator.
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import type { Stamp } from '../stamp.ts'
import type { Tab } from '../tabs/tab.ts'
import { createExtraInfo, type ExtraInfo } from './extra-info.ts'
import { createRecentIds, type RecentIds } from './recent-ids.ts'
import { weighExtraInfo, weighRecord } from './weight.ts'

/** A request whose event waits for post data. */
export interface HeldRequest {
  readonly draft: EventDraft<'network_request'>
  readonly stamp: Stamp
  isAsked: boolean
}

/** One hop of one request, from its start (or from the first that was seen of it) to its end. */
export interface RequestRecord {
  /** Its `network_request`, while that waits for post data. */
  held: HeldRequest | undefined
  readonly requestId: string
  /** 0 for the first request of a chain; Chromium keeps the id along redirects. */
  readonly hop: number
  readonly url: string
  /** True when the URL was too long to be kept whole. */
  readonly isUrlCut: boolean
  /** The URL that its chain of redirects began with, or its own. */
  readonly firstUrl: string
  /** Unknown when the start was not seen. */
  readonly method: string | undefined
  readonly resourceType: string | undefined
  readonly frameId: string | undefined
  readonly loaderId: string | undefined
  /** The tab that waits for it, also when another session tells its end. */
  readonly tab: Tab | undefined
  /** The tab's navigation count when the request left; its response and failure carry the same. */
  readonly navSeq: number | undefined
  /** Chromium's monotonic seconds at the start; undefined when the start was not seen. */
  readonly startedAtS: number | undefined
  /** Whether its events are wanted; a request that the filters leave out still counts for settling. Never set again once it is false. */
  published: boolean
  response: Protocol.Network.Response | undefined
  /** True when the response was not told and is made of its extra info. */
  isResponseLate: boolean
  hasExtraInfo: boolean
  servedFromMemoryCache: boolean
  decodedBytes: number
  /** True once its one `network_response` is out, although it goes on. */
  answered: boolean
  lastActivityMs: number
  /** True when its end is told on another session than its start: what was received in between was told on neither. */
  isMoved: boolean
  /** Set when the worker whose script it is was found running: what is not told soon after came before anybody looked. */
  workerSeenAtMs: number | undefined
  /** When its response's headers were received. */
  responseStamp: Stamp | undefined
  /** What it is counted with among the open ones; 0 while it is not one of them. */
  heldBytes: number
}

/** What the sessions of a connection know together. Request ids are unique in a browser: they begin with a process, or are random. */
export interface SharedNetwork {
  /** Which session has an open request. */
  readonly owners: Map<string, RequestOwner>
  /** Extra-info messages by request id. They come on another pipe: before the request itself, and for a worker on its page's session. */
  readonly extra: Map<string, ExtraInfo>
  /** Ids that ended a short while ago, so that a second end or a late extra info is not taken for something new. */
  readonly ended: RecentIds
  /** Responses that wait for their extra info, oldest first. */
  readonly awaiting: Set<AwaitingResponse>
  /** What all of that keeps in memory. */
  readonly held: HeldBytes
}

/** Bytes as weight.ts weighs them. */
export interface HeldBytes {
  /** Open requests of all sessions. */
  open: number
  extra: number
  awaiting: number
}

/** A response whose hop has ended, but whose headers on the wire have not come. */
export interface AwaitingResponse {
  readonly requestId: string
  /** The place of its hop among those that have extra info. */
  readonly hop: number
  readonly sinceMs: number
  readonly heldBytes: number
  /** Whose it is; what waited for a selection that is gone is never told. */
  readonly owner: NetworkState
  /** What is told right after it: that it broke off. */
  followers: readonly EventDraft[]
  readonly finish: (followers: readonly EventDraft[]) => readonly EventDraft[]
}

/** Whoever has requests: a session, as far as this file needs it. */
export interface RequestOwner {
  network: NetworkState
}

export function createSharedNetwork(): SharedNetwork {
  return {
    owners: new Map(),
    extra: new Map(),
    ended: createRecentIds(limits.endedRequests),
    awaiting: new Set(),
    held: { open: 0, extra: 0, awaiting: 0 },
  }
}

export interface NetworkState {
  /** Open requests of this session by id, oldest first. */
  readonly open: Map<string, RequestRecord>
  readonly shared: SharedNetwork
}

export function createNetworkState(shared: SharedNetwork): NetworkState {
  return { open: new Map(), shared }
}

/** Puts a request among the open ones of a session. */
export function openRequest(owner: RequestOwner, record: RequestRecord): void {
  const { open, shared } = owner.network
  // A redirect's next hop takes the place of the one before.
  takeOff(shared, open.get(record.requestId))
  open.set(record.requestId, record)
  shared.owners.set(record.requestId, owner)
  shared.ended.delete(record.requestId)
  weighAgain(shared, record)
}

/** More, or less, is kept of an open request now. */
export function weighAgain(shared: SharedNetwork, record: RequestRecord): void {
  takeOff(shared, record)
  record.heldBytes = weighRecord(record)
  shared.held.open += record.heldBytes
}

function takeOff(shared: SharedNetwork, record: RequestRecord | undefined): void {
  if (record === undefined) return
  shared.held.open -= record.heldBytes
  record.heldBytes = 0
}

/** Takes a request out of the open ones of this session; what is told of it later is told elsewhere. */
export function takeOut(owner: RequestOwner, requestId: string): void {
  const { open, shared } = owner.network
  takeOff(shared, open.get(requestId))
  open.delete(requestId)
}

/** The extra info of a request id, made when it is first asked for. The oldest are forgotten at the bound. */
export function extraInfoOf(shared: SharedNetwork, requestId: string): ExtraInfo {
  const known = shared.extra.get(requestId)
  if (known !== undefined) return known
  const extra = createExtraInfo()
  shared.extra.set(requestId, extra)
  weighExtraAgain(shared, extra)
  forgetOldestExtra(shared, requestId)
  return extra
}

/** Keeps more of a request on the wire. Answers how many others had to be forgotten for it: their responses are told as they are known. */
export function addExtraInfo(shared: SharedNetwork, requestId: string, add: (extra: ExtraInfo) => void): number {
  const extra = extraInfoOf(shared, requestId)
  add(extra)
  weighExtraAgain(shared, extra)
  return forgetOldestExtra(shared, requestId)
}

function weighExtraAgain(shared: SharedNetwork, extra: ExtraInfo): void {
  shared.held.extra -= extra.heldBytes
  extra.heldBytes = weighExtraInfo(extra)
  shared.held.extra += extra.heldBytes
}

function forgetOldestExtra(shared: SharedNetwork, newest: string): number {
  let forgotten = 0
  for (const requestId of shared.extra.keys()) {
    const fits = shared.extra.size <= limits.pendingRequestsPerSession && shared.held.extra <= limits.extraInfoBytes
    if (fits || requestId === newest) break
    forgetExtraInfo(shared, requestId)
    forgotten++
  }
  return forgotten
}

/** Takes a request out of the open ones and remembers that it ended. */
export function endRequest(owner: RequestOwner, requestId: string): void {
  const { shared } = owner.network
  takeOut(owner, requestId)
  if (shared.owners.get(requestId) === owner) shared.owners.delete(requestId)
  shared.ended.add(requestId)
}

/** Forgets the extra info of a request whose last event is out. */
export function forgetExtraInfo(shared: SharedNetwork, requestId: string): void {
  shared.held.extra -= shared.extra.get(requestId)?.heldBytes ?? 0
  shared.extra.delete(requestId)
}

/** Tells no more of the open requests that are not wanted any more; for settling they still count. */
export function muteRequests(owner: RequestOwner, isWanted: (record: RequestRecord) => boolean): void {
  for (const record of owner.network.open.values()) {
    if (!record.published || isWanted(record)) continue
    record.published = false
    record.held = undefined
  }
}

/** Answers under way (bodies, post data) were asked for under a selection that is gone: they find that nobody waits for them. */
export function dropAnswers(owner: RequestOwner): void {
  owner.network = { ...owner.network }
}

/** Forgets every open request of a session without a word: nobody wants to know of them any more. */
export function forgetRequests(owner: RequestOwner): void {
  const { open, shared } = owner.network
  for (const [requestId, record] of open) {
    takeOff(shared, record)
    shared.owners.delete(requestId)
  }
  owner.network = createNetworkState(shared)
}
