// Makes an event's data small enough for a log record: long texts are cut first, then shorter ones and long lists, at last all of it goes.
// Pure. Says whether it cut, so that nobody takes a part for the whole.
import { limits } from '@tabscope/schema'

/** What fits, and whether something is missing. */
export interface Cut {
  readonly body: unknown
  readonly isCut: boolean
}

interface Tier {
  readonly textBytes: number
  readonly items: number
}

const mark = '...[truncated]'

// Each tier is tried on the whole, so that a small body stays whole whatever its headers are.
const tiers: readonly Tier[] = [
  { textBytes: limits.otlpTextBytes, items: Number.POSITIVE_INFINITY },
  { textBytes: 1024, items: 200 },
  { textBytes: 128, items: 50 },
]

/** The data within `limits.otlpRecordBytes`, or no body at all. */
export function cutBody(data: unknown): Cut {
  for (const tier of tiers) {
    const state = { isCut: false, bytes: 0 }
    const body = cutValue(data, tier, state)
    if (state.bytes <= limits.otlpRecordBytes) return { body, isCut: state.isCut }
  }
  return { body: undefined, isCut: true }
}

/** A text within so many bytes of UTF-8, cut between two characters, with the mark at its end. */
export function cutText(text: string, mostBytes: number): string {
  // No text of a third of the limit in UTF-16 units can be over it in bytes.
  if (text.length * 3 <= mostBytes || Buffer.byteLength(text) <= mostBytes) return text
  const bytes = Buffer.from(text.slice(0, mostBytes))
  let end = Math.max(0, mostBytes - mark.length)
  // Not inside a character: its further bytes begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end) + mark
}

interface State {
  isCut: boolean
  /** An estimate of the size in protobuf: the texts, and a little for each value. */
  bytes: number
}

const valueOverheadBytes = 8

function cutValue(value: unknown, tier: Tier, state: State): unknown {
  state.bytes += valueOverheadBytes
  if (typeof value === 'string') {
    const text = cutText(value, tier.textBytes)
    if (text !== value) state.isCut = true
    state.bytes += text.length
    return text
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return first(value, tier, state).map((item) => cutValue(item, tier, state))
  // fromEntries and not assignment: a key may be `__proto__`.
  return Object.fromEntries(
    first(Object.entries(value), tier, state).map(([key, item]) => {
      const name = cutText(key, tier.textBytes)
      if (name !== key) state.isCut = true
      state.bytes += name.length
      return [name, cutValue(item, tier, state)]
    }),
  )
}

function first<Item>(items: readonly Item[], { items: most }: Tier, state: State): readonly Item[] {
  if (items.length <= most) return items
  state.isCut = true
  return items.slice(0, most)
}
