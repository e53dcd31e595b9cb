// Finds the value of the key `method` at the top level of a JSON object without parsing the rest: most messages of a client are long and of
// no interest, and their method is near the beginning. What is nested, such as a `method` inside `params`, is stepped over. It never throws.

const quote = 0x22
const backslash = 0x5c
const [openBrace, closeBrace, openBracket, closeBracket, colon] = [0x7b, 0x7d, 0x5b, 0x5d, 0x3a]

/** The method, or undefined when these bytes are no JSON object with one, or end before it. */
export function topLevelMethod(bytes: Buffer): string | undefined {
  let depth = 0
  let at = 0
  let key: string | undefined
  let isKey = true
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte === quote) {
      const end = endOfString(bytes, at)
      if (end === undefined) return undefined
      if (depth === 1) {
        if (isKey) key = textOf(bytes, at, end)
        else if (key === 'method') return textOf(bytes, at, end)
      }
      at = end
    } else if (byte === openBrace || byte === openBracket) {
      if (depth === 0 && byte === openBracket) return undefined
      depth += 1
    } else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1
      if (depth === 0) return undefined
    } else if (depth === 1) {
      if (byte === colon) isKey = false
      else if (byte === 0x2c) isKey = true
    }
    at += 1
  }
  return undefined
}

/** Position of the quote that ends the string which begins at `from`; undefined when it is not there. */
function endOfString(bytes: Buffer, from: number): number | undefined {
  let at = bytes.indexOf(quote, from + 1)
  while (at >= 0) {
    let before = at
    while (bytes[before - 1] === backslash) before -= 1
    // An even number of backslashes escape each other.
    if ((at - before) % 2 === 0) return at
    at = bytes.indexOf(quote, at + 1)
  }
  return undefined
}

/** The string between these quotes, its escapes resolved: a method may be written with them. */
function textOf(bytes: Buffer, from: number, to: number): string | undefined {
  // Keys and methods are short; what is longer is neither.
  if (to - from > 200) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', from, to + 1))
    return typeof value === 'string' ? value : undefined
  } catch {
    // Not a JSON string, so not a method.
    return undefined
  }
}
