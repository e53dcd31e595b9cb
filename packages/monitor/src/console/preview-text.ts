// One line of text for an object, from CDP's preview of it. Trusts nothing in it: any field can be missing, of another type, or the
// page's own invention. Never throws, never follows more than two levels.
// Follows what the console of DevTools shows (RemoteObjectPreviewFormatter of its front end), which was compared with this on Chromium 156.
import { limits } from '@tabscope/schema'
import { cutText, firstBytes } from '../text-cut.ts'
import { jsLiteral } from './js-literal.ts'
import { fieldOf, listOf, textOf } from './untrusted.ts'

// Kinds whose description says it all. The others are shown with what is in them.
const selfDescribing: ReadonlySet<unknown> = new Set([
  'arraybuffer',
  'dataview',
  'date',
  'error',
  'node',
  'null',
  'regexp',
  'trustedtype',
  'webassemblymemory',
])

const mostLevels = 2

/** An object's preview as one line, such as `{a: 1, b: 'x', …}`, `(3) [1, 2, 3]`, `Map(1) {'k' => {…}}`, `Foo {a: 1}`. */
export function previewText(preview: unknown, level = 1): string {
  const subtype = fieldOf(preview, 'subtype')
  const description = shortTextOf(preview, 'description', limits.consoleTextBytes)
  if (fieldOf(preview, 'type') !== 'object' || selfDescribing.has(subtype)) return propertyText(preview, description)
  const isList = subtype === 'array' || subtype === 'typedarray'
  const items = itemsOf(preview, { isList, level })
  if (fieldOf(preview, 'overflow') === true) items.push('…')
  const name = isList ? listName(description) : description
  const inside = items.join(', ')
  return (name === '' || name === 'Object' ? '' : `${name} `) + (isList ? `[${inside}]` : `{${inside}}`)
}

/** Whether a name or value in the preview is longer than what is shown of it. Chromium shortens values, but not names. */
export function isPreviewCut(preview: unknown, level = 1): boolean {
  const isLong = (value: unknown, name: string): boolean => textOf(fieldOf(value, name)).length * 3 > limits.consolePropertyBytes
  const properties = listOf(fieldOf(preview, 'properties')).slice(0, limits.consolePreviewItems)
  return (
    listOf(fieldOf(preview, 'entries')).some((entry) => ['key', 'value'].some((side) => isLong(fieldOf(entry, side), 'description'))) ||
    properties.some((property) => {
      const nested = fieldOf(property, 'valuePreview')
      const isInside = nested !== undefined && level < mostLevels && isPreviewCut(nested, level + 1)
      return isInside || isLong(property, 'name') || isLong(property, 'value')
    })
  )
}

// `Array(3)` is shown as `(3)`, and a length of 1 or 0 not at all.
function listName(description: string): string {
  const { name, length } = parseList(description)
  const count = length > 1 ? `(${length})` : ''
  return name === 'Array' ? count : name + count
}

function parseList(description: string): { name: string; length: number } {
  const found = /^([^(\n]*)\((\d{1,15})\)$/.exec(description)
  return found === null ? { name: description, length: 0 } : { name: found[1] ?? '', length: Number(found[2]) }
}

function itemsOf(preview: unknown, shape: { isList: boolean; level: number }): string[] {
  const entries = listOf(fieldOf(preview, 'entries'))
  if (entries.length > 0) return entries.slice(0, limits.consolePreviewItems).map(entryText)
  const properties = listOf(fieldOf(preview, 'properties')).slice(0, limits.consolePreviewItems)
  if (shape.isList) return elementTexts(preview, properties, shape.level)
  if (fieldOf(preview, 'subtype') === 'promise') return promiseTexts(properties, shape.level)
  return properties.map((property) => namedText(property, shape.level))
}

function entryText(entry: unknown): string {
  const value = entrySide(fieldOf(entry, 'value'))
  const key = fieldOf(entry, 'key')
  return key === undefined ? value : `${entrySide(key)} => ${value}`
}

// A key or value of a map or set is a preview of its own, of which DevTools shows only what it is called.
function entrySide(side: unknown): string {
  return propertyText(side, shortTextOf(side, 'description'))
}

// Elements in order, then named properties. Holes can only be told when nothing was left out.
function elementTexts(preview: unknown, properties: readonly unknown[], level: number): string[] {
  const texts: string[] = []
  const isWhole = fieldOf(preview, 'overflow') !== true
  const addHole = (count: number): void => {
    if (isWhole && count > 0) texts.push(count === 1 ? 'empty' : `empty × ${count}`)
  }
  const indexed = properties.filter((property) => indexOf(property) !== undefined)
  let nextIndex = 0
  for (const [position, property] of indexed.entries()) {
    const index = indexOf(property) ?? 0
    addHole(index - nextIndex)
    texts.push(!isWhole && index !== position ? namedText(property, level) : shownValue(property, level))
    nextIndex = index + 1
  }
  addHole(parseList(shortTextOf(preview, 'description')).length - nextIndex)
  const named = properties.filter((property) => indexOf(property) === undefined)
  return [...texts, ...named.map((property) => namedText(property, level))]
}

function indexOf(property: unknown): number | undefined {
  const name = fieldOf(property, 'name')
  return typeof name === 'string' && /^(?:0|[1-9]\d{0,9})$/.test(name) ? Number(name) : undefined
}

function promiseTexts(properties: readonly unknown[], level: number): string[] {
  const named = (name: string): unknown => properties.find((property) => fieldOf(property, 'name') === name)
  const state = textOf(fieldOf(named('[[PromiseState]]'), 'value'))
  const result = named('[[PromiseResult]]')
  const rest = properties
    .filter((property) => !textOf(fieldOf(property, 'name')).startsWith('[[Promise'))
    .map((property) => namedText(property, level))
  if (state === '') return rest
  return [state === 'pending' || result === undefined ? `<${state}>` : `<${state}>: ${shownValue(result, level)}`, ...rest]
}

function namedText(property: unknown, level: number): string {
  const name = shortTextOf(property, 'name')
  if (name === '[[GeneratorState]]') return `<${shortTextOf(property, 'value')}>`
  if (name === '[[PrimitiveValue]]') return shownValue(property, level)
  if (name === '[[WeakRefTarget]]') return fieldOf(property, 'type') === 'undefined' ? '<cleared>' : shownValue(property, level)
  return `${nameText(name)}: ${shownValue(property, level)}`
}

function nameText(name: string): string {
  return name === '' || /^\s|\s$|[\p{Control}\p{Surrogate}]/u.test(name) ? jsLiteral(name) : name
}

function shownValue(property: unknown, level: number): string {
  const nested = fieldOf(property, 'valuePreview')
  if (nested !== undefined && level < mostLevels) return previewText(nested, level + 1)
  return propertyText(property, shortTextOf(property, 'value'))
}

// What a value is called, without what is in it. `shown` is CDP's text for it.
function propertyText(value: unknown, shown: string): string {
  const type = fieldOf(value, 'type')
  const subtype = fieldOf(value, 'subtype')
  if (type === 'string') return jsLiteral(shown)
  if (type === 'accessor') return '(...)'
  if (type === 'function') return 'ƒ'
  if (subtype === 'error') return errorText(shown, 1)
  if (shown !== '' && (shown !== 'Object' || subtype !== undefined)) return oneLine(shown)
  return type === 'object' ? '{…}' : textOf(type)
}

// Chromium shortens what it previews; what is longer than it would send is cut before anything looks through it.
function shortTextOf(value: unknown, name: string, capBytes: number = limits.consolePropertyBytes): string {
  return cutText(textOf(fieldOf(value, name)), capBytes).text
}

/** The first lines of an error's description: its message, then its first frames. */
export function errorText(description: string, mostLines: number): string {
  let end = -1
  for (let line = 0; line < mostLines; line++) {
    end = description.indexOf('\n', end + 1)
    if (end === -1) return description
  }
  return description.slice(0, end)
}

/** The source of a function on one line, as DevTools writes it: `ƒ name(a){…}`, `async ƒ name()`, `ƒ* name()`, `class A`, `() => 1`. */
export function functionText(source: string): string {
  const shown = firstBytes(source, limits.consoleSourceBytes)
  const line = oneLine(shown)
  const isWritten = /^class\b/.test(line) || /^(?:async\b ?)?(?:\(|[\w$]+ ?=>)/.test(line)
  const text = isWritten ? line : signed(line)
  return shown.length < source.length ? `${text}…` : text
}

// A method has no `function` in its source; its sign comes first.
function signed(line: string): string {
  const text = line.replace(/^(async )?function\b ?(\*?) ?/, (_, async = '', star = '') => `${async}ƒ${star} `)
  return text === line ? `ƒ ${line}` : text
}

// A newline and what indents the next line become one space. (Looking for space before it too would be quadratic on hostile text.)
function oneLine(text: string): string {
  return text.replace(/\n\s*/g, ' ')
}
