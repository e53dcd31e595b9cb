// Requests, responses, failures, sockets. Follows CDP's Network domain and the published contract.
// Headers and bodies are the page's secrets: each such field says how it is to be redacted.
import { z } from 'zod'
import { contextShape } from '../context.ts'
import { added, defineEvent, published } from '../define-event.ts'
import { stackTraceSchema } from '../stack-trace.ts'
import { socketEvents } from './network-socket.ts'

/** Why a response has no `body`. */
export const bodyAbsentReasons = ['binary', 'too_large', 'evicted', 'no_content', 'redirect', 'timeout', 'not_captured'] as const
export type BodyAbsentReason = (typeof bodyAbsentReasons)[number]

/** A request that settling no longer waits for. */
export const ignoredRequestSchema = z.object({
  url: z.string(),
  resource_type: z.string().optional(),
  age_ms: z.int().nonnegative().describe('Since it was sent'),
})
export type IgnoredRequest = z.infer<typeof ignoredRequestSchema>

const headers = z.record(z.string(), z.unknown()).optional()
const requestId = z.string()
const resourceType = z.string().optional().meta(published('As CDP spells it: Document, XHR, Fetch, Script, Image, …'))
const requestUrl = z.string().meta(published('URL of this hop', { sensitive: 'url' }))
const joinedRequestId = requestId.meta(published('Joins request, response and failure; the hops of a redirect share it'))
const milliseconds = z.number().optional()

const requestEvent = defineEvent('network_request', {
  category: 'network',
  summary: 'A request leaves; again for each redirect hop.',
  contract: 'node',
  context: true,
  data: z.object({
    ...contextShape,
    request_id: joinedRequestId,
    method: z.string().meta(published('HTTP method')),
    url: requestUrl,
    document_url: z
      .string()
      .optional()
      .meta(published('Document that asked', { sensitive: 'url' })),
    resource_type: resourceType,
    initiator_type: z.string().optional().meta(published('script, parser, preload, other, …')),
    is_redirect: z.boolean().optional().meta(published('True when it follows a redirect')),
    redirect_url: z
      .string()
      .optional()
      .meta(published('URL of the hop before', { sensitive: 'url' })),
    redirect_status: z.int().optional().meta(added('Status of the hop before')),
    headers: headers.meta(published('As CDP gives them with the request', { detail: 'standard', sensitive: 'headers' })),
    post_data: z
      .string()
      .optional()
      .meta(published('Request body: at most 8 KiB at `standard`, 900 KB at `verbose`', { detail: 'standard', sensitive: 'form' })),
    initiator_stack: stackTraceSchema.optional().meta(added('Where it was asked for', { detail: 'verbose', sensitive: 'text' })),
  }),
})

const responseEvent = defineEvent('network_response', {
  category: 'network',
  summary: 'A response is complete, body included; once per redirect hop.',
  contract: 'node',
  context: true,
  data: z.object({
    ...contextShape,
    request_id: joinedRequestId,
    method: z.string().optional().meta(published('HTTP method of the request; absent only when its start was not seen (`late_attach`)')),
    url: requestUrl,
    status: z.int().meta(published('HTTP status')),
    status_text: z
      .string()
      .optional()
      .meta(published('HTTP reason phrase', { sensitive: 'text' })),
    mime_type: z.string().optional().meta(published('MIME type without parameters')),
    resource_type: resourceType,
    remote_ip: z.string().optional().meta(added('Address of the server')),
    remote_port: z.int().optional().meta(added('Port of the server')),
    protocol: z.string().optional().meta(added('Such as `h2`')),
    from_cache: z.enum(['disk', 'memory', 'prefetch']).optional().meta(added('Which cache answered')),
    from_service_worker: z.boolean().optional().meta(added('True when a service worker answered')),
    encoded_bytes: z.int().nonnegative().optional().meta(added('Bytes on the wire')),
    decoded_bytes: z.int().nonnegative().optional().meta(added('Bytes of the body after decompression')),
    duration_ms: z.number().nonnegative().optional().meta(added('From request to the end of the body')),
    body_complete: z.boolean().optional().meta(added('False when the event was sent at the headers because the body may never end')),
    headers: headers.meta(published('Response headers, as on the wire where known', { detail: 'standard', sensitive: 'headers' })),
    request_headers: headers.meta(added('Request headers as on the wire, with cookie names', { detail: 'standard', sensitive: 'headers' })),
    body: z
      .string()
      .optional()
      .meta(published('Text types only: 8 KiB structured, 4 KiB other; 900 KB at `verbose`', { detail: 'standard', sensitive: 'body' })),
    body_absent_reason: z
      .enum(bodyAbsentReasons)
      .optional()
      .meta(added('Why there is no body', { detail: 'standard' })),
    timing: z
      .object({
        dns_ms: milliseconds,
        connect_ms: milliseconds,
        tls_ms: milliseconds,
        send_ms: milliseconds,
        wait_ms: milliseconds,
        receive_ms: milliseconds,
      })
      .optional()
      .meta(added('Where the time went', { detail: 'standard' })),
    security: z
      .object({
        protocol: z.string().optional(),
        issuer: z.string().optional(),
        subject: z.string().optional(),
        valid_to: z.number().optional().describe('Unix seconds'),
      })
      .optional()
      .meta(added('TLS connection and certificate', { detail: 'verbose' })),
  }),
})

const failedEvent = defineEvent('network_loading_failed', {
  category: 'network',
  summary: 'A request ended without a complete response.',
  contract: 'node',
  context: true,
  data: z.object({
    ...contextShape,
    request_id: joinedRequestId,
    error_text: z.string().meta(published('Such as `net::ERR_FAILED`; ours are `target_closed` and `collector_timeout`')),
    canceled: z.boolean().meta(published('True when the page or the user stopped it')),
    resource_type: resourceType,
    blocked_reason: z.string().optional().meta(added('Why it was blocked, as CDP spells it')),
    cors_error: z.string().optional().meta(added('Which CORS rule it broke, as CDP spells it')),
  }),
})

const idleEvent = defineEvent('network_idle', {
  category: 'network',
  summary: 'Nothing in flight for 500 ms: first after each navigation, and again after each later burst.',
  contract: 'node',
  context: true,
  data: z.object({
    ...contextShape,
    idle_seq: z.int().positive().optional().meta(added('Which idle of this navigation; first = 1')),
    ignored_requests: z
      .array(ignoredRequestSchema)
      .optional()
      .meta(added('Requests that were too old to wait for', { sensitive: 'text' })),
  }),
})

/** Why an egress proxy refused, by its own header. */
export const proxyErrorCodes = [
  'destination_blocked',
  'destination_route_unavailable',
  'network_policy_denied',
  'provider_blacklisted',
  'provider_unreachable',
  'provider_rejected',
  'origin_tls_timeout',
  'origin_response_incomplete',
  'proxy_unavailable',
  'restricted_route_unavailable',
  'upstream_timeout',
  'upstream_dns_failure',
  'upstream_connect_failed',
  'unknown',
] as const

const proxyErrorEvent = defineEvent('proxy_error', {
  category: 'network',
  summary: 'The egress proxy answered with its own error page instead of the site.',
  contract: 'python',
  context: true,
  data: z.object({
    ...contextShape,
    request_id: requestId.meta(published('Request that got it')),
    code: z.enum(proxyErrorCodes).meta(published('What went wrong')),
    status: z.int().meta(published('HTTP status')),
    raw_code: z
      .string()
      .max(64)
      .regex(/^[a-z0-9_]*$/)
      .optional()
      .meta(published('Only with `unknown`: the header value, cleaned')),
    method: z.string().optional().meta(published('HTTP method')),
    resource_type: resourceType,
  }),
})

export const networkEvents = {
  network_request: requestEvent,
  network_response: responseEvent,
  network_loading_failed: failedEvent,
  network_idle: idleEvent,
  proxy_error: proxyErrorEvent,
  ...socketEvents,
} as const
