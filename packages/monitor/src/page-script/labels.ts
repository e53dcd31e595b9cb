// The texts that belong to an element: its labels, and elements that it names by id. Bounded: a label can hold a whole page.
// Never the content of a field inside a label.
import { attributeOf, childrenOf, closest, cut, elementById, isElement, labelsOf, localNameOf, ownText } from './dom.ts'

const textsMost = 5
const nodesMost = 200
const fields: ReadonlySet<string> = new Set(['textarea', 'select', 'script', 'style', 'template'])

/** The texts of the `<label>` elements of a field. */
export function labelTexts(element: Element, mostChars: number): string[] {
  const around = closest(element, 'label')
  const labels = new Set<Element>([...(around === null ? [] : [around]), ...labelsOf(element).slice(0, textsMost)])
  return [...labels].map((label) => deepText(label, mostChars))
}

/** The texts of the elements whose ids an attribute lists. */
export function textOfIds(element: Element, attribute: string, mostChars: number): string[] {
  const ids = attributeOf(element, attribute)?.split(/\s+/) ?? []
  return ids.slice(0, textsMost).flatMap((id) => {
    const named = id === '' ? null : elementById(element, id)
    return named === null ? [] : [deepText(named, mostChars)]
  })
}

// The text of an element and of what is in it.
function deepText(element: Element, mostChars: number): string {
  const texts: string[] = []
  const waiting: Element[] = [element]
  let length = 0
  for (let seen = 0; waiting.length > 0 && seen < nodesMost && length < mostChars; seen++) {
    const at = waiting.shift()
    if (at === undefined || fields.has(localNameOf(at)) || attributeOf(at, 'contenteditable') !== null) continue
    const text = ownText(at, mostChars)
    if (text !== '') texts.push(text)
    length += text.length
    waiting.push(...childrenOf(at, nodesMost).filter(isElement))
  }
  return cut(texts.join(' '), mostChars)
}
