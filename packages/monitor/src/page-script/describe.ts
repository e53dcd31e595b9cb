// What an element is called and what it does, for people who read the events: role, name and test id.
// Only an approximation of what assistive technology is told; Chromium has no way to ask for that from a page.
import { attributeOf, cut, localNameOf, ownText, parentElementOf, shadowHostOf } from './dom.ts'
import { labelTexts, textOfIds } from './labels.ts'
import { testIdOf } from './selector.ts'

export interface Description {
  readonly role?: string
  readonly name?: string
  readonly test_id?: string
}

const rolesOfTags: Readonly<Record<string, string>> = {
  button: 'button',
  summary: 'button',
  select: 'combobox',
  textarea: 'textbox',
  option: 'option',
  img: 'img',
  nav: 'navigation',
  main: 'main',
  dialog: 'dialog',
  h1: 'heading',
  h2: 'heading',
  h3: 'heading',
  h4: 'heading',
  h5: 'heading',
  h6: 'heading',
  li: 'listitem',
  td: 'cell',
  th: 'columnheader',
  tr: 'row',
}

const rolesOfInputs: Readonly<Record<string, string>> = {
  button: 'button',
  submit: 'button',
  reset: 'button',
  image: 'button',
  checkbox: 'checkbox',
  radio: 'radio',
  range: 'slider',
  number: 'spinbutton',
  search: 'searchbox',
}

/** Roles of things that one acts on: a click on what is inside is a click on them. */
const acting: ReadonlySet<string> = new Set([
  ...['button', 'link', 'checkbox', 'radio', 'switch', 'tab', 'option', 'combobox', 'textbox', 'searchbox', 'slider', 'spinbutton'],
  ...['menuitem', 'menuitemcheckbox', 'menuitemradio', 'treeitem'],
])
const ancestorsMost = 30

/** Describes what was clicked: the element, or the button, link or the like around it. `isSensitive` leaves out names. */
export function describe(element: Element, isSensitive: (element: Element) => boolean, mostChars: number): Description {
  const actor = actorOf(element)
  const subject = actor ?? element
  const role = roleOf(subject)
  const name = isSensitive(subject) ? undefined : nameOf(subject, role, mostChars)
  const testId = nearest(element, testIdOf)
  return {
    ...(role === undefined ? {} : { role: cut(role, mostChars) }),
    ...(name === undefined ? {} : { name }),
    ...(testId === undefined ? {} : { test_id: cut(testId, mostChars) }),
  }
}

function actorOf(element: Element): Element | undefined {
  return nearest(element, (at) => (acting.has(roleOf(at) ?? '') ? at : undefined))
}

/** The role that the element says it has, or that its tag has. */
function roleOf(element: Element): string | undefined {
  const told = attributeOf(element, 'role')?.trim().split(/\s+/)[0]
  if (told !== undefined && told !== '') return told.toLowerCase()
  const tag = localNameOf(element)
  if (tag === 'a') return attributeOf(element, 'href') === null ? undefined : 'link'
  if (tag !== 'input') return Object.hasOwn(rolesOfTags, tag) ? rolesOfTags[tag] : undefined
  const type = attributeOf(element, 'type')?.toLowerCase() ?? 'text'
  return Object.hasOwn(rolesOfInputs, type) ? rolesOfInputs[type] : 'textbox'
}

// Something without a role is only called what it says it is called: its text is told as text.
function nameOf(element: Element, role: string | undefined, mostChars: number): string | undefined {
  const isButton = localNameOf(element) === 'input' && role === 'button'
  const candidates: (() => string | null | undefined)[] = [
    () => textOfIds(element, 'aria-labelledby', mostChars).join(' '),
    () => attributeOf(element, 'aria-label'),
    () => (role === undefined ? undefined : labelTexts(element, mostChars)[0]),
    () => (isButton ? attributeOf(element, 'value') : undefined),
    () => attributeOf(element, 'alt'),
    // Of what can be typed into the own text is the typed one.
    () => (role === undefined || role === 'textbox' ? undefined : ownText(element, mostChars)),
    () => (role === undefined ? undefined : attributeOf(element, 'title')),
    () => attributeOf(element, 'placeholder'),
  ]
  for (const candidate of candidates) {
    const name = candidate()?.trim()
    if (name !== undefined && name !== '') return cut(name.replace(/\s+/g, ' '), mostChars)
  }
  return undefined
}

// The first answer on the way up, across shadow roots.
function nearest<Found>(element: Element, find: (at: Element) => Found | undefined): Found | undefined {
  let at: Element | undefined = element
  for (let seen = 0; at !== undefined && seen < ancestorsMost; seen++) {
    const found = find(at)
    if (found !== undefined) return found
    at = parentElementOf(at) ?? shadowHostOf(at)
  }
  return undefined
}
