// Drafts of what happens when a request leaves. Pure: from the record and CDP's message to the event.
// `data` is one literal with every field, undefined where there is nothing: see response-draft.ts.
import { type BrowserContext, type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { boundedStackTrace } from '../console/stack-trace.ts'
import { type SessionScope, sourceOf } from '../session-scope.ts'
import { cutText, cutUrl } from '../text-cut.ts'
import type { RequestRecord } from './network-state.ts'

/** The context of a network event: the request's own frame, loader and URL, and the navigation count at send time. */
export function requestContext(scope: SessionScope, record: RequestRecord): BrowserContext {
  return {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    frame_id: record.frameId,
    loader_id: record.loaderId,
    url: record.url,
    nav_seq: record.navSeq,
  }
}

/** `network_request`: published at once, waiting for nothing. */
export function requestDraft(
  scope: SessionScope,
  record: RequestRecord,
  message: Protocol.Network.RequestWillBeSentEvent,
): EventDraft<'network_request'> {
  const { request, redirectResponse } = message
  const { plan } = scope
  const postData =
    plan.captures('network_request.post_data') && request.postData !== undefined
      ? cutText(request.postData, postDataLimit(scope))
      : undefined
  const stack = plan.captures('network_request.initiator_stack') ? message.initiator?.stack : undefined
  const cut = [...(record.isUrlCut ? ['url'] : []), ...(postData?.isCut === true ? ['post_data'] : [])]
  const isCut = cut.length > 0
  const data: EventDraft<'network_request'>['data'] = {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    frame_id: record.frameId,
    loader_id: record.loaderId,
    url: record.url,
    nav_seq: record.navSeq,
    cdp_timestamp: message.timestamp,
    request_id: record.requestId,
    method: request.method,
    document_url: message.documentURL === '' ? undefined : cutUrl(message.documentURL).text,
    resource_type: message.type,
    initiator_type: message.initiator?.type,
    is_redirect: redirectResponse === undefined ? undefined : true,
    redirect_url: redirectResponse === undefined ? undefined : cutUrl(redirectResponse.url).text,
    redirect_status: redirectResponse?.status,
    headers: plan.captures('network_request.headers') ? request.headers : undefined,
    post_data: postData?.text,
    initiator_stack: stack === undefined ? undefined : boundedStackTrace(stack),
    truncated_fields: isCut ? cut : undefined,
  }
  const draft: EventDraft<'network_request'> = {
    type: 'network_request',
    category: 'network',
    detailLevel: scope.plan.config.network.detail_level,
    source: sourceOf(scope, 'Network.requestWillBeSent'),
    data,
  }
  return isCut ? { ...draft, truncated: true } : draft
}

/** Most bytes of post data in an event at the configured detail level; Chromium is told not to send more. */
export function postDataLimit(scope: SessionScope): number {
  if (!scope.plan.captures('network_request.post_data')) return 0
  return scope.plan.atLeast('network', 'verbose') ? limits.verboseBodyBytes : limits.postDataBytes
}
