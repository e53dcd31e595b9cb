// Redacts what is written as a name and its value: `password=hunter2`, `"token": "x"`, `{apiKey: 'x'}`, `'secret' => 'x'`, JSON inside JSON.
// First a name and a sign are found, then the value is taken only if the name is secret: so what is inside a value is looked at, too.
// Text may be cut anywhere; a value that runs to the end is a value. Linear in the length of the text.
import { redactedMark, type SecretNames } from './names.ts'
import type { Found } from './url.ts'

// Inside JSON inside JSON a quote has 1, 3, 7 … backslashes before it. Bounds on all repeats keep every start position cheap.
const assigned = /(\\{0,15}["']?)([A-Za-z_$][A-Za-z0-9_.$-]{0,127}[ \t]{0,2})\1([ \t\r\n]{0,8}(?:=>|=(?!=)|:(?!\/\/))[ \t\r\n]{0,8})/g

/** The text with the values of secret names replaced; the same string when there are none. */
export function redactAssignments(text: string, names: SecretNames, found: Found): string {
  if (!text.includes('=') && !text.includes(':')) return text
  let safe = ''
  let done = 0
  assigned.lastIndex = 0
  for (let match = assigned.exec(text); match !== null; match = assigned.exec(text)) {
    const [, , name = '', sign = ''] = match
    // In prose and in JSON `code: 404` and `state: ready` are no secrets; as parameters (`code=…`) they are.
    const isSecret = sign.trim() === '=' ? names.isParameter(name) : names.isBodyKey(name)
    if (!isSecret) continue
    const start = assigned.lastIndex
    const end = valueEnd(text, start)
    const value = text.slice(start, end)
    if (isPlain(value)) continue
    found(name.trim())
    const credentials = schemeWord.test(value) ? endOf(credential, text, end) : end
    safe += text.slice(done, start) + (credentials === end ? markLike(value) : `${value} ${redactedMark}`)
    done = credentials
    assigned.lastIndex = credentials
  }
  return done === 0 ? text : safe + text.slice(done)
}

// `Authorization: Basic …`: the scheme stays, what follows it goes.
const schemeWord = /^(?:bearer|basic|digest|negotiate)$/i
const credential = /[ \t]{1,8}[^\s"',;<>\\]+/y

function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : start
}

const plainValue = /^(?:null|undefined|true|false|none)?$/i

// Nothing that could be a secret, or replaced already.
function isPlain(value: string): boolean {
  return plainValue.test(value) || value.startsWith(redactedMark) || value.slice(1).startsWith(redactedMark)
}

// In the quotes that the value had; a list or an object as a whole becomes one text.
function markLike(value: string): string {
  const quote = /^(\\{0,15})["'`]/.exec(value)?.[0]
  if (quote !== undefined) return `${quote}${redactedMark}${quote}`
  return value.startsWith('{') || value.startsWith('[') ? `"${redactedMark}"` : redactedMark
}

const quotes = /\\{0,15}["'`]/y
const bare = /[^\s"'`&;,{}()[\]<>\\]+/y

function valueEnd(text: string, start: number): number {
  quotes.lastIndex = start
  const quote = quotes.exec(text)?.[0]
  if (quote !== undefined) return quotedEnd(text, start + quote.length, quote)
  const first = text[start]
  if (first === '{' || first === '[') return bracketEnd(text, start)
  return endOf(bare, text, start)
}

// The next quote of the same kind that is neither inside the value nor of a text around it. In JSON inside JSON a quote that ends has as
// many backslashes before it as the one that began, q; each backslash that belongs to the value adds 2(q + 1).
function quotedEnd(text: string, start: number, quote: string): number {
  const mark = quote.slice(-1)
  const own = quote.length - 1
  for (let at = text.indexOf(mark, start); at !== -1; at = text.indexOf(mark, at + 1)) {
    let backslashes = 0
    while (at - 1 - backslashes >= start && text[at - 1 - backslashes] === '\\') backslashes++
    // Fewer: the text around it ends here, because this one was cut.
    if (backslashes < own || (backslashes - own) % (2 * quote.length) === 0) return at + 1
  }
  return text.length
}

function bracketEnd(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = quotedEnd(text, at + 1, '"') - 1
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return text.length
}
