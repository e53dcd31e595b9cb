// Responses that wait a moment for what Chromium tells of them on another pipe: their headers as they went over the wire.
// Never longer than a bound: then they are told with the headers that came with the response.
import { type EventDraft, limits } from '@tabscope/schema'
import type { Stamp } from '../stamp.ts'
import { isWireTold } from './extra-info.ts'
import type { AwaitingResponse, NetworkState, SharedNetwork } from './network-state.ts'

/** Keeps a response back until its extra info has come. At the bounds the oldest are told as they are. */
export function awaitHeaders(shared: SharedNetwork, waiting: AwaitingResponse): readonly EventDraft[] {
  shared.awaiting.add(waiting)
  shared.held.awaiting += waiting.heldBytes
  const drafts: EventDraft[] = []
  for (const oldest of shared.awaiting) {
    if (shared.awaiting.size <= limits.awaitingResponses && shared.held.awaiting <= limits.awaitingResponsesBytes) break
    drafts.push(...release(shared, [oldest]))
  }
  return drafts
}

/** Tells the responses of a request whose extra info has come now. */
export function releaseTold(shared: SharedNetwork, requestId: string): readonly EventDraft[] {
  const extra = shared.awaiting.size === 0 ? undefined : shared.extra.get(requestId)
  if (extra === undefined) return []
  const isReady = (waiting: AwaitingResponse): boolean => waiting.requestId === requestId && isWireTold(extra, waiting.hop)
  return release(shared, [...shared.awaiting].filter(isReady))
}

/** Tells the responses of a request as they are: nobody is there any more to tell their extra info. */
export function releaseNow(shared: SharedNetwork, requestId: string): readonly EventDraft[] {
  return release(
    shared,
    [...shared.awaiting].filter((waiting) => waiting.requestId === requestId),
  )
}

/** Whether a response of this request is kept back. */
export function isAwaited(shared: SharedNetwork, requestId: string): boolean {
  return lastOf(shared, requestId) !== undefined
}

/** Keeps back what follows the response of a request that is kept back itself. */
export function followWaiting(shared: SharedNetwork, requestId: string, followers: readonly EventDraft[]): void {
  const last = lastOf(shared, requestId)
  if (last !== undefined) last.followers = [...last.followers, ...followers]
}

function lastOf({ awaiting }: SharedNetwork, requestId: string): AwaitingResponse | undefined {
  if (awaiting.size === 0) return undefined
  return [...awaiting].findLast((waiting) => waiting.requestId === requestId)
}

/** Tells the responses of an owner that have waited for long enough; all of them when no time is given. */
export function releaseWaiting(owner: NetworkState, stamp?: Stamp): readonly EventDraft[] {
  const { shared } = owner
  if (shared.awaiting.size === 0) return []
  const isOld = ({ sinceMs }: AwaitingResponse): boolean => stamp === undefined || stamp.atMs - sinceMs >= limits.lateExtraInfoMs
  return release(
    shared,
    [...shared.awaiting].filter((waiting) => (stamp !== undefined || waiting.owner === owner) && isOld(waiting)),
  )
}

function release(shared: SharedNetwork, ready: readonly AwaitingResponse[]): readonly EventDraft[] {
  for (const waiting of ready) if (shared.awaiting.delete(waiting)) shared.held.awaiting -= waiting.heldBytes
  return ready.flatMap(({ finish, followers }) => finish(followers))
}
