// Drafts of how a request ends: answered, redirected or failed. Pure.
import type { BrowserContext, EventDraft, Source } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { type SessionScope, sourceOf, targetContext } from '../session-scope.ts'
import type { Stamp } from '../translator.ts'
import type { WireHeaders } from './extra-info.ts'
import type { RequestRecord } from './network-state.ts'
import { requestContext } from './request-draft.ts'

type ResponseData = EventDraft<'network_response'>['data']

/** The body of a response, or why there is none; nothing of both below the detail level that has bodies. */
export type BodyOutcome =
  | { readonly kind: 'text'; readonly text: string; readonly isCut: boolean }
  | { readonly kind: 'absent'; readonly reason: NonNullable<ResponseData['body_absent_reason']> }
  | { readonly kind: 'not_wanted' }

export interface ResponseEnd {
  /** CDP's method, or absent when no message ended it (a response that went silent). */
  readonly event?: string
  /** Chromium's monotonic seconds at the end. */
  readonly atS?: number
  readonly encodedBytes?: number
  readonly body: BodyOutcome
  readonly wire: WireHeaders
  /** False when the response is told before its body is complete. */
  readonly isComplete: boolean
  /** When the message that caused the event was received, if the event had to wait since. */
  readonly observed?: Stamp
}

/** `network_response`: once per hop. The record must have a response. */
export function responseDraft(
  scope: SessionScope,
  record: RequestRecord & { response: Protocol.Network.Response },
  end: ResponseEnd,
): EventDraft<'network_response'> {
  const { response } = record
  const data: ResponseData = {
    ...requestContext(scope, record),
    request_id: record.requestId,
    url: record.url,
    status: response.status,
  }
  if (record.method !== undefined) data.method = record.method
  if (record.startedAtS === undefined || record.isResponseLate === true) data.late_attach = true
  if (response.statusText !== '') data.status_text = response.statusText
  if (response.mimeType !== '') data.mime_type = response.mimeType
  if (record.resourceType !== undefined) data.resource_type = record.resourceType
  addTransfer(data, record, response, end)
  if (!end.isComplete) data.body_complete = false
  if (end.observed !== undefined) data.observed_ts = end.observed.atUs
  const isCut = scope.plan.atLeast('network', 'standard') && addStandard(data, response, end)
  if (scope.plan.atLeast('network', 'verbose')) addSecurity(data, response)
  const draft: EventDraft<'network_response'> = {
    type: 'network_response',
    category: 'network',
    detailLevel: scope.plan.config.network.detail_level,
    source: sourceOf(scope, end.event),
    data,
  }
  return isCut ? { ...draft, truncated: true } : draft
}

// Where it came from, how much it was and how long it took.
function addTransfer(data: ResponseData, record: RequestRecord, response: Protocol.Network.Response, end: ResponseEnd): void {
  if (response.remoteIPAddress !== undefined && response.remoteIPAddress !== '') {
    // CDP writes IPv6 addresses in the brackets of a URL.
    data.remote_ip = response.remoteIPAddress.replace(/^\[(.*)\]$/, '$1')
    if (response.remotePort !== undefined && response.remotePort > 0) data.remote_port = response.remotePort
  }
  if (response.protocol !== undefined && response.protocol !== '') data.protocol = response.protocol
  const fromCache = cacheOf(record, response)
  if (fromCache !== undefined) data.from_cache = fromCache
  if (response.fromServiceWorker === true) data.from_service_worker = true
  if (end.encodedBytes !== undefined && end.encodedBytes >= 0) data.encoded_bytes = Math.round(end.encodedBytes)
  if (end.isComplete && record.decodedBytes > 0) data.decoded_bytes = record.decodedBytes
  if (end.atS !== undefined) {
    data.cdp_timestamp = end.atS
    if (record.startedAtS !== undefined) data.duration_ms = milliseconds(end.atS - record.startedAtS)
  }
}

function cacheOf(record: RequestRecord, response: Protocol.Network.Response): ResponseData['from_cache'] {
  if (record.servedFromMemoryCache) return 'memory'
  if (response.fromDiskCache === true) return 'disk'
  return response.fromPrefetchCache === true ? 'prefetch' : undefined
}

// Headers, body and timing; tells whether something was cut.
function addStandard(data: ResponseData, response: Protocol.Network.Response, end: ResponseEnd): boolean {
  data.headers = end.wire.response ?? response.headers
  const requestHeaders = end.wire.request ?? response.requestHeaders
  if (requestHeaders !== undefined) data.request_headers = requestHeaders
  if (end.body.kind === 'absent') data.body_absent_reason = end.body.reason
  if (end.body.kind === 'text') data.body = end.body.text
  const isCut = end.body.kind === 'text' && end.body.isCut
  if (isCut) data.truncated_fields = ['body']
  // A response out of a cache brings the timing of the load that filled the cache.
  if (data.from_cache === undefined && response.timing !== undefined) data.timing = timingOf(response.timing, end.atS)
  return isCut
}

function timingOf(timing: Protocol.Network.ResourceTiming, endS: number | undefined): NonNullable<ResponseData['timing']> {
  const span = (start: number, end: number): number | undefined => (start >= 0 && end >= start ? round(end - start) : undefined)
  const receivedHeadersS = timing.requestTime + timing.receiveHeadersEnd / 1000
  const parts = {
    dns_ms: span(timing.dnsStart, timing.dnsEnd),
    connect_ms: span(timing.connectStart, timing.connectEnd),
    tls_ms: span(timing.sslStart, timing.sslEnd),
    send_ms: span(timing.sendStart, timing.sendEnd),
    wait_ms: span(timing.sendEnd, timing.receiveHeadersEnd),
    receive_ms: endS === undefined || endS < receivedHeadersS ? undefined : milliseconds(endS - receivedHeadersS),
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}

function addSecurity(data: ResponseData, response: Protocol.Network.Response): void {
  const details = response.securityDetails
  if (details === undefined) return
  data.security = { protocol: details.protocol, issuer: details.issuer, subject: details.subjectName, valid_to: details.validTo }
}

/** What went wrong, in CDP's words or in ours. */
export interface Failure {
  readonly source: Source
  readonly errorText: string
  readonly isCanceled: boolean
  readonly atS?: number
  readonly resourceType?: string | undefined
  readonly blockedReason?: string | undefined
  readonly corsError?: string | undefined
}

/** `network_loading_failed` for a request of which at least the id is known. */
export function failureDraft(
  scope: SessionScope,
  record: RequestRecord | { requestId: string },
  failure: Failure,
): EventDraft<'network_loading_failed'> {
  const isKnown = 'url' in record
  const data: EventDraft<'network_loading_failed'>['data'] = {
    ...(isKnown ? requestContext(scope, record) : withoutDocument(scope)),
    request_id: record.requestId,
    error_text: failure.errorText,
    canceled: failure.isCanceled,
  }
  const resourceType = failure.resourceType ?? (isKnown ? record.resourceType : undefined)
  if (resourceType !== undefined) data.resource_type = resourceType
  if (failure.blockedReason !== undefined) data.blocked_reason = failure.blockedReason
  if (failure.corsError !== undefined) data.cors_error = failure.corsError
  if (failure.atS !== undefined) data.cdp_timestamp = failure.atS
  return {
    type: 'network_loading_failed',
    category: 'network',
    detailLevel: scope.plan.config.network.detail_level,
    source: failure.source,
    data,
  }
}

// A failure of which the start was never seen: its URL would be a guess.
function withoutDocument(scope: SessionScope): BrowserContext {
  return { ...targetContext(scope), late_attach: true }
}

const milliseconds = (seconds: number): number => round(Math.max(0, seconds) * 1000)

// CDP's monotonic clock has microseconds; more digits are noise of the floating point.
const round = (value: number): number => Math.round(value * 1000) / 1000
