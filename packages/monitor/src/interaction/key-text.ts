// What is told of a key: by the page script, and once more by the collector. Pure.
import type { KeyDetail } from './page-config.ts'

// Names such as `Enter`, `F5`, `ArrowUp`, `Process`; everything else is what somebody wrote. https://www.w3.org/TR/uievents-key/
const named = /^[A-Z][A-Za-z0-9]{1,31}$/
/** Real keys write one character, or a few that belong together. */
const longestText = 16

/** The key as it may be told, or undefined when nothing may. */
export function keyText(key: string, detail: KeyDetail): string | undefined {
  if (detail === 'none' || key === '') return undefined
  if (named.test(key)) return key
  if (detail === 'printable') return 'printable'
  return Array.from(key.slice(0, longestText * 2))
    .slice(0, longestText)
    .join('')
}
