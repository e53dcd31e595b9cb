// Redacts free text (console calls, titles, log entries): URLs in it, `name=value` and `name: value` of secret names, `Bearer …`,
// and JSON Web Tokens. Every pattern is linear: text comes from pages.
import { redactedMark, type SecretNames } from './names.ts'
import { type Found, redactUrl } from './url.ts'

const urls = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>`]+/gi
const schemes = /\b(bearer|basic|digest|negotiate)[ \t]+[^\s"',;]+/gi
// Three parts of base64url, the first of which begins `{"`; also when it is cut.
const webTokens = /\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,2}/g

/** The text without its secrets; the same string when it has none. */
export function redactText(text: string, names: SecretNames, found: Found): string {
  let safe = text
  if (safe.includes('://')) safe = safe.replace(urls, (url) => redactUrl(url, names, found))
  if (/bearer|basic|digest|negotiate/i.test(safe)) {
    safe = safe.replace(schemes, (_match, name: string) => {
      found(name.toLowerCase())
      return `${name} ${redactedMark}`
    })
  }
  if (safe.includes('eyJ')) {
    safe = safe.replace(webTokens, () => {
      found('jwt')
      return redactedMark
    })
  }
  return safe.includes('=') || safe.includes(':') ? redactAssignments(safe, names, found) : safe
}

// A name, perhaps in quotes, an equals sign or colon, and a value, perhaps in quotes: `password=hunter2`, `"token": "x"`, `api_key: 'x'`.
const assignments =
  /(["']?)([A-Za-z][A-Za-z0-9_.-]{0,63})\1([ \t]{0,4}[=:][ \t]{0,4})("(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)|[^\s"'&;,{}()[\]]+)/g

// In prose `code: 404` and `state: ready` are no secrets; as parameters (`code=…`) they are.
function redactAssignments(text: string, names: SecretNames, found: Found): string {
  return text.replace(assignments, (match, quote: string, name: string, sign: string, value: string) => {
    const isSecret = sign.includes('=') ? names.isParameter(name) : names.isBodyKey(name)
    if (!isSecret || value === redactedMark) return match
    found(name)
    const mark = value.startsWith('"') ? `"${redactedMark}"` : value.startsWith("'") ? `'${redactedMark}'` : redactedMark
    return `${quote}${name}${quote}${sign}${mark}`
  })
}
