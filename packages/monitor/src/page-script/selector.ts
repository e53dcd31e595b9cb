// A short CSS path that finds an element again: by test id, by id, by the name of a field, or by its place among its relatives, as short
// as is unique. Across shadow roots the paths of the trees are joined with ` >>> `. Over its bound the outermost parts are left out.
import { attributeOf, isOnlyMatch, localNameOf, nextElementOf, parentElementOf, previousElementOf, rootOf, shadowHostOf } from './dom.ts'

const treeJoint = ' >>> '
const childJoint = ' > '
/** Longer ids are generated ones, or somebody's data. */
const longestName = 100
/** What bounds the work on huge documents: siblings counted for a place, steps up, and searches of the whole tree for one path. */
const siblingsMost = 5_000
const stepsMost = 100
const searchesMost = 16
/** A path that is not unique after so many steps rarely becomes so before the next name. */
const shortPath = 6

/** A step of a path, and what joins it to the step before. */
interface Step {
  readonly joint: string
  readonly text: string
}

/** The path to `element` from its document. */
export function selectorOf(element: Element, mostChars: number): string {
  const steps: Step[] = []
  for (let at: Element | undefined = element; at !== undefined; at = shadowHostOf(at)) {
    const texts = pathInTree(at)
    steps.unshift(...texts.map((text, index) => ({ joint: index === 0 ? treeJoint : childJoint, text })))
  }
  return bounded(steps, mostChars)
}

/** The test id of an element. */
export function testIdOf(element: Element): string | undefined {
  const value = attributeOf(element, 'data-testid')
  return value === null || value === '' ? undefined : value
}

function pathInTree(element: Element): string[] {
  const root = rootOf(element)
  const path: string[] = []
  let searches = 0
  const isUnique = (selector: string, wanted: Element): boolean => searches++ < searchesMost && isOnlyMatch(root, selector, wanted)
  for (let at: Element | null = element; at !== null && path.length < stepsMost; at = parentElementOf(at)) {
    const step: Element = at
    const anchor = namesOf(step).find((name) => isUnique(name, step))
    path.unshift(anchor ?? placeOf(step))
    if (anchor !== undefined || (path.length <= shortPath && isUnique(path.join(childJoint), element))) return path
  }
  return path
}

const fieldTags: ReadonlySet<string> = new Set(['input', 'textarea', 'select', 'button', 'form', 'iframe'])

// The names of an element as selectors, best first; whether others have them, too, is not known yet.
function namesOf(element: Element): string[] {
  const tag = localNameOf(element)
  const testId = testIdOf(element) ?? ''
  const id = attributeOf(element, 'id') ?? ''
  const name = fieldTags.has(tag) ? (attributeOf(element, 'name') ?? '') : ''
  const isUsable = (text: string): boolean => text !== '' && text.length <= longestName
  return [
    ...(isUsable(testId) ? [`[data-testid="${quoted(testId)}"]`] : []),
    ...(isUsable(id) ? [`#${CSS.escape(id)}`] : []),
    ...(isUsable(name) ? [`${CSS.escape(tag)}[name="${quoted(name)}"]`] : []),
  ]
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&').replace(/[\n\r\f\0]/g, (character) => `\\${character.charCodeAt(0).toString(16)} `)
}

// The tag, with its place when there are others of the same tag beside it.
function placeOf(element: Element): string {
  const name = localNameOf(element)
  const tag = CSS.escape(name.slice(0, longestName))
  const before = countTwins(element, previousElementOf)
  // Too far down a list to be counted in passing.
  if (before === undefined) return tag
  const isAlone = before === 0 && countTwins(element, nextElementOf) === 0
  return isAlone ? tag : `${tag}:nth-of-type(${before + 1})`
}

// How many elements of the same tag there are on one side; undefined when there are too many elements to say.
function countTwins(element: Element, next: (from: Element) => Element | null): number | undefined {
  const name = localNameOf(element)
  let twins = 0
  let seen = 0
  for (let at = next(element); at !== null; at = next(at)) {
    if (++seen > siblingsMost) return undefined
    if (localNameOf(at) === name) twins++
  }
  return twins
}

// The outermost steps go first: what remains still says which element it is among its nearest relatives.
function bounded(steps: readonly Step[], mostChars: number): string {
  let text = ''
  let joint = ''
  for (const step of [...steps].reverse()) {
    const longer = step.text + joint + text
    if (longer.length > mostChars) return text === '' ? longer.slice(0, mostChars) : text
    text = longer
    joint = step.joint
  }
  return text
}
