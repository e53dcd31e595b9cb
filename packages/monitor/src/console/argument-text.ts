// One argument of a console call as text, from CDP's RemoteObject. Trusts nothing in it and never throws.
// https://chromedevtools.github.io/devtools-protocol/tot/Runtime/#type-RemoteObject
import { limits } from '@tabscope/schema'
import { errorText, functionText, previewText } from './preview-text.ts'
import { fieldOf, textOf, textOrUndefined } from './untrusted.ts'

/** The argument as text: strings as they are, everything else as the console of DevTools shows it; objects as one line, errors with their first frames. */
export function argumentText(argument: unknown): string {
  const description = textOf(fieldOf(argument, 'description'))
  switch (fieldOf(argument, 'type')) {
    case 'string':
      return textOf(fieldOf(argument, 'value') ?? description)
    case 'undefined':
      return 'undefined'
    case 'function':
      return description === '' ? 'ƒ' : functionText(description)
    case 'object':
      return objectText(argument, description)
    default:
      return primitiveText(argument, description)
  }
}

// Numbers, bigints, booleans, symbols, and whatever Chromium may invent.
function primitiveText(argument: unknown, description: string): string {
  const text = textOrUndefined(fieldOf(argument, 'unserializableValue')) ?? description
  if (text !== '') return text
  const value = fieldOf(argument, 'value')
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return String(value)
  return textOrUndefined(fieldOf(argument, 'type')) ?? 'undefined'
}

function objectText(argument: unknown, description: string): string {
  const subtype = fieldOf(argument, 'subtype')
  if (subtype === 'null') return 'null'
  if (subtype === 'error') return errorText(description === '' ? 'Error' : description, limits.consoleErrorLines)
  const preview = fieldOf(argument, 'preview')
  if (preview !== undefined) return previewText(preview)
  const name = description === '' ? textOf(fieldOf(argument, 'className')) : description
  return name === '' || name === 'Object' ? '{…}' : name
}
