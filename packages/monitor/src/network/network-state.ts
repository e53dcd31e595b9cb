// What is known of a session's requests that have not ended. Filled and emptied by the network translator.
import { limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { dropOldest } from '../tabs/tab.ts'
import type { Stamp } from '../translator.ts'
import { createExtraInfo, type ExtraInfo } from './extra-info.ts'

/** One hop of one request, from its start (or from the first that was seen of it) to its end. */
export interface RequestRecord {
  readonly requestId: string
  /** 0 for the first request of a chain; Chromium keeps the id along redirects. */
  readonly hop: number
  readonly url: string
  /** Unknown when the start was not seen. */
  readonly method: string | undefined
  readonly resourceType: string | undefined
  readonly frameId: string | undefined
  readonly loaderId: string | undefined
  /** The tab's navigation count when the request left; its response and failure carry the same. */
  readonly navSeq: number | undefined
  /** Chromium's monotonic seconds at the start; undefined when the start was not seen. */
  readonly startedAtS: number | undefined
  /** Whether its events are wanted; a request that the filters leave out still counts for settling. */
  readonly published: boolean
  response: Protocol.Network.Response | undefined
  hasExtraInfo: boolean
  servedFromMemoryCache: boolean
  decodedBytes: number
  /** True once its one `network_response` is out, although it goes on. */
  answered: boolean
  lastActivityMs: number
  /** When its response's headers were received. */
  responseStamp: Stamp | undefined
}

export interface NetworkState {
  /** Open requests by id, oldest first. */
  readonly open: Map<string, RequestRecord>
  /** Extra-info messages by request id; they come on another pipe, also before the request itself. */
  readonly extra: Map<string, ExtraInfo>
  /** Ids that ended a short while ago, so that a second end or a late extra info is not taken for something new. */
  readonly ended: Set<string>
}

export function createNetworkState(): NetworkState {
  return { open: new Map(), extra: new Map(), ended: new Set() }
}

/** The extra info of a request id, made when it is first asked for. The oldest are forgotten at the bound. */
export function extraInfoOf(state: NetworkState, requestId: string): ExtraInfo {
  const known = state.extra.get(requestId)
  if (known !== undefined) return known
  const extra = createExtraInfo()
  state.extra.set(requestId, extra)
  dropOldest(state.extra, limits.pendingRequestsPerSession)
  return extra
}

/** Takes a request out of the open ones and remembers that it ended. */
export function endRequest(state: NetworkState, requestId: string): void {
  state.open.delete(requestId)
  state.ended.add(requestId)
  for (const id of state.ended) {
    if (state.ended.size <= limits.endedRequestsPerSession) break
    state.ended.delete(id)
  }
}

/** Forgets the extra info of a request whose last event is out. */
export function forgetExtraInfo(state: NetworkState, requestId: string): void {
  state.extra.delete(requestId)
}
