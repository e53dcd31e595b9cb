// Which response bodies are wanted and how much of them, decided before Chromium is asked. Pure; never looks at a body.
// Follows events.md, network: text types only, never scripts, style sheets, images, fonts and media; a reason where there is none.
import { type BodyAbsentReason, type DetailLevel, detailRank, limits } from '@tabscope/schema'

/** What is known of a response when it ends. Unknown values are left out. */
export interface BodyQuestion {
  readonly mimeType?: string | undefined
  readonly resourceType?: string | undefined
  readonly method?: string | undefined
  readonly status?: number | undefined
  /** True for a hop that ended in a redirect: Chromium keeps no body of it. */
  readonly isRedirect?: boolean
  /** False for a stream that is told at its headers. */
  readonly isComplete?: boolean
  readonly decodedBytes?: number | undefined
}

/** What the configuration says about bodies. */
export interface BodyConfig {
  readonly detailLevel: DetailLevel
  /** `body_limit_bytes`: most bytes kept, whatever the level allows; 0 = no bodies. */
  readonly limitBytes?: number | undefined
}

/** Ask for the body and keep `limitBytes` of it; or why there is none; or nothing, because the level has no bodies. */
export type BodyDecision =
  | { readonly kind: 'wanted'; readonly limitBytes: number }
  | { readonly kind: 'absent'; readonly reason: BodyAbsentReason }
  | { readonly kind: 'not_wanted' }

// Of what it prefetches by speculation rules Chromium has no body for anybody; the navigation that uses it has one.
const excludedTypes: ReadonlySet<string> = new Set(['Script', 'Stylesheet', 'Image', 'Font', 'Media', 'Prefetch'])

/** Decides about one body. */
export function decideBody(question: BodyQuestion, config: BodyConfig): BodyDecision {
  if (detailRank(config.detailLevel) < detailRank('standard')) return { kind: 'not_wanted' }
  const form = bodyForm(question.mimeType)
  const limitBytes = bodyLimit(form, config)
  const reason = reasonAgainst(question, { form, limitBytes })
  return reason === undefined ? { kind: 'wanted', limitBytes } : { kind: 'absent', reason }
}

function reasonAgainst(question: BodyQuestion, wish: { form: BodyForm; limitBytes: number }): BodyAbsentReason | undefined {
  if (question.isRedirect === true) return 'redirect'
  if (hasNoContent(question)) return 'no_content'
  if (wish.form === 'binary') return 'binary'
  if (wish.form === 'unknown' || wish.form === 'script' || wish.limitBytes <= 0 || question.isComplete === false) return 'not_captured'
  if (question.resourceType !== undefined && excludedTypes.has(question.resourceType)) return 'not_captured'
  return question.decodedBytes !== undefined && question.decodedBytes > limits.bodyFetchBytes ? 'too_large' : undefined
}

// By HTTP these have none, and Chromium answers such a question with an error.
function hasNoContent({ method, status, decodedBytes, isComplete }: BodyQuestion): boolean {
  if (method?.toUpperCase() === 'HEAD' || status === 204 || status === 205 || status === 304) return true
  if (status !== undefined && status >= 100 && status < 200) return true
  return decodedBytes === 0 && isComplete !== false
}

type BodyForm = 'structured' | 'text' | 'script' | 'binary' | 'unknown'

function bodyLimit(form: BodyForm, config: BodyConfig): number {
  const ofLevel = detailRank(config.detailLevel) >= detailRank('verbose') ? limits.verboseBodyBytes : ofStandard(form)
  return config.limitBytes === undefined ? ofLevel : Math.min(config.limitBytes, limits.verboseBodyBytes)
}

function ofStandard(form: BodyForm): number {
  return form === 'structured' ? limits.bodyStructuredBytes : limits.bodyTextBytes
}

const structuredTypes: ReadonlySet<string> = new Set([
  'application/json',
  'application/json-seq',
  'application/jsonl',
  'application/ndjson',
  'application/x-ndjson',
  'application/x-jsonlines',
  'application/json-lines',
  'application/xml',
  'application/graphql',
  'application/x-www-form-urlencoded',
  'application/csv',
  'text/json',
  'text/x-json',
  'text/xml',
  'text/csv',
])

const scriptTypes = /^(?:text|application)\/(?:x-)?(?:javascript\d*(?:\.\d+)?|ecmascript|jscript|livescript)$/

// Pages use few types, and each is asked about for every response. A page that makes up more only makes this start anew.
const formOf = new Map<string, BodyForm>()
const rememberedForms = 256

/** What kind of content a MIME type names; letter case and parameters such as `charset` do not matter. */
export function bodyForm(mimeType: string | undefined): BodyForm {
  if (mimeType === undefined) return 'unknown'
  const known = formOf.get(mimeType)
  if (known !== undefined) return known
  if (formOf.size >= rememberedForms) formOf.clear()
  const form = readForm(mimeType)
  formOf.set(mimeType, form)
  return form
}

function readForm(mimeType: string): BodyForm {
  const [essence = ''] = mimeType.split(';', 1)
  const type = essence.trim().toLowerCase()
  if (type === '') return 'unknown'
  if (structuredTypes.has(type) || /\+(?:json|xml|csv)$/.test(type)) return 'structured'
  if (scriptTypes.test(type)) return 'script'
  return type.startsWith('text/') ? 'text' : 'binary'
}
