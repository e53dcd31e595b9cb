// Post data that CDP left out of the request (larger than what it was told to send, or a file, a Blob, a form with one), asked for at detail
// level `verbose`. The request's event waits for the answer, and its response with it; a failure does not wait. Order is kept.
// Nothing is asked for before its size is known, from the headers on the wire: Chromium would answer with hundreds of megabytes.
// https://chromedevtools.github.io/devtools-protocol/tot/Network/#method-getRequestPostData
import { detailRank, type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import type { SessionScope } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import { cutText } from '../text-cut.ts'
import { type Answer, joinSteps, type Question, type Step } from '../translator.ts'
import { wireHop } from './extra-info.ts'
import { type HeldRequest, type RequestRecord, weighAgain } from './network-state.ts'
import { headerOf } from './record.ts'
import { weighRecord } from './weight.ts'

// Ends of responses that came before the answer about their requests.
const endings = new WeakMap<HeldRequest, () => Step | undefined>()

/** Whether the request still waits for an answer; then `end` is run after it. */
export function endsLater(record: RequestRecord, end: () => Step | undefined): boolean {
  if (record.held?.isAsked !== true) return false
  endings.set(record.held, end)
  return true
}

/** Whether this request has post data that CDP did not send and the plan wants. */
export function isPostDataMissing(scope: SessionScope, { request }: Protocol.Network.RequestWillBeSentEvent): boolean {
  if (request.hasPostData !== true || request.postData !== undefined) return false
  return scope.plan.captures('network_request.post_data') && detailRank(scope.plan.config.network.detail_level) >= detailRank('verbose')
}

/** Holds the draft back and asks as soon as the size is known. */
export function holdRequest(
  scope: SessionScope,
  record: RequestRecord,
  draft: EventDraft<'network_request'>,
  stamp: Stamp,
): Step | undefined {
  record.held = { draft, stamp, isAsked: false }
  weighAgain(scope.network.shared, record)
  return askPostData(scope, record)
}

/** Asks for the post data of a request that waits for it, when the headers on the wire have come by now. */
export function askPostData(scope: SessionScope, record: RequestRecord): Step | undefined {
  const { held } = record
  const headers = wireHop(scope.network.shared.extra.get(record.requestId)).request
  if (held === undefined || held.isAsked || headers === undefined) return undefined
  held.isAsked = true
  const bytes = Number(headerOf(headers, 'content-length') ?? Number.NaN)
  if (!(bytes <= limits.postDataFetchBytes)) return { drafts: releaseHeld(record, { isTooLarge: true }) }
  return { questions: [postDataQuestion(scope, record, bytes)] }
}

function postDataQuestion(scope: SessionScope, record: RequestRecord, bytes: number): Question {
  const asked = scope.network
  return {
    method: 'Network.getRequestPostData',
    params: { requestId: record.requestId } satisfies Protocol.Network.GetRequestPostDataRequest,
    timeoutMs: limits.bodyFetchMs,
    expectedBytes: bytes,
    keptBytes: weighRecord(record),
    // A late answer to a selection that is gone would be an event that nobody asked for.
    answered: (answer) => {
      const afterwards = record.held === undefined ? undefined : endings.get(record.held)
      if (scope.network !== asked) return undefined
      return joinSteps({ drafts: releaseHeld(record, { text: textOf(answer) }) }, afterwards?.())
    },
  }
}

// Binary data comes as base64 and is not captured.
function textOf(answer: Answer): string | undefined {
  if (!answer.ok) return undefined
  const { postData, base64Encoded } = answer.result as Protocol.Network.GetRequestPostDataResponse
  return base64Encoded ? undefined : postData
}

/** The event that waited, to be told now; nothing when none does (any more). */
export function releaseHeld(record: RequestRecord, found: { text?: string | undefined; isTooLarge?: boolean } = {}): EventDraft[] {
  const { held } = record
  if (held === undefined) return []
  record.held = undefined
  const cut = found.text === undefined ? undefined : cutText(found.text, limits.verboseBodyBytes)
  const isCut = cut?.isCut === true || found.isTooLarge === true
  const { data } = held.draft
  const whole = { ...data, observed_ts: held.stamp.atUs, post_data: cut?.text }
  if (!isCut) return [{ ...held.draft, data: whole }]
  return [{ ...held.draft, data: { ...whole, truncated_fields: [...(data.truncated_fields ?? []), 'post_data'] }, truncated: true }]
}
