// Points in time as requests give them: RFC 3339, or how long ago. Never reads a clock: `nowUs` is handed in.
import { invalidRequest } from './issue.ts'

const unitUs: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }
const durationForm = /^(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h|d))+$/
const durationPart = /([0-9.]+)(ms|s|m|h|d)/g
// A `+` of an offset arrives as a space when it was not percent-encoded.
const rfc3339Form =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:[Zz]|([-+ ])([0-9]{2}):([0-9]{2}))$/

/** A duration such as `5m`, `90s` or `1h30m` in microseconds, or undefined. */
export function parseDurationUs(text: string): number | undefined {
  if (text.length > 64 || !durationForm.test(text)) return undefined
  let totalUs = 0
  for (const [, amount, unit] of text.matchAll(durationPart)) totalUs += Number(amount) * (unitUs[unit ?? ''] ?? Number.NaN)
  return Math.round(totalUs)
}

/** An RFC 3339 time in Unix microseconds, or undefined; digits below a microsecond are dropped. */
export function parseRfc3339Us(text: string): number | undefined {
  const parts = rfc3339Form.exec(text)
  if (parts === null) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, number, number, number, number]
  const offsetMinutes = Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0)
  if (hour > 23 || minute > 59 || second > 59 || Number(parts[9] ?? 0) > 23 || Number(parts[10] ?? 0) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  // A day that the month does not have rolls over into the next one.
  if (date.getUTCMonth() !== month - 1) return undefined
  const seconds = date.getTime() / 1000 + (hour * 60 + minute - (parts[8] === '-' ? -offsetMinutes : offsetMinutes)) * 60 + second
  return seconds * 1e6 + Number((parts[7] ?? '').padEnd(6, '0').slice(0, 6))
}

/** Unix microseconds of a time given as RFC 3339 or as how long before `nowUs`. Throws `invalid_request` naming `path`. */
export function parseTimeUs(text: string, nowUs: number, path: string): number {
  const durationUs = parseDurationUs(text)
  if (durationUs !== undefined) return nowUs - durationUs
  const timeUs = parseRfc3339Us(text)
  if (timeUs !== undefined) return timeUs
  throw invalidRequest(path, `${JSON.stringify(text.slice(0, 64))} is not a time. Give RFC 3339 (2026-01-31T12:00:00Z) or a duration (5m)`)
}

/** A span of time: from `sinceUs`, included, to `untilUs`, not included. */
export interface TimeWindow {
  readonly sinceUs?: number
  readonly untilUs?: number
}

/** The window that `since` and `until` of a query ask for. Blank means not given. */
export function parseTimeWindow(
  query: { readonly since?: string | undefined; readonly until?: string | undefined },
  nowUs: number,
): TimeWindow {
  const since = query.since?.trim() ?? ''
  const until = query.until?.trim() ?? ''
  return {
    ...(since !== '' && { sinceUs: parseTimeUs(since, nowUs, 'query.since') }),
    ...(until !== '' && { untilUs: parseTimeUs(until, nowUs, 'query.until') }),
  }
}
