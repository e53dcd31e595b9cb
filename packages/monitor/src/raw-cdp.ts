// `data.cdp` at detail level `raw`: the parameters of the CDP message as they came, within bounds and without what redaction cannot look
// into (the same bytes once more as base64, or headers as one text). The redactor treats the rest by its rules.
// Not for interactions: their parameters are our own page script's, not Chromium's.
import type { CdpMessage } from '@tabscope/cdp'
import { type EventDraft, limits } from '@tabscope/schema'
import type { CapturedField, CapturePlan } from './capture.ts'
import { cutText } from './text-cut.ts'
import type { Step } from './translator.ts'

const leftOut: ReadonlySet<string> = new Set(['postDataEntries', 'headersText', 'requestHeadersText'])
const textOpcode = 1

/** The step with `data.cdp` in each draft that this message itself caused, where the plan wants it. */
export function withCdp(plan: CapturePlan, step: Step | undefined, message: Pick<CdpMessage, 'method' | 'params'>): Step | undefined {
  if (step?.drafts === undefined || step.drafts.length === 0) return step
  return { ...step, drafts: step.drafts.map((draft) => addCdp(plan, draft, message)) }
}

/** The draft with `data.cdp`, if it comes from this message and the plan wants it. */
export function addCdp<Draft extends EventDraft>(
  plan: CapturePlan,
  draft: Draft,
  { method, params }: Pick<CdpMessage, 'method' | 'params'>,
): Draft {
  const isWanted = plan.capturesCdp && draft.source.event === method && draft.category !== 'interaction'
  if (!isWanted || !plan.captures(`${draft.type}.cdp` as CapturedField)) return draft
  const { value, isCut } = boundedCdp(params)
  const data = draft.data as { readonly cdp?: unknown; readonly truncated_fields?: readonly string[] }
  if (data.cdp !== undefined) return draft
  if (!isCut) return { ...draft, data: { ...data, cdp: value } }
  return { ...draft, data: { ...data, cdp: value, truncated_fields: [...(data.truncated_fields ?? []), 'cdp'] }, truncated: true }
}

interface Budget {
  bytes: number
  isCut: boolean
}

/** A copy within `limits.rawCdpBytes` and `limits.rawCdpDepth`. Never throws. */
export function boundedCdp(params: unknown): { readonly value: unknown; readonly isCut: boolean } {
  const budget: Budget = { bytes: limits.rawCdpBytes, isCut: false }
  return { value: copy(params, budget, limits.rawCdpDepth), isCut: budget.isCut }
}

// What one value costs beside its text: quotes, a comma.
const frameBytes = 4

function copy(value: unknown, budget: Budget, levels: number): unknown {
  budget.bytes -= frameBytes
  if (typeof value === 'string') return copyText(value, budget)
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) {
    budget.isCut = true
    return undefined
  }
  return Array.isArray(value) ? copyList(value, budget, levels - 1) : copyObject(value as Record<string, unknown>, budget, levels - 1)
}

function copyText(text: string, budget: Budget): string {
  const cut = cutText(text, Math.max(0, budget.bytes))
  budget.bytes -= Buffer.byteLength(cut.text)
  budget.isCut ||= cut.isCut
  return cut.text
}

function copyList(list: readonly unknown[], budget: Budget, levels: number): unknown[] {
  const copied: unknown[] = []
  for (const item of list) {
    if (isSpent(budget)) break
    copied.push(copy(item, budget, levels))
  }
  return copied
}

function copyObject(object: Record<string, unknown>, budget: Budget, levels: number): Record<string, unknown> {
  const copied: Record<string, unknown> = {}
  for (const key of Object.keys(object)) {
    // A binary payload is base64.
    if (leftOut.has(key) || (key === 'payloadData' && object['opcode'] !== textOpcode)) continue
    if (isSpent(budget)) break
    const name = copyText(key, budget)
    // `__proto__` is an ordinary key of a JSON object; assigning it would not make one.
    Object.defineProperty(copied, name, { value: copy(object[key], budget, levels), enumerable: true, configurable: true, writable: true })
  }
  return copied
}

function isSpent(budget: Budget): boolean {
  if (budget.bytes > 0) return false
  budget.isCut = true
  return true
}
