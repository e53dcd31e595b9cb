// A short CSS path that finds an element again: by test id, by id, or by its place among its relatives, as short as is unique.
// Across shadow roots the paths of the trees are joined with ` >>> `. At most so many characters: then the outermost parts are left out.
import { attributeOf, isOnlyMatch, localNameOf, nextElementOf, parentElementOf, previousElementOf, rootOf, shadowHostOf } from './dom.ts'

const treeJoint = ' >>> '
const childJoint = ' > '
/** Longer ids are generated ones, or somebody's data. */
const longestName = 100
/** Siblings looked at to count a place; uniqueness is asked for so often. Both bound the work on huge documents. */
const siblingsMost = 5_000
const questionsMost = 6

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
  let questions = 0
  for (let at: Element | null = element; at !== null; at = parentElementOf(at)) {
    const anchor = anchorOf(root, at)
    path.unshift(anchor ?? placeOf(at))
    if (anchor !== undefined) return path
    if (questions++ < questionsMost && isOnlyMatch(root, path.join(childJoint), element)) return path
  }
  return path
}

// A name that nobody else in the tree has.
function anchorOf(root: Node, element: Element): string | undefined {
  const testId = testIdOf(element)
  const id = attributeOf(element, 'id')
  const candidates = [
    testId === undefined || testId.length > longestName ? undefined : `[data-testid="${quoted(testId)}"]`,
    id === null || id === '' || id.length > longestName ? undefined : `#${CSS.escape(id)}`,
  ]
  return candidates.find((candidate) => candidate !== undefined && isOnlyMatch(root, candidate, element))
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
