// The DOM as the page script uses it: by the prototypes of its own world, never by properties of an element or of `document`.
// `<form><input name="id">` makes `form.id` an element, in every world; the getter of the prototype still gives the form's id.
// https://html.spec.whatwg.org/multipage/forms.html#dom-form-nameditem

/**
 * A getter of a prototype as a function. It is looked up when it is first needed: Chromium makes most prototypes of a new world only when
 * they are asked for, and most frames of most pages are never touched by anybody.
 */
function reader<Host extends object, Name extends keyof Host & string>(prototype: () => Host, name: Name): (host: Host) => Host[Name] {
  let get: (() => Host[Name]) | undefined
  return (host) => {
    get ??= Object.getOwnPropertyDescriptor(prototype(), name)?.get
    if (get === undefined) throw new TypeError(`no getter ${name}`)
    return Reflect.apply(get, host, [])
  }
}

/** A method of a prototype as a function, looked up when it is first needed. */
function caller<Host, Given extends readonly unknown[], Result>(
  method: () => (this: Host, ...given: Given) => Result,
): (host: Host, ...given: Given) => Result {
  let found: ((this: Host, ...given: Given) => Result) | undefined
  return (host, ...given) => {
    found ??= method()
    return Reflect.apply(found, host, given)
  }
}

const element = (): Element => Element.prototype
const node = (): Node => Node.prototype
const html = (): HTMLElement => HTMLElement.prototype

export const listenTo = caller(() => EventTarget.prototype.addEventListener)
export const unlistenTo = caller(() => EventTarget.prototype.removeEventListener)
export const dispatchOn = caller(() => EventTarget.prototype.dispatchEvent)
export const attributeOf = caller<Element, [string], string | null>(() => element().getAttribute)
export const closest = caller<Element, [string], Element | null>(() => element().closest)
export const localNameOf = reader(element, 'localName')
export const scrollLeftOf = reader(element, 'scrollLeft')
export const scrollTopOf = reader(element, 'scrollTop')
export const previousElementOf = reader(element, 'previousElementSibling')
export const nextElementOf = reader(element, 'nextElementSibling')
export const openShadowOf = reader(element, 'shadowRoot')
export const parentElementOf = reader(node, 'parentElement')
const firstChildOf = reader(node, 'firstChild')
const nextSiblingOf = reader(node, 'nextSibling')
const nodeTypeOf = reader(node, 'nodeType')
export const rootOf = caller<Node, [], Node>(() => node().getRootNode)
export const isEditable = reader(html, 'isContentEditable')
export const tabIndexOf = reader(html, 'tabIndex')
export const readyStateOf = reader(() => Document.prototype, 'readyState')
const hostOfShadow = reader(() => ShadowRoot.prototype, 'host')
const substring = caller<CharacterData, [number, number], string>(() => CharacterData.prototype.substringData)
const isText = (value: Node): value is Text => nodeTypeOf(value) === Node.TEXT_NODE
const queryDocument = caller<Document, [string], NodeListOf<Element>>(() => Document.prototype.querySelectorAll)
const queryFragment = caller<DocumentFragment, [string], NodeListOf<Element>>(() => DocumentFragment.prototype.querySelectorAll)
const idInDocument = caller<Document, [string], HTMLElement | null>(() => Document.prototype.getElementById)
const idInFragment = caller<DocumentFragment, [string], HTMLElement | null>(() => DocumentFragment.prototype.getElementById)

// What a value is, is asked of a getter: `instanceof` fails for a node that was moved here from another frame.
function accepts<Host>(read: (host: Host) => unknown, value: unknown): value is Host {
  try {
    read(value as Host)
    return true
  } catch {
    // The getter refuses what is not of its kind; that is the answer.
    return false
  }
}

export function isElement(value: unknown): value is Element {
  return accepts(localNameOf, value)
}

export function isDocument(value: unknown): value is Document {
  return accepts(readyStateOf, value)
}

export function isShadowRoot(value: unknown): value is ShadowRoot {
  return accepts(hostOfShadow, value)
}

export function isHtml(value: Element): value is HTMLElement {
  return accepts(isEditable, value)
}

/** The element that the shadow tree around `inner` belongs to. */
export function shadowHostOf(inner: Node): Element | undefined {
  const root = rootOf(inner)
  return isShadowRoot(root) ? hostOfShadow(root) : undefined
}

/** Whether the selector finds this element in its tree and nothing else. */
export function isOnlyMatch(root: Node, selector: string, wanted: Element): boolean {
  const found = isDocument(root) ? queryDocument(root, selector) : isShadowRoot(root) ? queryFragment(root, selector) : undefined
  return found?.length === 1 && found[0] === wanted
}

/** Every element of a tree, without those in its shadow trees. */
export function elementsBelow(root: Document | ShadowRoot): Iterable<Element> {
  return isDocument(root) ? queryDocument(root, '*') : queryFragment(root, '*')
}

/** The element with an id in the tree of `inner`. */
export function elementById(inner: Node, id: string): Element | null {
  const root = rootOf(inner)
  if (isDocument(root)) return idInDocument(root, id)
  return isShadowRoot(root) ? idInFragment(root, id) : null
}

const labelsOfInput = reader(() => HTMLInputElement.prototype, 'labels')
const labelsOfArea = reader(() => HTMLTextAreaElement.prototype, 'labels')
const labelsOfSelect = reader(() => HTMLSelectElement.prototype, 'labels')

/** The `<label>` elements of a field; none for anything else. */
export function labelsOf(field: Element): Element[] {
  if (accepts(labelsOfInput, field)) return Array.from(labelsOfInput(field) ?? [])
  if (accepts(labelsOfArea, field)) return Array.from(labelsOfArea(field))
  return accepts(labelsOfSelect, field) ? Array.from(labelsOfSelect(field)) : []
}

/** The first nodes right inside an element. */
export function childrenOf(host: Element, most: number): Node[] {
  const children: Node[] = []
  for (let child = firstChildOf(host); child !== null && children.length < most; child = nextSiblingOf(child)) children.push(child)
  return children
}

/** The text right inside an element, without that of its children: trimmed, runs of white space as one space, a bounded beginning. */
export function ownText(host: Element, mostChars: number): string {
  let text = ''
  for (const child of childrenOf(host, 200)) {
    if (text.length >= mostChars * 2) break
    // White space may be most of it.
    if (isText(child)) text = `${text} ${substring(child, 0, mostChars * 4)}`.replace(/\s+/g, ' ').trimStart()
  }
  return cut(text.trim(), mostChars)
}

/** At most so many characters, never half a surrogate pair. */
export function cut(text: string, mostChars: number): string {
  return text.length <= mostChars
    ? text
    : Array.from(text.slice(0, mostChars * 2))
        .slice(0, mostChars)
        .join('')
}
