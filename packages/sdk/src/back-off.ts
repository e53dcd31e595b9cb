// When a failed request is worth another attempt, and how long to wait before it; the rules of the published clients. Pure.
import { limits } from '@tabscope/schema/limits'

/** Whether an answer asks for another attempt: by its header, else by its status. */
export function isWorthRepeating(status: number, headers: Headers): boolean {
  const said = headers.get('x-should-retry')
  if (said === 'true') return true
  if (said === 'false') return false
  return status === 408 || status === 409 || status === 429 || status >= 500
}

export interface Wait {
  /** How many attempts have failed: 1 or more. */
  readonly failures: number
  /** Of the failed answer, if there was one. */
  readonly headers: Headers | undefined
  /** From 0 up to 1. */
  readonly random: number
  readonly nowMs: number
}

/** Milliseconds to wait: what the server asks for, when that is not too long, else doubling with jitter. */
export function waitBeforeRepeat({ failures, headers, random, nowMs }: Wait): number {
  const asked = headers === undefined ? undefined : askedFor(headers, nowMs)
  if (asked !== undefined && asked > 0 && asked <= limits.clientRetryAfterMostMs) return asked
  const fullMs = Math.min(limits.clientRetryMostMs, limits.clientRetryFirstMs * 2 ** Math.min(failures - 1, 16))
  return Math.round(fullMs * (1 - 0.25 * random))
}

function askedFor(headers: Headers, nowMs: number): number | undefined {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (Number.isFinite(milliseconds)) return milliseconds
  const text = headers.get('retry-after')
  if (text === null) return undefined
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return seconds * 1000
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : atMs - nowMs
}
