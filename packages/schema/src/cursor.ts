// Where a reader starts. The one number notion is `seq`: SSE id, Last-Event-ID, file index and sink position alike.

/** A starting place in the order of events. `after` 41 means that 42 comes first. */
export type Cursor = { readonly at: 'now' } | { readonly at: 'oldest' } | { readonly at: 'after'; readonly seq: number }

/** Why records between a cursor and the next record are not there. */
export type GapReason = 'evicted' | 'slow' | 'restart' | 'ahead'

/** Records from `from` to `to`, both included, that a reader will not get. With `ahead`, `to` is absent: nothing was there yet. */
export interface Gap {
  readonly from: number
  readonly to?: number
  readonly reason: GapReason
}

/**
 * The cursor that a `Last-Event-ID` asks for. Only a positive decimal integer below 2^53 is one; nothing, zero, negative
 * numbers and words mean "from now", never an error (the published contract).
 */
export function parseLastEventId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,16}$/.test(text)) return undefined
  const seq = Number(text)
  return Number.isSafeInteger(seq) && seq >= 1 ? seq : undefined
}
