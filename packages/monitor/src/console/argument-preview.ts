// Previews of a console call's arguments as data: types, names, values two levels deep, in our own spelling. Bounded in values and bytes
// over the whole call. Trusts nothing in it and never throws. Follows events.md, console (`args_preview`, at verbose).
import { limits } from '@tabscope/schema'
import { cutText } from '../text-cut.ts'
import { fieldOf, listOf, textOf, textOrUndefined } from './untrusted.ts'

/** A value, and for objects what is in it as far as Chromium sent it. */
export interface ArgumentPreview {
  type: string
  subtype?: string
  class_name?: string
  /** Primitives: the value as text. */
  value?: string
  /** Objects: what they call themselves. */
  description?: string
  properties?: PropertyPreview[]
  entries?: { key?: ArgumentPreview; value: ArgumentPreview }[]
  /** True when properties or entries are missing. */
  overflow?: boolean
}

/** A property; `properties` and `entries` are there when Chromium sent a preview of its value, as for `console.table`. */
export interface PropertyPreview extends ArgumentPreview {
  name: string
}

interface Budget {
  nodes: number
  bytes: number
  isCut: boolean
}

const mostLevels = 2

/** Previews of all arguments within the bounds, and whether something was left out. */
export function previewArguments(remoteObjects: readonly unknown[]): { previews: ArgumentPreview[]; isCut: boolean } {
  const budget: Budget = { nodes: limits.consolePreviewNodes, bytes: limits.consoleTextBytes, isCut: false }
  const previews = within(budget, remoteObjects).map((argument) => previewOf(argument, budget, 0))
  return { previews, isCut: budget.isCut }
}

function previewOf(source: unknown, budget: Budget, level: number): ArgumentPreview {
  const type = textWithin(budget, fieldOf(source, 'type'))
  const preview: ArgumentPreview = { type: type === '' ? 'unknown' : type }
  const subtype = fieldOf(source, 'subtype')
  const className = textOrUndefined(fieldOf(source, 'className'))
  if (subtype !== undefined) preview.subtype = textWithin(budget, subtype)
  if (className !== undefined) preview.class_name = textWithin(budget, className)
  addText(preview, source, budget)
  const inside = fieldOf(source, 'preview') ?? fieldOf(source, 'valuePreview') ?? source
  if (level < mostLevels) addContent(preview, inside, { budget, level: level + 1 })
  return preview
}

// Primitives have a value. For objects CDP's property previews put the description where primitives have the value.
function addText(preview: ArgumentPreview, source: unknown, budget: Budget): void {
  const value = fieldOf(source, 'unserializableValue') ?? fieldOf(source, 'value')
  const description = fieldOf(source, 'description')
  const isObject = preview.type === 'object' || preview.type === 'function'
  if (isObject && preview.subtype !== 'null') {
    const text = textWithin(budget, description ?? value)
    if (text !== '') preview.description = text
  } else if (preview.subtype === 'null') preview.value = 'null'
  else if (value !== undefined || description !== undefined) preview.value = textWithin(budget, value ?? description)
}

function addContent(preview: ArgumentPreview, inside: unknown, at: { budget: Budget; level: number }): void {
  const { budget, level } = at
  const properties = listOf(fieldOf(inside, 'properties'))
  const entries = listOf(fieldOf(inside, 'entries'))
  const keptProperties = within(budget, properties)
  if (keptProperties.length > 0) {
    preview.properties = keptProperties.map((property) => ({
      name: textWithin(budget, fieldOf(property, 'name')),
      ...previewOf(property, budget, level),
    }))
  }
  const keptEntries = within(budget, entries)
  if (keptEntries.length > 0) preview.entries = keptEntries.map((entry) => entryOf(entry, budget, level))
  const isShort = keptProperties.length < properties.length || keptEntries.length < entries.length
  if (isShort || fieldOf(inside, 'overflow') === true) preview.overflow = true
}

function entryOf(entry: unknown, budget: Budget, level: number): { key?: ArgumentPreview; value: ArgumentPreview } {
  const key = fieldOf(entry, 'key')
  const value = previewOf(fieldOf(entry, 'value'), budget, level)
  return key === undefined ? { value } : { key: previewOf(key, budget, level), value }
}

// As many of the values as there is room for.
function within(budget: Budget, values: readonly unknown[]): readonly unknown[] {
  const kept = values.slice(0, Math.min(budget.nodes, limits.consolePreviewItems))
  budget.nodes -= kept.length
  budget.isCut ||= kept.length < values.length
  return kept
}

function textWithin(budget: Budget, value: unknown): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : textOf(value)
  const kept = cutText(text, Math.min(budget.bytes, limits.consoleArgumentBytes))
  budget.bytes -= Buffer.byteLength(kept.text)
  budget.isCut ||= kept.isCut
  return kept.text
}
