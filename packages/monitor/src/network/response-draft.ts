// Drafts of how a request ends: answered, redirected or failed. Pure.
// `data` is one literal with every field, undefined where there is nothing: JSON leaves those out, and objects of one shape are
// several times cheaper to make than ones that grow.
import type { BrowserContext, EventDraft, Source } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import type { CapturePlan } from '../capture.ts'
import { boundedCdp } from '../raw-cdp.ts'
import { type SessionScope, sourceOf, targetContext } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import type { WireHeaders } from './extra-info.ts'
import type { RequestRecord } from './network-state.ts'
import type { Answered } from './record.ts'
import { requestContext } from './request-draft.ts'

type ResponseData = EventDraft<'network_response'>['data']

/** The body of a response, or why there is none; nothing of both below the detail level that has bodies. */
export type BodyOutcome =
  | { readonly kind: 'text'; readonly text: string; readonly isCut: boolean }
  | { readonly kind: 'absent'; readonly reason: NonNullable<ResponseData['body_absent_reason']> }
  | { readonly kind: 'not_wanted' }

export interface ResponseEnd {
  /** CDP's method, or absent when no message ended it (a response that went silent). */
  readonly event?: string | undefined
  /** Chromium's monotonic seconds at the end. */
  readonly atS?: number | undefined
  readonly encodedBytes?: number | undefined
  readonly body: BodyOutcome
  readonly wire: WireHeaders
  /** False when the response is told before its body is complete. */
  readonly isComplete: boolean
  /** What CDP said at the end, for detail level `raw`; absent when the draft is made while its message is looked at. */
  readonly params?: object | undefined
  /** When the message that caused the event was received, if the event had to wait since. */
  readonly observed?: Stamp | undefined
}

/** `network_response`: once per hop. */
export function responseDraft(scope: SessionScope, record: Answered, end: ResponseEnd): EventDraft<'network_response'> {
  const { response } = record
  const { body } = end
  const { plan } = scope
  const fromCache = cacheOf(record)
  const cut = [...(record.isUrlCut ? ['url'] : []), ...(body.kind === 'text' && body.isCut ? ['body'] : [])]
  const isCut = cut.length > 0
  const encodedBytes = end.encodedBytes ?? -1
  const data: ResponseData = {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    frame_id: record.frameId,
    loader_id: record.loaderId,
    url: record.url,
    nav_seq: record.navSeq,
    cdp_timestamp: end.atS,
    observed_ts: end.observed?.atUs,
    late_attach: record.startedAtS === undefined || record.isResponseLate === true ? true : undefined,
    request_id: record.requestId,
    method: record.method,
    status: response.status,
    status_text: filled(response.statusText),
    mime_type: filled(response.mimeType),
    resource_type: record.resourceType,
    remote_ip: addressOf(response.remoteIPAddress),
    remote_port: response.remotePort !== undefined && response.remotePort > 0 ? response.remotePort : undefined,
    protocol: filled(response.protocol),
    from_cache: fromCache,
    from_service_worker: response.fromServiceWorker === true ? true : undefined,
    encoded_bytes: encodedBytes >= 0 ? Math.round(encodedBytes) : undefined,
    decoded_bytes: end.isComplete && record.decodedBytes > 0 ? record.decodedBytes : undefined,
    duration_ms: end.atS === undefined || record.startedAtS === undefined ? undefined : milliseconds(end.atS - record.startedAtS),
    body_complete: end.isComplete ? undefined : false,
    headers: plan.captures('network_response.headers') ? (end.wire.response ?? response.headers) : undefined,
    request_headers: plan.captures('network_response.request_headers') ? (end.wire.request ?? response.requestHeaders) : undefined,
    body: body.kind === 'text' ? body.text : undefined,
    body_absent_reason: body.kind === 'absent' ? body.reason : undefined,
    // A response out of a cache brings the timing of the load that filled the cache.
    timing: plan.captures('network_response.timing') && fromCache === undefined ? timingOf(response.timing, end.atS) : undefined,
    security: plan.captures('network_response.security') ? securityOf(response) : undefined,
    cdp: end.params === undefined || !plan.capturesCdp ? undefined : cdpOf(plan, record, end.params),
    truncated_fields: isCut ? cut : undefined,
  }
  const draft: EventDraft<'network_response'> = {
    type: 'network_response',
    category: 'network',
    detailLevel: scope.plan.config.network.detail_level,
    source: sourceOf(scope, end.event),
    data,
  }
  return isCut ? { ...draft, truncated: true } : draft
}

// The message at the end says little; with it goes what `Network.responseReceived` had said.
function cdpOf(plan: CapturePlan, record: Answered, params: object): unknown {
  return plan.captures('network_response.cdp') ? boundedCdp({ ...params, response: record.response }).value : undefined
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

// CDP writes IPv6 addresses in the brackets of a URL.
function addressOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  return text.startsWith('[') ? text.slice(1, -1) : text
}

function cacheOf(record: Answered): ResponseData['from_cache'] {
  if (record.servedFromMemoryCache) return 'memory'
  if (record.response.fromDiskCache === true) return 'disk'
  // Chromium says so of the prefetch itself, too, which went over the wire (fixtures/cdp/prefetched-navigation.ndjson).
  return record.response.fromPrefetchCache === true && record.resourceType !== 'Prefetch' ? 'prefetch' : undefined
}

function timingOf(timing: Protocol.Network.ResourceTiming | undefined, endS: number | undefined): ResponseData['timing'] {
  if (timing === undefined) return undefined
  const receivedHeadersS = timing.requestTime + timing.receiveHeadersEnd / 1000
  return {
    dns_ms: span(timing.dnsStart, timing.dnsEnd),
    connect_ms: span(timing.connectStart, timing.connectEnd),
    tls_ms: span(timing.sslStart, timing.sslEnd),
    send_ms: span(timing.sendStart, timing.sendEnd),
    wait_ms: span(timing.sendEnd, timing.receiveHeadersEnd),
    receive_ms: endS === undefined || endS < receivedHeadersS ? undefined : milliseconds(endS - receivedHeadersS),
  }
}

function span(start: number, end: number): number | undefined {
  return start >= 0 && end >= start ? round(end - start) : undefined
}

function securityOf(response: Protocol.Network.Response): ResponseData['security'] {
  const details = response.securityDetails
  if (details === undefined) return undefined
  return { protocol: details.protocol, issuer: details.issuer, subject: details.subjectName, valid_to: details.validTo }
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
  const context = isKnown ? requestContext(scope, record) : withoutDocument(scope)
  return {
    type: 'network_loading_failed',
    category: 'network',
    detailLevel: scope.plan.config.network.detail_level,
    source: failure.source,
    data: {
      ...context,
      request_id: record.requestId,
      error_text: failure.errorText,
      canceled: failure.isCanceled,
      resource_type: failure.resourceType ?? (isKnown ? record.resourceType : undefined),
      blocked_reason: failure.blockedReason,
      cors_error: failure.corsError,
      cdp_timestamp: failure.atS,
      // Its start was not seen, and no request told.
      late_attach: context.late_attach === true || (isKnown && record.startedAtS === undefined) ? true : undefined,
    },
  }
}

// A failure of which the start was never seen: its URL would be a guess.
function withoutDocument(scope: SessionScope): BrowserContext {
  return { ...targetContext(scope), late_attach: true }
}

const milliseconds = (seconds: number): number => round(Math.max(0, seconds) * 1000)

// CDP's monotonic clock has microseconds; more digits are noise of the floating point.
const round = (value: number): number => Math.round(value * 1000) / 1000
