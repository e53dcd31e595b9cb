// Whether what is typed into an element, or stands in it, may be a secret. In doubt it is: nothing of it leaves the page then.
// An element is judged with what surrounds it: its labels, the editable area it is in, the hosts of its shadow trees.
import { attributeOf, closest, isEditable, isHtml, localNameOf, openShadowOf, shadowHostOf, tabIndexOf } from './dom.ts'
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

/** `secret`: no key is told. `masked`: it may be one, so what is written is not told, only that. */
export type Typing = 'told' | 'masked' | 'secret'

/** Tells secrets from the rest. It remembers fields that once were of type password: a button may have made them readable since. */
export interface Discretion {
  /** For clicks and names: whether the element or what it belongs to is about a secret. */
  isSensitive(element: Element): boolean
  /** For keys. */
  typingInto(element: Element): Typing
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
  return { isSensitive, typingInto: (element) => (isSensitive(element) ? 'secret' : visibilityOf(element)) }
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

// Keys that go into a closed shadow tree have its host for their target, and what is in there cannot be seen from outside. A host that
// could not take a key by itself, and a custom element, are taken for such; of others it cannot be said.
function visibilityOf(element: Element): Typing {
  const name = localNameOf(element)
  if (!isHtml(element) || ownFocus.has(name) || isEditable(element) || openShadowOf(element) !== null) return 'told'
  const hasTabIndex = attributeOf(element, 'tabindex') !== null
  if (name.includes('-') || (tabIndexOf(element) < 0 && !hasTabIndex)) return 'secret'
  return hasTabIndex && possibleHosts.has(name) ? 'masked' : 'told'
}

/** They get keys without a tab index, and have no shadow tree that takes them. */
const ownFocus: ReadonlySet<string> = new Set(['html', 'body', 'dialog'])

/** The elements of HTML that can have a shadow tree. https://dom.spec.whatwg.org/#valid-shadow-host-name */
const possibleHosts: ReadonlySet<string> = new Set([
  ...[
    'article',
    'aside',
    'blockquote',
    'div',
    'footer',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'header',
    'main',
    'nav',
    'p',
    'section',
    'span',
  ],
])
