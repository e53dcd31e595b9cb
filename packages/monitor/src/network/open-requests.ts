// Finds the session that has a request, and moves it to the one that now tells about it.
import { openRequest, type RequestOwner, type RequestRecord, takeOut } from './network-state.ts'

/**
 * The open request of that id as seen from `scope`. An out-of-process iframe's document and a worker's script begin on the
 * session above and end on their own; a shared worker's begins on a page and ends on a session of no page. Such a request moves.
 */
export function claimRequest(scope: RequestOwner, requestId: string): RequestRecord | undefined {
  const own = scope.network.open.get(requestId)
  if (own !== undefined) return own
  const owner = scope.network.shared.owners.get(requestId)
  const record = owner?.network.open.get(requestId)
  return owner === undefined || record === undefined ? undefined : moveRequest(owner, scope, record)
}

function moveRequest(from: RequestOwner, to: RequestOwner, record: RequestRecord): RequestRecord {
  takeOut(from, record.requestId)
  record.isMoved = true
  openRequest(to, record)
  return record
}

/**
 * Hands the documents that an out-of-process iframe was about to load to the session above: a document of the parent's own site
 * comes into the parent's process, which tells its end. What belongs to the old document stays.
 */
export function moveDocuments(from: RequestOwner, to: RequestOwner): void {
  for (const record of [...from.network.open.values()]) if (record.loaderId === record.requestId) moveRequest(from, to, record)
}

/** Hands every open request of a session to the one that replaces it on the same target. */
export function moveAllRequests(from: RequestOwner, to: RequestOwner): void {
  for (const record of [...from.network.open.values()]) moveRequest(from, to, record)
}
