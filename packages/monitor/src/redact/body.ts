// Redacts bodies as text: JSON by its keys, forms by their names, multipart by its part names, everything else as free text.
// A body may be cut anywhere, so nothing here needs it to be whole; a value that runs to the end is a value.
import { redactedMark, type SecretNames } from './names.ts'
import { redactText } from './text.ts'
import { type Found, redactPairs } from './url.ts'

// A JSON key, a colon, and a value: a string (perhaps cut), or anything up to the next comma or bracket.
const jsonPairs = /"((?:[^"\\]|\\.){1,128})"([ \t\r\n]*:[ \t\r\n]*)("(?:[^"\\]|\\.)*(?:"|$)|[^\s,}\]"[{][^,}\]]*)/g
const multipartParts = /(name="?)([^"\r\n;]{1,128})("?[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)([\s\S]*?)(?=\r?\n--|$)/gi

/** The body without its secrets; the same string when it has none. */
export function redactBody(body: string, names: SecretNames, found: Found): string {
  if (/^[\s]*[{["]/.test(body)) return redactJson(body, names, found)
  if (body.startsWith('--') && /name="?/i.test(body)) return redactMultipart(body, names, found)
  if (isForm(body)) return redactText(redactPairs(body, names, found), names, found)
  return redactText(body, names, found)
}

function isForm(body: string): boolean {
  const first = body.slice(0, 256)
  return /^[^\s=&<>{}]{1,128}=/.test(first)
}

function redactJson(body: string, names: SecretNames, found: Found): string {
  const safe = body.replace(jsonPairs, (match, key: string, sign: string) => {
    if (!names.isBodyKey(key)) return match
    found(key)
    return `"${key}"${sign}"${redactedMark}"`
  })
  return redactText(safe, names, found)
}

function redactMultipart(body: string, names: SecretNames, found: Found): string {
  const safe = body.replace(multipartParts, (match, start: string, name: string, between: string) => {
    if (!names.isParameter(name)) return match
    found(name)
    return `${start}${name}${between}${redactedMark}`
  })
  return redactText(safe, names, found)
}
