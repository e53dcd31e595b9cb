// Drafts of what happens when a request leaves. Pure: from the record and CDP's message to the event.

import type { BrowserContext, EventDraft } from '@tabscope/schema'
import { limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { boundedStackTrace } from '../console/stack-trace.ts'
import { type SessionScope, sourceOf, targetContext } from '../session-scope.ts'
import { cutText } from '../text-cut.ts'
import type { RequestRecord } from './network-state.ts'

/** The context of a network event: the request's own frame, loader and URL, and the navigation count at send time. */
export function requestContext(scope: SessionScope, record: RequestRecord): BrowserContext {
  const context = targetContext(scope)
  if (record.frameId !== undefined) context.frame_id = record.frameId
  if (record.loaderId !== undefined) context.loader_id = record.loaderId
  if (record.navSeq === undefined) delete context.nav_seq
  else context.nav_seq = record.navSeq
  context.url = record.url
  return context
}

/** The hop that led here, when Chromium says that this request follows a redirect. */
export interface RedirectedFrom {
  readonly url: string
  readonly status: number
}

/** `network_request`: published at once, waiting for nothing. */
export function requestDraft(
  scope: SessionScope,
  record: RequestRecord,
  message: Protocol.Network.RequestWillBeSentEvent,
): EventDraft<'network_request'> {
  const { request } = message
  const data: EventDraft<'network_request'>['data'] = {
    ...requestContext(scope, record),
    request_id: record.requestId,
    method: request.method,
    url: record.url,
    cdp_timestamp: message.timestamp,
  }
  if (message.documentURL !== '') data.document_url = message.documentURL
  if (message.type !== undefined) data.resource_type = message.type
  if (message.initiator?.type !== undefined) data.initiator_type = message.initiator.type
  const redirectedFrom = message.redirectResponse
  if (redirectedFrom !== undefined) {
    data.is_redirect = true
    data.redirect_url = redirectedFrom.url
    data.redirect_status = redirectedFrom.status
  }
  const cut = addDetail(scope, data, message)
  const draft: EventDraft<'network_request'> = {
    type: 'network_request',
    category: 'network',
    detailLevel: scope.plan.config.network.detail_level,
    source: sourceOf(scope, 'Network.requestWillBeSent'),
    data,
  }
  return cut ? { ...draft, truncated: true } : draft
}

// Adds what the detail level allows, and tells whether something had to be cut.
function addDetail(
  scope: SessionScope,
  data: EventDraft<'network_request'>['data'],
  message: Protocol.Network.RequestWillBeSentEvent,
): boolean {
  if (!scope.plan.atLeast('network', 'standard')) return false
  data.headers = message.request.headers
  let isCut = false
  if (message.request.postData !== undefined) {
    const postData = cutText(message.request.postData, postDataLimit(scope))
    data.post_data = postData.text
    isCut = postData.isCut
  }
  if (isCut) data.truncated_fields = ['post_data']
  if (scope.plan.atLeast('network', 'verbose') && message.initiator?.stack !== undefined) {
    data.initiator_stack = boundedStackTrace(message.initiator.stack)
  }
  return isCut
}

/** Most bytes of post data in an event at the configured detail level. */
export function postDataLimit(scope: SessionScope): number {
  return scope.plan.atLeast('network', 'verbose') ? limits.verboseBodyBytes : limits.postDataBytes
}
