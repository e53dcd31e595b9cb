// Redacts free text (console calls, titles, log entries, bodies of no known form): URLs in it, names with their values, markup, `Bearer …`,
// and JSON Web Tokens. Every pattern is linear: text comes from pages.
import { redactAssignments } from './assignments.ts'
import { redactMarkup } from './markup.ts'
import { redactedMark, type SecretNames } from './names.ts'
import { type Found, redactUrl } from './url.ts'

const urls = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>`\\]+/gi
const schemes = /\b(bearer|basic|digest|negotiate)([ \t]+)([^\s"',;<>]+)/gi
// Three parts of base64url, the first of which begins `{"`; also when it is cut.
const webTokens = /\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,2}/g

// A name, a sign and a value.
const shortestSecret = 5

/** The text without its secrets; the same string when it has none. */
export function redactText(text: string, names: SecretNames, found: Found): string {
  if (text.length < shortestSecret) return text
  let safe = text
  if (safe.includes('://')) safe = safe.replace(urls, (url) => redactUrl(url, names, found))
  if (/bearer|basic|digest|negotiate/i.test(safe)) safe = redactSchemes(safe, found)
  if (safe.includes('eyJ')) {
    safe = safe.replace(webTokens, () => {
      found('jwt')
      return redactedMark
    })
  }
  return names.occurIn(safe) ? redactMarkup(redactAssignments(safe, names, found), names, found) : safe
}

function redactSchemes(text: string, found: Found): string {
  return text.replace(schemes, (match, name: string, space: string, value: string) => {
    if (value.startsWith(redactedMark) || (name.toLowerCase() !== 'bearer' && isWord(value))) return match
    found(name.toLowerCase())
    return `${name}${space}${redactedMark}`
  })
}

// `a basic example` is prose: what these schemes carry has digits, capitals or signs in it.
function isWord(value: string): boolean {
  return /^[A-Za-z]?[a-z'’-]*[.:!?)]*$/.test(value)
}
