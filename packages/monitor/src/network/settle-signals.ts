// What a tab's settling has to know of its requests. The tab is the one that the request began in, whoever tells of it now.
import type { Protocol } from 'devtools-protocol'
import type { SessionScope } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import type { TabSignal } from '../translator.ts'
import type { RequestRecord } from './network-state.ts'
import { headerOf } from './record.ts'

type Signals = readonly TabSignal[]

const none: Signals = []

function signal(scope: SessionScope, record: RequestRecord, input: TabSignal['input']): Signals {
  return record.tab === undefined || !scope.plan.settles ? none : [{ tab: record.tab, input }]
}

/** What is known of how a request came about; nothing for one whose start was not seen. */
export interface Origin {
  readonly initiatorType?: string | undefined
  readonly headers?: Protocol.Network.Headers | undefined
}

export function settleStart(scope: SessionScope, record: RequestRecord, origin: Origin, stamp: Stamp): Signals {
  return signal(scope, record, {
    kind: 'request_started',
    atMs: stamp.atMs,
    key: record.requestId,
    url: record.url,
    resourceType: record.resourceType,
    initiatorType: origin.initiatorType,
    // Chromium has no resource type of its own for it. https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header
    isPrefetch: origin.headers !== undefined && isPrefetch(origin.headers),
    loaderId: record.loaderId,
    isDocument: isTopDocument(scope, record),
  })
}

function isPrefetch(headers: Protocol.Network.Headers): boolean {
  return headerOf(headers, 'sec-purpose')?.startsWith('prefetch') === true || headerOf(headers, 'purpose') === 'prefetch'
}

// Only a navigation's own request has its loader's id; the tab's main frame has the id of its target until it is told otherwise.
export function isTopDocument(scope: SessionScope, record: RequestRecord): boolean {
  if (scope.targetType !== 'page' || record.loaderId !== record.requestId) return false
  return record.frameId === (scope.tab?.mainFrame?.frameId ?? scope.session.targetId)
}

export function settleHeaders(scope: SessionScope, record: RequestRecord, expectedBytes: number | undefined, stamp: Stamp): Signals {
  return signal(scope, record, { kind: 'headers_received', atMs: stamp.atMs, key: record.requestId, expectedBytes })
}

export function settleBytes(scope: SessionScope, record: RequestRecord, encodedBytes: number, stamp: Stamp): Signals {
  return signal(scope, record, { kind: 'bytes_received', atMs: stamp.atMs, key: record.requestId, encodedBytes })
}

export function settleEnd(scope: SessionScope, record: RequestRecord, stamp: Stamp): Signals {
  return signal(scope, record, { kind: 'request_ended', atMs: stamp.atMs, key: record.requestId })
}
