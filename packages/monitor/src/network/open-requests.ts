// Finds the session that has a request, and moves it to the one that now tells about it.
import type { SessionScope } from '../session-scope.ts'
import type { RequestRecord } from './network-state.ts'

/**
 * The open request of that id as seen from `scope`. An out-of-process iframe's document and a worker's script begin in the
 * session above and end in their own: such a request moves down, together with its extra info.
 */
export function claimRequest(scope: SessionScope, requestId: string): RequestRecord | undefined {
  const own = scope.network.open.get(requestId)
  if (own !== undefined) return own
  for (let above = scope.parent; above !== undefined; above = above.parent) {
    const record = above.network.open.get(requestId)
    if (record !== undefined) return moveRequest(above, scope, record)
  }
  return undefined
}

function moveRequest(from: SessionScope, to: SessionScope, record: RequestRecord): RequestRecord {
  from.network.open.delete(record.requestId)
  to.network.open.set(record.requestId, record)
  const extra = from.network.extra.get(record.requestId)
  if (extra !== undefined) {
    from.network.extra.delete(record.requestId)
    // Extra info may have begun on the new session already; what came first is the earlier hop's.
    const begun = to.network.extra.get(record.requestId)
    if (begun !== undefined) {
      extra.requests.push(...begun.requests)
      extra.responses.push(...begun.responses)
    }
    to.network.extra.set(record.requestId, extra)
  }
  return record
}

/** Hands every open request of a session to the one that replaces it on the same target. */
export function moveAllRequests(from: SessionScope, to: SessionScope): void {
  for (const record of [...from.network.open.values()]) moveRequest(from, to, record)
}
