// The list of names that were published once. Generating only ever adds to it: to take a name away or to change one, somebody
// has to edit the list by hand, and a reviewer sees it.
import { errorTable, eventTypes } from '../../packages/schema/src/index.ts'

interface PinnedNames {
  readonly eventTypes: readonly string[]
  readonly errorCodes: readonly string[]
}

/** The list with what is new, as JSON. `previous` is the committed text, if there is one. */
export function pinnedNames(previous: string | undefined): string {
  const pinned: Partial<PinnedNames> = previous === undefined ? {} : (JSON.parse(previous) as Partial<PinnedNames>)
  const names: PinnedNames = {
    eventTypes: joined(pinned.eventTypes, eventTypes),
    errorCodes: joined(pinned.errorCodes, Object.keys(errorTable)),
  }
  return `${JSON.stringify(names, undefined, 2)}\n`
}

function joined(before: readonly string[] = [], now: readonly string[]): readonly string[] {
  return [...new Set([...before, ...now])].sort()
}
