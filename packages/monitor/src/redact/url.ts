// Redacts URLs: user information, and the values of secret parameters in path, query and fragment, also those of a URL inside a parameter.
// Works on the text, because a URL in an event may be cut, relative or broken, and everything that is no secret must stay as it was.
import { redactedMark, type SecretNames } from './names.ts'

/** What was found secret, by name; `url_userinfo` stands for the part before the `@`. */
export type Found = (name: string) => void

const scheme = /^[a-z][a-z0-9+.-]*:\/\//i

/** The URL without its secrets; the same string when it has none. */
export function redactUrl(url: string, names: SecretNames, found: Found): string {
  if (url.startsWith('data:')) return url
  const withoutUser = redactUserInfo(url, found)
  const start = withoutUser.search(/[?#;]/)
  if (start === -1) return withoutUser
  return withoutUser.slice(0, start) + redactPairs(withoutUser.slice(start), names, found)
}

function redactUserInfo(url: string, found: Found): string {
  const at = url.indexOf('@')
  if (at === -1) return url
  const prefix = scheme.exec(url)?.[0]
  if (prefix === undefined) return url
  const authorityEnd = url.slice(prefix.length).search(/[/?#\\]/)
  const authority = authorityEnd === -1 ? url.slice(prefix.length) : url.slice(prefix.length, prefix.length + authorityEnd)
  const userEnd = authority.lastIndexOf('@')
  if (userEnd === -1) return url
  found('url_userinfo')
  return `${prefix}${redactedMark}${url.slice(prefix.length + userEnd)}`
}

const separators = /([?#&;])/
// A URL in a parameter of a URL in a parameter: deeper than this nobody nests them in good faith.
const mostNested = 3

/**
 * The pairs of a query, a fragment or a form body with the values of secret names replaced. Pairs are separated by `&` (or `;`);
 * `?` and `#` begin a new one, so that the query inside a fragment (`#/callback?code=…`) is found, too.
 */
export function redactPairs(text: string, names: SecretNames, found: Found, nested = mostNested): string {
  if (!text.includes('=')) return text
  let isChanged = false
  const parts = text.split(separators).map((part) => {
    const equals = part.indexOf('=')
    if (equals <= 0 || equals === part.length - 1) return part
    const name = decodeName(part.slice(0, equals))
    const value = part.slice(equals + 1)
    if (!names.isParameter(name)) {
      const safe = redactEncoded(value, names, { found, nested })
      isChanged ||= safe !== value
      return safe === value ? part : part.slice(0, equals + 1) + safe
    }
    isChanged = true
    found(name)
    return `${part.slice(0, equals + 1)}${redactedMark}`
  })
  return isChanged ? parts.join('') : text
}

// A value that has pairs of its own, percent-encoded: `next=https%3A%2F%2Fhost%2F%3Ftoken%3D…`.
function redactEncoded(value: string, names: SecretNames, { found, nested }: { found: Found; nested: number }): string {
  if (nested === 0 || !/%3d/i.test(value)) return value
  // Byte for byte, so that an encoding that is broken hides nothing.
  const plain = value.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const start = Math.max(0, plain.search(/[?#;&]/))
  const safe = redactUserInfo(plain.slice(0, start), found) + redactPairs(plain.slice(start), names, found, nested - 1)
  return safe === plain ? value : encodeURIComponent(safe).replaceAll(encodeURIComponent(redactedMark), redactedMark)
}

// A name may be percent-encoded; one that cannot be decoded stands for itself.
function decodeName(name: string): string {
  if (!name.includes('%') && !name.includes('+')) return name
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).trim()
  } catch {
    return name
  }
}
