// Writes a string as a JavaScript literal, with the quotes that need the fewest escapes: the way DevTools shows strings inside objects.
// Never throws; control characters and lone surrogates come out as escapes, so the result is one line and well-formed.

const shortEscapes: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}
const escaped = /[\\\p{Control}\p{Surrogate}]/gu
const escapedAndQuote = /['\\\p{Control}\p{Surrogate}]/gu

/**
 * The text in single quotes, or in double quotes or backticks when it has quotes of the kinds before.
 *
 * @example
 * jsLiteral("it's") // "it's" with its double quotes
 */
export function jsLiteral(text: string): string {
  if (!text.includes("'")) return `'${text.replace(escaped, escapeUnit)}'`
  if (!text.includes('"')) return `"${text.replace(escaped, escapeUnit)}"`
  if (!text.includes('`') && !text.includes('${')) return `\`${text.replace(escaped, escapeUnit)}\``
  return `'${text.replace(escapedAndQuote, escapeUnit)}'`
}

function escapeUnit(unit: string): string {
  if (unit === "'") return "\\'"
  const short = shortEscapes[unit]
  if (short !== undefined) return short
  const code = unit.charCodeAt(0).toString(16).toUpperCase()
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`
}
