// Bytes from Chromium to messages. Never throws: a page decides part of every message, so nothing in one is trusted.
// Chromium writes events as {"method":…,"params":…,"sessionId":…} and answers as {"id":…,"result"|"error":…,"sessionId":…}, so the
// method of an event can be read from the first bytes; any other shape is still understood, by parsing it.

import { withoutSentCookies } from './sent-cookies.ts'

/** An event of Chromium, stamped once when it was received. */
export interface CdpMessage {
  readonly method: string
  /** As Chromium sent it, unchecked; `Network.requestWillBeSentExtraInfo` without its `associatedCookies`. */
  readonly params: unknown
  /** Undefined for the browser's own session. */
  readonly sessionId: string | undefined
  /** Unix microseconds. */
  readonly receivedAtUs: number
  /** Milliseconds of the clock's monotonic time. */
  readonly receivedAtMs: number
}

/** How a command ended. `rejected` is Chromium's refusal, `timeout` its silence, `closed` the end of the connection. */
export type CdpAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: 'rejected' | 'timeout' | 'closed'; readonly message: string }

export type ParsedMessage =
  | { readonly kind: 'event'; readonly method: string; readonly params: unknown; readonly sessionId: string | undefined }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: CdpAnswer }
  | { readonly kind: 'unparsable'; readonly reason: string }

const prefix = Uint8Array.from(Buffer.from('{"method":"'))
const longestMethod = 128
const quote = 0x22
/** 1 for letters, digits and the dot: all that CDP method names are made of. An escape or a non-ASCII byte would need the parser. */
const nameBytes = Uint8Array.from({ length: 256 }, (_, byte) => (/[A-Za-z0-9.]/.test(String.fromCharCode(byte)) ? 1 : 0))

/** The method in the first bytes of an event, or undefined when they have another shape (then it must be parsed to know). */
export function leadingMethod(bytes: Buffer): string | undefined {
  for (let at = 0; at < prefix.length; at++) if (bytes[at] !== prefix[at]) return undefined
  const limit = Math.min(bytes.length, prefix.length + longestMethod)
  let end = prefix.length
  let hash = 0
  for (let byte = bytes[end]; end < limit && byte !== undefined && nameBytes[byte] === 1; byte = bytes[++end]) {
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  return bytes[end] === quote ? seenMethod(bytes, end, hash) : undefined
}

// Methods seen before, by the hash of their bytes. The same string each time is found in tables by its address, and is not made anew from
// bytes: a fifth of what a skipped message cost (measured). Bounded, although only Chromium chooses the names.
const seenMethods = new Map<number, string>()
const mostSeenMethods = 1000

function seenMethod(bytes: Buffer, end: number, hash: number): string {
  const seen = seenMethods.get(hash)
  if (seen !== undefined && isSame(seen, bytes, end)) return seen
  const method = bytes.toString('latin1', prefix.length, end)
  if (seenMethods.size < mostSeenMethods) seenMethods.set(hash, method)
  return method
}

function isSame(method: string, bytes: Buffer, end: number): boolean {
  if (method.length !== end - prefix.length) return false
  for (let at = 0; at < method.length; at++) if (method.charCodeAt(at) !== bytes[prefix.length + at]) return false
  return true
}

/** Parses one message. Its `leadingMethod`, if known, saves the parsing of what nobody reads. */
export function parseMessage(bytes: Buffer, method?: string): ParsedMessage {
  let value: unknown
  try {
    const text = bytes.toString('utf8')
    value = JSON.parse(method === 'Network.requestWillBeSentExtraInfo' ? withoutSentCookies(text) : text)
  } catch (error) {
    return { kind: 'unparsable', reason: error instanceof Error ? error.message : String(error) }
  }
  if (!isRecord(value)) return { kind: 'unparsable', reason: 'not an object' }
  if (typeof value['method'] === 'string' && value['id'] === undefined) return toEvent(value['method'], value)
  return toAnswer(value)
}

function toEvent(method: string, value: Record<string, unknown>): ParsedMessage {
  const sessionId = value['sessionId']
  if (sessionId !== undefined && typeof sessionId !== 'string') return { kind: 'unparsable', reason: 'sessionId is not a string' }
  return { kind: 'event', method, params: value['params'], sessionId }
}

function toAnswer(value: Record<string, unknown>): ParsedMessage {
  const id = value['id']
  if (typeof id !== 'number') return { kind: 'unparsable', reason: 'neither an event nor an answer' }
  if (value['error'] === undefined) return { kind: 'answer', id, answer: { ok: true, result: value['result'] } }
  return { kind: 'answer', id, answer: { ok: false, code: 'rejected', message: errorText(value['error']) } }
}

// {code, message, data?}; `data` often has the useful half ("Invalid parameters" / "Failed to deserialize params.x").
function errorText(error: unknown): string {
  if (!isRecord(error)) return String(error)
  const parts = [error['message'], error['data']].filter((part) => typeof part === 'string' && part !== '')
  return parts.length > 0 ? parts.join(': ') : 'rejected without a message'
}

/** Whether `value` is an object with fields that can be asked for. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
