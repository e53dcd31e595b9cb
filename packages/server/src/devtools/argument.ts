// How one argument of a command becomes a field that can hold no secret: a number, a flag, one of known words, a length, a count, a scheme.
// A wrong type is as good as absent. Text itself never gets through; ids are clipped, because a client can put anything there.
import { limits } from '@tabscope/schema'

/** The arguments of a command, as the client wrote them. */
export type Arguments = Readonly<Record<string, unknown>>

/** The value of a field, or undefined when there is none. */
export type Reader = (args: Arguments) => unknown

/** The argument behind dots, such as `clip.x`. */
function at(args: Arguments, path: string): unknown {
  let value: unknown = args
  for (const name of path.split('.')) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return value
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function number(path: string): Reader {
  return (args) => finite(at(args, path))
}

/** A whole number: a fraction would break strict clients of ours. */
export function integer(path: string): Reader {
  return (args) => {
    const value = finite(at(args, path))
    const whole = value === undefined ? undefined : Math.round(value)
    return whole !== undefined && Number.isSafeInteger(whole) ? whole : undefined
  }
}

function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function flag(path: string): Reader {
  return (args) => {
    const value = at(args, path)
    return typeof value === 'boolean' ? value : undefined
  }
}

/** One of these words; another word is `other`. */
export function word(path: string, words: readonly string[]): Reader {
  const known = new Set(words)
  return (args) => {
    const value = at(args, path)
    if (typeof value !== 'string') return undefined
    return known.has(value) ? value : 'other'
  }
}

/** The key when it is one of those that make no character; others are never named. */
export function namedKey(path: string): Reader {
  return (args) => {
    const value = at(args, path)
    return typeof value === 'string' && namedKeys.has(value) ? value : undefined
  }
}

/** An id that somebody else chose. */
export function id(path: string): Reader {
  return (args) => {
    const value = at(args, path)
    return typeof value === 'string' ? clipped(value) : undefined
  }
}

/** Clipped to whole characters. */
export function clipped(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limits.cdpIdBytes) return text
  let end = limits.cdpIdBytes
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}

/** How many characters (code points) the text has. */
export function textLength(path: string): Reader {
  return (args) => {
    const value = at(args, path)
    if (typeof value !== 'string') return undefined
    let length = 0
    for (let position = 0; position < value.length; length++) position += (value.codePointAt(position) ?? 0) > 0xffff ? 2 : 1
    return length
  }
}

export function count(path: string): Reader {
  return (args) => {
    const value = at(args, path)
    return Array.isArray(value) ? value.length : undefined
  }
}

/** Whether a text is there that is not empty. */
export function presence(path: string): Reader {
  return (args) => {
    const value = at(args, path)
    return typeof value === 'string' ? value !== '' : undefined
  }
}

/** The scheme of a URL; one that is not known could be a host or a password that stands before a colon, so it is `other`. */
export function scheme(path: string): Reader {
  return (args) => {
    const value = at(args, path)
    const found = typeof value === 'string' ? /^\s*([a-z][a-z0-9+.-]*):/i.exec(value.slice(0, 64))?.[1]?.toLowerCase() : undefined
    return found === undefined || schemes.has(found) ? found : 'other'
  }
}

/** The same of the first of several things, such as touch points. */
export function ofFirst(path: string, read: Reader): Reader {
  return (args) => {
    const values = at(args, path)
    const first: unknown = Array.isArray(values) ? values[0] : undefined
    return isRecord(first) ? read(first) : undefined
  }
}

/** The kinds of MIME types of these items, each once, sorted. */
export function mimeCategories(path: string): Reader {
  return (args) => {
    const items = at(args, path)
    if (!Array.isArray(items)) return undefined
    const categories = items.filter(isRecord).map((item) => {
      const kind = typeof item['mimeType'] === 'string' ? (item['mimeType'].split('/')[0] ?? '').toLowerCase() : ''
      return mimeKinds.has(kind) ? kind : 'other'
    })
    return [...new Set(categories)].sort()
  }
}

const namedKeys: ReadonlySet<string> = new Set([
  ...['Enter', 'Tab', 'Escape', 'Backspace', 'Delete', 'Insert', 'Home', 'End', 'PageUp', 'PageDown'],
  ...['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Shift', 'Control', 'Alt', 'Meta'],
  ...['CapsLock', 'NumLock', 'ScrollLock', 'ContextMenu', 'Pause', 'PrintScreen'],
  ...Array.from({ length: 12 }, (_, position) => `F${position + 1}`),
])

const schemes: ReadonlySet<string> = new Set([
  ...['http', 'https', 'ws', 'wss', 'ftp', 'file', 'data', 'blob', 'filesystem', 'about', 'javascript', 'mailto'],
  ...['chrome', 'chrome-extension', 'chrome-error', 'devtools', 'view-source'],
])

const mimeKinds: ReadonlySet<string> = new Set([
  ...['text', 'image', 'audio', 'video', 'application', 'font', 'model', 'multipart', 'message'],
])
