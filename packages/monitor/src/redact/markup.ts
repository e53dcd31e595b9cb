// Redacts HTML and XML: elements of secret names, and form fields and meta elements that are named so. Attributes are assignments, and
// not looked at here. Text may be cut anywhere. Linear: every repeat is bounded or runs to a character that ends it.
import { redactedMark, type SecretNames } from './names.ts'
import type { Found } from './url.ts'

const elements = /(<(?:[A-Za-z_][\w.-]{0,63}:)?([A-Za-z_][\w.-]{0,127})(?:\s[^<>]{0,2000})?>)([^<]+)/g
const fields = /<(?:input|meta|param|property)\s[^<>]{1,4000}/gi
const fieldNames = /\b(?:name|id|property|key|itemprop)\s{0,4}=\s{0,4}(?:"([^"]{1,128})"|'([^']{1,128})'|([^\s"'>]{1,128}))/gi
const fieldValues = /(\b(?:value|content)\s{0,4}=\s{0,4})("[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s"'>]+)/gi

/** The markup without its secrets; the same string when it has none. */
export function redactMarkup(text: string, names: SecretNames, found: Found): string {
  if (!text.includes('<')) return text
  const withoutElements = text.replace(elements, (match, tag: string, name: string, content: string) => {
    if (!names.isBodyKey(name) || content.trim() === '') return match
    found(name)
    return `${tag}${redactedMark}`
  })
  return withoutElements.replace(fields, (tag) => {
    const name = secretFieldName(tag, names)
    if (name === undefined) return tag
    return tag.replace(fieldValues, (match, start: string, value: string) => {
      if (value.length < 3) return match
      found(name)
      const quote = /^["']/.exec(value)?.[0] ?? ''
      return `${start}${quote}${redactedMark}${quote}`
    })
  })
}

function secretFieldName(tag: string, names: SecretNames): string | undefined {
  if (/\btype\s{0,4}=\s{0,4}["']?password\b/i.test(tag)) return 'password'
  for (const [, double, single, bare] of tag.matchAll(fieldNames)) {
    const name = double ?? single ?? bare ?? ''
    if (names.isParameter(name)) return name
  }
  return undefined
}
