// Redacts header maps. Names stay; of cookies their own names and attributes stay, too.
import { redactedMark, type SecretNames } from './names.ts'
import { redactText } from './text.ts'
import { type Found, redactUrl } from './url.ts'

type Headers = Readonly<Record<string, unknown>>

// Headers that are URLs, or have them as their value.
const urlHeaders: ReadonlySet<string> = new Set(['location', 'referer', 'content-location', 'refresh', 'origin', 'link', ':path'])

/** The headers without their secrets; the same object when there are none. */
export function redactHeaders(headers: Headers, names: SecretNames, found: Found): Headers {
  let changed: Record<string, unknown> | undefined
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    const safe = redactHeader(name, value, names, found)
    if (safe === value) continue
    changed ??= Object.assign(Object.create(null) as Record<string, unknown>, headers)
    changed[name] = safe
  }
  return changed ?? headers
}

function redactHeader(name: string, value: unknown, names: SecretNames, found: Found): unknown {
  const isSecret = names.isHeader(name)
  // The protocol gives strings; whatever else a secret header holds is not shown at all.
  if (typeof value !== 'string') return isSecret ? redactedMark : value
  if (!isSecret) return redactPlainHeader(name, value, names, found)
  found(name)
  const lower = name.toLowerCase()
  if (lower === 'cookie') return redactCookies(value)
  return lower === 'set-cookie' ? value.split('\n').map(redactSetCookie).join('\n') : redactedMark
}

// Values that were looked at and hold nothing: the same few come with almost every request. Never a value that held a secret.
const cleanValues = new WeakMap<SecretNames, Set<string>>()
const rememberedValues = 1_024
const longestRememberedValue = 512

function redactPlainHeader(name: string, value: string, names: SecretNames, found: Found): string {
  if (value.length < 12) return value
  const clean = cleanValuesOf(names)
  if (clean.has(value)) return value
  const isUrl = urlHeaders.has(name.toLowerCase())
  const safe = redactText(isUrl ? redactUrl(value, names, found) : value, names, found)
  if (safe === value && !isUrl && value.length <= longestRememberedValue) {
    if (clean.size >= rememberedValues) clean.clear()
    clean.add(value)
  }
  return safe
}

// What is clean depends on the rules.
function cleanValuesOf(names: SecretNames): Set<string> {
  const known = cleanValues.get(names)
  if (known !== undefined) return known
  const values = new Set<string>()
  cleanValues.set(names, values)
  return values
}

function redactCookies(value: string): string {
  return value
    .split(';')
    .map((pair) => {
      const equals = pair.indexOf('=')
      return equals === -1 ? redactedPair(pair) : `${pair.slice(0, equals + 1)}${redactedMark}`
    })
    .join(';')
}

// A cookie without a name is all value.
function redactedPair(pair: string): string {
  return pair.trim() === '' ? pair : `${pair.startsWith(' ') ? ' ' : ''}${redactedMark}`
}

function redactSetCookie(line: string): string {
  const end = line.indexOf(';')
  const pair = end === -1 ? line : line.slice(0, end)
  return redactCookies(pair) + (end === -1 ? '' : line.slice(end))
}
