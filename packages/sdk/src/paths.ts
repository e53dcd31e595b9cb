// Paths of the control plane.
import { TabscopeError } from './errors.ts'

/** The path of a browser. Refuses what a URL would take for something else than one segment. */
export function browserPath(idOrName: string): string {
  if (typeof idOrName === 'string' && idOrName !== '' && idOrName !== '.' && idOrName !== '..') {
    return `/browsers/${encodeURIComponent(idOrName)}`
  }
  throw new TabscopeError(
    'invalid_argument',
    `${JSON.stringify(idOrName)} is not the id or name of a browser. Give \`session_id\` of what \`create\` or \`list\` answered.`,
  )
}
