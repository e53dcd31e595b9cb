// Whether a response's body is asked for, how, and what the answer says. Never asks for more than it would keep.
import { limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { type BodyDecision, decideBody } from '../body-rule.ts'
import type { SessionScope } from '../session-scope.ts'
import { cutText } from '../text-cut.ts'
import type { Answer, Question, Step } from '../translator.ts'
import { wireHop } from './extra-info.ts'
import { type Answered, announcedLength } from './record.ts'
import type { BodyOutcome } from './response-draft.ts'
import { weighRecord } from './weight.ts'

/** Whether the body is asked for and how much of it is kept, or what is certain before asking. */
export function decideOnBody(scope: SessionScope, record: Answered): BodyDecision {
  const { network } = scope.plan.config
  const { response } = record
  // Chromium tells no data for what it takes out of its memory, nor on the first session of a request that moves.
  const isUntold = record.isMoved || record.servedFromMemoryCache || response.fromServiceWorker === true || isUnkept(scope, record)
  const isCounted = record.decodedBytes > 0 || !isUntold
  return decideBody(
    {
      mimeType: response.mimeType,
      resourceType: record.resourceType,
      method: record.method,
      status: response.status,
      decodedBytes: isCounted ? record.decodedBytes : undefined,
    },
    { detailLevel: network.detail_level, limitBytes: network.body_limit_bytes },
  )
}

// Of a preflight, of a prefetch, and of what a service worker hands to its page unread Chromium tells no data, and its answer is empty
// (measured on 156). Without an announced length only the service worker's is known to be one of these.
function isUnkept(scope: SessionScope, record: Answered): boolean {
  if (record.decodedBytes > 0) return false
  if (record.resourceType === 'Prefetch') return true
  // Of another origin's response a page may not know the length; what came over the wire says it.
  const onWire = wireHop(scope.network.shared.extra.get(record.requestId)).response
  const announced = announcedLength(onWire ?? record.response.headers)
  return announced === undefined ? scope.targetType === 'service_worker' : announced > 0
}

/** `Network.getResponseBody` on the session that owns the request now; at most `limitBytes` of the answer are kept. */
export function bodyQuestion(
  scope: SessionScope,
  record: Answered,
  wish: { readonly limitBytes: number; readonly finish: (body: BodyOutcome) => Step | undefined },
): Question {
  const ofEmpty = isUnkept(scope, record) ? 'not_captured' : 'no_content'
  return {
    method: 'Network.getResponseBody',
    params: { requestId: record.requestId },
    timeoutMs: limits.bodyFetchMs,
    expectedBytes: record.decodedBytes,
    keptBytes: weighRecord(record),
    answered: (answer) => wish.finish(outcomeOf(answer, wish.limitBytes, ofEmpty)),
  }
}

function outcomeOf(answer: Answer, capBytes: number, ofEmpty: 'not_captured' | 'no_content'): BodyOutcome {
  if (!answer.ok) {
    if (answer.code === 'timeout') return { kind: 'absent', reason: 'timeout' }
    if (answer.code === 'refused') return { kind: 'absent', reason: 'not_captured' }
    // Chromium dropped it (a navigation, memory pressure), or its session is gone.
    return { kind: 'absent', reason: 'evicted' }
  }
  const { body, base64Encoded } = answer.result as Protocol.Network.GetResponseBodyResponse
  if (body === '') return { kind: 'absent', reason: ofEmpty }
  const cut = cutText(base64Encoded ? decodeText(body, capBytes) : body, capBytes)
  return { kind: 'text', text: cut.text, isCut: cut.isCut }
}

// Text that Chromium could not decode by itself. A little more than the cap is decoded, so that the cut is still seen.
function decodeText(base64: string, capBytes: number): string {
  const neededChars = Math.ceil((capBytes + 4) / 3) * 4
  return Buffer.from(base64.slice(0, neededChars), 'base64').toString('utf8')
}
