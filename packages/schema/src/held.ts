// How much of its memory a part of the system has in use, beside the bound that it keeps. For metrics, and for tests that compare the two.

export interface HeldPart {
  /** Such as `open_requests`. */
  readonly part: string
  readonly unit: 'bytes' | 'items'
  readonly value: number
  /** Never exceeded, but by one item where the reason of the limit says so. */
  readonly limit: number
}

/** A list of them from rows of part, value and limit. */
export function heldParts(unit: HeldPart['unit'], rows: readonly (readonly [part: string, value: number, limit: number])[]): HeldPart[] {
  return rows.map(([part, value, limit]) => ({ part, unit, value, limit }))
}
