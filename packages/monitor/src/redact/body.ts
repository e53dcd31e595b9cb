// Redacts bodies as text: forms by their names, multipart by its part names, and everything else (JSON and markup too) as free text with
// names and values. A body may be cut anywhere, so nothing here needs it to be whole.
import { redactedMark, type SecretNames } from './names.ts'
import { redactText } from './text.ts'
import { type Found, redactPairs } from './url.ts'

// A JSON key that is no identifier, such as one with blanks: the others are assignments like all others.
const oddKeys = /"((?:[^"\\]|\\.){1,128})"([ \t\r\n]{0,8}:[ \t\r\n]{0,8})("(?:[^"\\]|\\.)*(?:"|$)|-?[0-9][^\s,}\]]*)/g
const multipartParts = /(name="?)([^"\r\n;]{1,128})("?[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)([\s\S]*?)(?=\r?\n--|$)/gi

/** The body without its secrets; the same string when it has none. */
export function redactBody(body: string, names: SecretNames, found: Found): string {
  if (/^\s*[{["]/.test(body)) return redactText(redactOddKeys(body, names, found), names, found)
  if (body.startsWith('--') && /name="?/i.test(body)) return redactMultipart(body, names, found)
  if (isForm(body)) return redactText(redactPairs(body, names, found), names, found)
  return redactText(body, names, found)
}

function isForm(body: string): boolean {
  const first = body.slice(0, 256)
  return /^[^\s=&<>{}]{1,128}=/.test(first)
}

function redactOddKeys(body: string, names: SecretNames, found: Found): string {
  return body.replace(oddKeys, (match, key: string, sign: string) => {
    if (!names.isBodyKey(key)) return match
    found(key)
    return `"${key}"${sign}"${redactedMark}"`
  })
}

function redactMultipart(body: string, names: SecretNames, found: Found): string {
  const safe = body.replace(multipartParts, (match, start: string, name: string, between: string) => {
    if (!names.isParameter(name)) return match
    found(name)
    return `${start}${name}${between}${redactedMark}`
  })
  return redactText(safe, names, found)
}
