// Cuts text to a number of UTF-8 bytes, on a character boundary, and marks the cut. Never throws, also for broken UTF-16.
// A cut text is a fresh string: it does not keep the long original in memory. Follows the cutting rule of events.md.

import { limits } from '@tabscope/schema'

/** How a cut text ends; the mark is within the cap. */
export const cutMark = '...[truncated]'

/** A text within its cap, and whether something of it is missing. */
export interface CutText {
  readonly text: string
  readonly isCut: boolean
}

// A UTF-16 unit is at most 3 bytes of UTF-8 (a surrogate pair is 4 bytes for 2 units).
const mostBytesPerUnit = 3

const encoder = new TextEncoder()

/**
 * `text` with at most `capBytes` bytes of UTF-8. Over it, as many whole characters as fit with `...[truncated]` after them; a cap
 * below the mark's 14 bytes gives the first bytes of the mark. In a cut text lone surrogates become U+FFFD, which is what they cost.
 *
 * @example
 * cutText('0123456789abcdef', 15) // { text: '0...[truncated]', isCut: true }
 */
export function cutText(text: string, capBytes: number): CutText {
  if (text.length * mostBytesPerUnit <= capBytes || Buffer.byteLength(text) <= capBytes) return { text, isCut: false }
  const roomBytes = Math.floor(capBytes) - cutMark.length
  if (!(roomBytes > 0)) return { text: cutMark.slice(0, Math.max(0, Math.floor(capBytes) || 0)), isCut: true }
  return { text: firstBytes(text, roomBytes) + cutMark, isCut: true }
}

/** The longest beginning of `text` that fits into `roomBytes` without a mark, as a fresh string. */
export function firstBytes(text: string, roomBytes: number): string {
  const bytes = Buffer.allocUnsafe(Math.max(0, roomBytes))
  // A unit is at least one byte, so more units than bytes cannot fit; `encodeInto` stops before a character that does not.
  const { written } = encoder.encodeInto(text.slice(0, bytes.length), bytes)
  return bytes.toString('utf8', 0, written)
}

/** A URL within its cap; that of a `data:` URL is small, because the rest of it is a body and not an address. */
export function cutUrl(url: string): CutText {
  return cutText(url, url.startsWith('data:') ? limits.dataUrlBytes : limits.urlBytes)
}
