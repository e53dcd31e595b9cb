// Checks what comes through the binding: a known kind, every field of its type and size, and nothing else. Never throws.
// The page cannot write these messages, but parts of every text in them are its own.
import { limits } from '@tabscope/schema'
import { buttons, modifiers, type PageMessage } from './page-message.ts'

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, { readonly check: Check; readonly isOptional?: boolean }>>

const text =
  (mostChars: number, leastChars = 0): Check =>
  (value) =>
    // Characters are counted by the script; a character is one or two UTF-16 units.
    typeof value === 'string' && value.length >= leastChars && value.length <= mostChars * 2
const integer: Check = (value) => Number.isSafeInteger(value) && Math.abs(Number(value)) <= limits.interactionCoordinate
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) > 0
const time: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const oneOf =
  (known: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && known.includes(value)
const someOf =
  (known: readonly string[]): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && new Set(value).size === value.length && value.every(oneOf(known))

const required = (check: Check): Fields[string] => ({ check })
const optional = (check: Check): Fields[string] => ({ check, isOptional: true })
const selector = required(text(limits.interactionSelectorChars, 1))
const tag = required(text(limits.interactionTagChars, 1))
const label = optional(text(limits.interactionTextChars, 1))

const kinds: Readonly<Record<PageMessage['kind'], Fields>> = {
  click: {
    at: required(time),
    x: required(integer),
    y: required(integer),
    selector,
    tag,
    button: optional(oneOf(buttons)),
    text: label,
    role: label,
    name: label,
    test_id: label,
  },
  key: { at: required(time), key: required(text(limits.interactionKeyChars, 1)), selector, tag, modifiers: optional(someOf(modifiers)) },
  scroll: {
    at: required(time),
    from_x: required(integer),
    from_y: required(integer),
    to_x: required(integer),
    to_y: required(integer),
    target_selector: selector,
  },
  lost: { count: required(count) },
  failed: { where: required(text(limits.interactionKeyChars, 1)), error: required(text(limits.interactionTagChars)) },
}

/** The message in a payload, or undefined when it is none. */
export function parsePageMessage(payload: unknown): PageMessage | undefined {
  if (typeof payload !== 'string' || payload.length > limits.interactionPayloadBytes) return undefined
  if (Buffer.byteLength(payload) > limits.interactionPayloadBytes) return undefined
  try {
    const value: unknown = JSON.parse(payload)
    return isPageMessage(value) ? value : undefined
  } catch {
    // Not JSON: whoever asks counts it.
    return undefined
  }
}

function isPageMessage(value: unknown): value is PageMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const kind: unknown = Reflect.get(value, 'kind')
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) return false
  const fields = kinds[kind as PageMessage['kind']]
  if (Object.keys(value).some((key) => key !== 'kind' && !Object.hasOwn(fields, key))) return false
  return Object.entries(fields).every(([name, { check, isOptional }]) => {
    return Object.hasOwn(value, name) ? check(Reflect.get(value, name)) : isOptional === true
  })
}
