// JSON values made to fit a number of bytes. Text is cut between characters and ends in a marker; of lists the first items
// that fit whole are kept, of objects the first entries. Sizes are those of the JSON text, escapes included.

/** What cut text ends in. */
export const cutMarker = '...[truncated]'

/** The bytes that a value takes as JSON. */
export function jsonBytes(value: unknown): number {
  const text: string | undefined = JSON.stringify(value)
  return text === undefined ? 0 : Buffer.byteLength(text)
}

// The bytes of the character at `index` as JSON.stringify and UTF-8 write it; a lone surrogate is written as an escape.
function characterBytes(text: string, index: number): number {
  const code = text.codePointAt(index) ?? 0
  if (code < 0x20) return code === 8 || code === 9 || code === 10 || code === 12 || code === 13 ? 2 : 6
  if (code < 0x80) return code === 0x22 || code === 0x5c ? 2 : 1
  if (code < 0x800) return 2
  if (code >= 0xd800 && code <= 0xdfff) return 6
  return code < 0x10000 ? 3 : 4
}

/** The text if its JSON fits `maxBytes`, else its longest beginning that fits with the marker; empty when not even that fits. */
export function shortenText(text: string, maxBytes: number): string {
  if (text.length * 6 + 2 <= maxBytes || jsonBytes(text) <= maxBytes) return text
  let left = maxBytes - 2 - cutMarker.length
  if (left < 0) return ''
  let end = 0
  for (;;) {
    const bytes = characterBytes(text, end)
    left -= bytes
    if (left < 0) return text.slice(0, end) + cutMarker
    // Four bytes of UTF-8 are two units of UTF-16.
    end += bytes === 4 ? 2 : 1
  }
}

function shortenList(list: readonly unknown[], maxBytes: number): unknown[] {
  const kept: unknown[] = []
  let left = maxBytes - 2
  for (const item of list) {
    const bytes = jsonBytes(item) + 1
    if (bytes > left) {
      // A text may be cut; half an object would lack fields that its readers count on.
      if (typeof item === 'string' && left > cutMarker.length + 3) kept.push(shortenText(item, left - 1))
      break
    }
    kept.push(item)
    left -= bytes
  }
  return kept
}

function shortenEntry(value: unknown, maxBytes: number): unknown {
  if (jsonBytes(value) <= maxBytes) return value
  if (typeof value === 'string') return maxBytes > cutMarker.length + 2 ? shortenText(value, maxBytes) : undefined
  return Array.isArray(value) && maxBytes >= 2 ? shortenList(value, maxBytes) : undefined
}

function shortenObject(object: object, maxBytes: number): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  let left = maxBytes - 2
  for (const [key, value] of Object.entries(object)) {
    const keyBytes = jsonBytes(key) + 2
    const entry = shortenEntry(value, left - keyBytes)
    if (entry === undefined) continue
    // `__proto__` is an ordinary key of a JSON object; assigning it would not make one.
    Object.defineProperty(kept, key, { value: entry, enumerable: true, configurable: true, writable: true })
    left -= keyBytes + jsonBytes(entry)
  }
  return kept
}

/** The value, or as much of its beginning as fits `maxBytes`; undefined when nothing of it is worth keeping. */
export function shorten(value: unknown, maxBytes: number): unknown {
  if (jsonBytes(value) <= maxBytes) return value
  if (maxBytes < cutMarker.length + 2) return undefined
  if (typeof value === 'string') return shortenText(value, maxBytes)
  if (Array.isArray(value)) return shortenList(value, maxBytes)
  return typeof value === 'object' && value !== null ? shortenObject(value, maxBytes) : undefined
}
