// Whether what is typed into an element, or stands in it, may be a secret. In doubt it is: nothing of it leaves the page then.
// An element is judged with what surrounds it: its labels, the editable area it is in, the hosts of its shadow trees.
import {
  attributeOf,
  closest,
  focusedIn,
  isEditable,
  isHtml,
  localNameOf,
  matches,
  openShadowOf,
  rootOf,
  shadowHostOf,
  tabIndexOf,
} from './dom.ts'
import { labelTexts, textOfIds } from './labels.ts'
import { isSecretAutocomplete, soundsSecret } from './secret-words.ts'

/** Names and texts by which a field is judged. */
const namingAttributes = [
  'name',
  'id',
  'aria-label',
  'placeholder',
  'title',
  'label',
  'aria-placeholder',
  'data-placeholder',
  'data-testid',
]
const longestText = 300
/** Shadow trees inside each other. */
const hostsMost = 8

/** Tells secrets from the rest. It remembers fields that once were of type password: a button may have made them readable since. */
export interface Discretion {
  /** For clicks and names: whether the element or what it belongs to is about a secret. */
  isSensitive(element: Element): boolean
  /** For keys: the same, or that nobody can see where the key goes. */
  isSecretTyping(element: Element): boolean
}

export function createDiscretion(oncePasswords: WeakSet<Element>): Discretion {
  const isSensitive = (element: Element): boolean => {
    let at: Element | undefined = element
    for (let seen = 0; at !== undefined && seen < hostsMost; seen++) {
      const area = closest(at, '[contenteditable],[role="textbox"],[role="searchbox"],[role="combobox"]')
      if (looksSensitive(at, oncePasswords) || (area !== null && area !== at && looksSensitive(area, oncePasswords))) return true
      at = shadowHostOf(at)
    }
    return false
  }
  return { isSensitive, isSecretTyping: (element) => isOpaque(element) || isSensitive(element) }
}

function looksSensitive(element: Element, oncePasswords: WeakSet<Element>): boolean {
  if (isPassword(element)) oncePasswords.add(element)
  if (oncePasswords.has(element)) return true
  const autocomplete = attributeOf(element, 'autocomplete')
  if (autocomplete !== null && isSecretAutocomplete(autocomplete)) return true
  if (namingAttributes.some((name) => soundsSecret((attributeOf(element, name) ?? '').slice(0, longestText)))) return true
  if (labelTexts(element, longestText).some(soundsSecret) || textOfIds(element, 'aria-labelledby', longestText).some(soundsSecret))
    return true
  return isMasked(element)
}

function isPassword(element: Element): boolean {
  return attributeOf(element, 'type')?.toLowerCase() === 'password'
}

// Fields can hide their text by style alone, so that password managers leave them alone.
function isMasked(element: Element): boolean {
  if (!isHtml(element)) return false
  const isField = localNameOf(element) === 'input' || localNameOf(element) === 'textarea' || isEditable(element)
  return isField && getComputedStyle(element).getPropertyValue('-webkit-text-security') !== 'none'
}

// A key whose target cannot take it by itself goes into a closed shadow tree, and what is in there cannot be seen from outside.
function isOpaque(element: Element): boolean {
  const name = localNameOf(element)
  if (!isHtml(element) || ownFocus.has(name) || isEditable(element)) return false
  const isFocused = focusedIn(rootOf(element)) === element
  // Focus inside the tree of a host makes it the active element, but, unless it delegates its focus, not one that `:focus` finds.
  if (isFocused && !matches(element, ':focus')) return true
  if (name.includes('-') && openShadowOf(element) === null) return true
  return tabIndexOf(element) < 0 && attributeOf(element, 'tabindex') === null
}

/** They get keys without a tab index, and can have no shadow tree that takes them. */
const ownFocus: ReadonlySet<string> = new Set(['html', 'body', 'dialog'])
