// The requests that a tab's network idle waits for, oldest first, and those that it stopped waiting for. Every operation takes
// constant time, because it runs for every request of every page. Never publishes and never reads a clock.
// Follows monitor.md, Settling: what is not counted, and what becomes of hung requests.
import { type IgnoredRequest, limits } from '@tabscope/schema'
import { cutText } from '../text-cut.ts'

/** A request as far as idle needs it. The key is the caller's: one hop of one request, unique over all sessions of the tab. */
export interface OpenRequest {
  readonly key: string
  readonly url: string
  readonly resourceType: string | undefined
  /** The document load that it belongs to, when the caller knows. */
  readonly loaderId: string | undefined
  readonly startedAtMs: number
}

interface Entry {
  request: OpenRequest
  expectedBytes: number | undefined
  receivedBytes: number
  older: Entry | undefined
  newer: Entry | undefined
}

/** Open requests linked by age, so that the oldest is at hand also after a request moved to another session's key. */
export interface SettleRequests {
  /** In flight: idle waits for these. */
  readonly inFlight: Map<string, Entry>
  /** Open, but too old to wait for. */
  readonly ignored: Map<string, OpenRequest>
  oldest: Entry | undefined
  newest: Entry | undefined
}

const uncountedTypes: ReadonlySet<string> = new Set([
  'WebSocket',
  'EventSource',
  'Ping',
  'CSPViolationReport',
  'Reporting',
  'Prefetch',
  'Preflight',
])

/** What decides whether a request is one that a page is still loading with. */
export interface RequestKind {
  readonly url: string
  readonly resourceType?: string | undefined
  /** CDP's `initiator.type`: Chromium 156 sends preflights as type `Other` with `preflight`, icons as type `Other` with `other`. */
  readonly initiatorType?: string | undefined
  /** True with a header `Sec-Purpose: prefetch`: Chromium 156 sends `<link rel=prefetch>` as type `Other` with `parser`. */
  readonly isPrefetch?: boolean
}

/** Whether idle waits for such a request: not for sockets, streams, beacons, reports, prefetches, preflights, icons, `data:` and `blob:`. */
export function countsForIdle(kind: RequestKind): boolean {
  if (kind.resourceType !== undefined && uncountedTypes.has(kind.resourceType)) return false
  if (kind.isPrefetch === true || kind.initiatorType === 'preflight' || hasScheme(kind.url, 'data:') || hasScheme(kind.url, 'blob:'))
    return false
  return kind.resourceType !== 'Other' || (kind.initiatorType !== 'other' && !isIconUrl(kind.url))
}

function hasScheme(url: string, scheme: string): boolean {
  return url.length >= scheme.length && url.slice(0, scheme.length).toLowerCase() === scheme
}

// Where the initiator is not known, an icon is recognised by its usual names only.
function isIconUrl(url: string): boolean {
  const pathEnd = url.search(/[?#]/)
  const path = pathEnd === -1 ? url : url.slice(0, pathEnd)
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  return name.endsWith('.ico') || name.startsWith('favicon')
}

export function createSettleRequests(): SettleRequests {
  return { inFlight: new Map(), ignored: new Map(), oldest: undefined, newest: undefined }
}

/** Adds a request. Beyond `limits.settleRequests` in flight, the oldest becomes ignored. */
export function addRequest(requests: SettleRequests, request: OpenRequest): void {
  endRequest(requests, request.key)
  const short = { ...request, url: cutText(request.url, limits.settleUrlBytes).text }
  const entry: Entry = { request: short, expectedBytes: undefined, receivedBytes: 0, older: requests.newest, newer: undefined }
  requests.inFlight.set(request.key, entry)
  if (requests.newest === undefined) requests.oldest = entry
  else requests.newest.newer = entry
  requests.newest = entry
  if (requests.inFlight.size > limits.settleRequests) ignoreOldest(requests)
}

/** Takes a request out. An unknown key is nothing: its start was not seen, did not count, or belonged to the document before. */
export function endRequest(requests: SettleRequests, key: string): void {
  const entry = requests.inFlight.get(key)
  if (entry === undefined) requests.ignored.delete(key)
  else unlink(requests, entry)
}

/** Gives a request another key, when it goes on in another session. Its age stays. */
export function moveRequest(requests: SettleRequests, fromKey: string, toKey: string): void {
  if (fromKey === toKey) return
  const entry = requests.inFlight.get(fromKey)
  const ignored = requests.ignored.get(fromKey)
  if (entry === undefined && ignored === undefined) return
  endRequest(requests, toKey)
  if (entry !== undefined) {
    requests.inFlight.delete(fromKey)
    entry.request = { ...entry.request, key: toKey }
    requests.inFlight.set(toKey, entry)
  }
  if (ignored !== undefined) {
    requests.ignored.delete(fromKey)
    requests.ignored.set(toKey, { ...ignored, key: toKey })
  }
}

/** Notes the length that the response's headers announced. */
export function expectBytes(requests: SettleRequests, key: string, expectedBytes: number): void {
  const entry = requests.inFlight.get(key)
  if (entry !== undefined) entry.expectedBytes = expectedBytes
}

/** Counts bytes as they were on the wire; ends the request when all announced bytes are there, because a body that nobody reads never ends. */
export function receiveBytes(requests: SettleRequests, key: string, encodedBytes: number): void {
  const entry = requests.inFlight.get(key)
  if (entry === undefined) return
  entry.receivedBytes += encodedBytes
  if (entry.expectedBytes !== undefined && entry.receivedBytes >= entry.expectedBytes) unlink(requests, entry)
}

/** Stops waiting for what is `limits.settleRequestAgeMs` old at `atMs`. */
export function ignoreOld(requests: SettleRequests, atMs: number): void {
  for (let dueMs = nextIgnoreMs(requests); dueMs !== undefined && dueMs <= atMs; dueMs = nextIgnoreMs(requests)) ignoreOldest(requests)
}

/** When the oldest request will be too old; undefined when nothing is in flight. */
export function nextIgnoreMs(requests: SettleRequests): number | undefined {
  return requests.oldest === undefined ? undefined : requests.oldest.request.startedAtMs + limits.settleRequestAgeMs
}

/** Forgets everything but the requests for which `keep` is true. */
export function keepRequests(requests: SettleRequests, keep: (request: OpenRequest) => boolean): void {
  for (const entry of requests.inFlight.values()) if (!keep(entry.request)) unlink(requests, entry)
  for (const request of requests.ignored.values()) if (!keep(request)) requests.ignored.delete(request.key)
}

/** The requests that are still open and not waited for, as events list them. */
export function listIgnored(requests: SettleRequests, atMs: number): IgnoredRequest[] {
  return [...requests.ignored.values()].map(({ url, resourceType, startedAtMs }) => ({
    url,
    ...(resourceType === undefined ? {} : { resource_type: resourceType }),
    age_ms: Math.max(0, Math.round(atMs - startedAtMs)),
  }))
}

function ignoreOldest(requests: SettleRequests): void {
  const entry = requests.oldest
  if (entry === undefined) return
  unlink(requests, entry)
  requests.ignored.set(entry.request.key, entry.request)
  // The list explains an event to a person; at the bound the oldest, which was listed before, is left out.
  for (const key of requests.ignored.keys()) {
    if (requests.ignored.size <= limits.settleIgnoredRequests) break
    requests.ignored.delete(key)
  }
}

function unlink(requests: SettleRequests, entry: Entry): void {
  requests.inFlight.delete(entry.request.key)
  if (entry.older === undefined) requests.oldest = entry.newer
  else entry.older.newer = entry.newer
  if (entry.newer === undefined) requests.newest = entry.older
  else entry.newer.older = entry.older
}
