// The arguments of a console call as one text, as a list of texts, and as bounded data. Everything in them is the page's: never throws.
// Follows events.md, console, and what DevTools shows; format specifiers follow https://console.spec.whatwg.org/#formatter. V8 has
// converted their arguments already (`%d` of '42.9' arrives as 42), so here they are only put in place.
import { limits } from '@tabscope/schema'
import { cutMark, cutText } from '../text-cut.ts'
import { type ArgumentPreview, previewArguments } from './argument-preview.ts'
import { argumentText } from './argument-text.ts'
import { jsLiteral } from './js-literal.ts'
import { isPreviewCut } from './preview-text.ts'
import { fieldOf, listOf } from './untrusted.ts'

export interface FormatOptions {
  /** Adds `preview`, which events carry at verbose. */
  readonly withPreview?: boolean
  /** The kind of call, as CDP spells it: `assert` is shown as a failed assertion. */
  readonly level?: string
}

export interface FormattedArguments {
  readonly text: string
  readonly args: readonly string[]
  readonly preview?: readonly ArgumentPreview[]
  /** Of `text`, `args` and `args_preview` those of which something was left out; empty for nearly every call. */
  readonly cut: readonly string[]
}

/** Formats what `Runtime.consoleAPICalled` brings in `args`. */
export function formatArguments(remoteObjects: unknown, options: FormatOptions = {}): FormattedArguments {
  const given = listOf(remoteObjects)
  const kept = given.slice(0, limits.consoleArguments)
  const args = boundTogether(kept)
  const isShort = args.isCut || kept.length < given.length
  const isAssertion = options.level === 'assert'
  const joined = joinAsShown(kept, args.texts, isAssertion)
  const whole = cutText(isAssertion ? `Assertion failed: ${joined}` : joined, limits.consoleTextBytes)
  const preview = options.withPreview === true ? previewArguments(kept) : undefined
  const cut: string[] = []
  if (whole.isCut || isShort) cut.push('text')
  if (isShort) cut.push('args')
  if (preview !== undefined && (preview.isCut || kept.length < given.length)) cut.push('args_preview')
  return { text: whole.text, args: args.texts, ...(preview === undefined ? {} : { preview: preview.previews }), cut }
}

// Every argument within its bound, and all of them together: from the one that goes over, they are cut to what is left.
function boundTogether(objects: readonly unknown[]): { texts: readonly string[]; isCut: boolean } {
  let roomBytes: number = limits.consoleTextBytes
  let isCut = false
  const texts = objects.map((argument) => {
    const kept = cutText(argumentText(argument), Math.min(roomBytes, limits.consoleArgumentBytes))
    roomBytes -= Buffer.byteLength(kept.text)
    isCut ||= kept.isCut || (kept.text.includes(cutMark) && isPreviewCut(fieldOf(argument, 'preview')))
    return kept.text
  })
  return { texts, isCut }
}

// DevTools puts strings in quotes when the first argument is no string: then none of them is a message.
function joinAsShown(objects: readonly unknown[], texts: readonly string[], isMessage: boolean): string {
  const [first = '', ...rest] = texts
  if (isMessage) return texts.join(' ')
  if (isString(objects[0])) return first.includes('%') ? substitute(first, rest) : texts.join(' ')
  return texts.map((text, index) => (isString(objects[index]) ? jsLiteral(text) : text)).join(' ')
}

function isString(argument: unknown): boolean {
  return fieldOf(argument, 'type') === 'string'
}

// Puts arguments in the place of specifiers, once: what was put in is not looked at again. Arguments that are left follow.
function substitute(format: string, args: readonly string[]): string {
  let used = 0
  const text = format.replace(/%([%sdifoOc])/g, (specifier, letter: string) => {
    if (letter === '%') return '%'
    const value = args[used]
    if (value === undefined) return specifier
    used++
    // CSS for what follows is not text.
    return letter === 'c' ? '' : value
  })
  return [text, ...args.slice(used)].join(' ')
}
