// Makes text from a browser safe to print: it is written by strangers, and a terminal obeys control characters.
// Nothing is lost: what is not printed as it is, is shown as an escape.

// Controls (also the one-character escape sequences of C1), characters that turn the reading direction, line and paragraph
// separators, halves of characters, and the byte order mark.
const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}\ufeff]/gu

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text on one line, with everything that a terminal would act on written as `\n`, `\x1b` or `\u202e`. */
export function safeText(text: string): string {
  return text.replace(unsafe, (character) => shortEscapes[character] ?? escapeOf(character))
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0)
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** A value as JSON on one line that is safe to print and still the same JSON. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** At most so many characters; what is cut is told by an ellipsis. Never cuts a character in two. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text
  const cut = text.slice(0, Math.max(0, most - 1))
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`
}
