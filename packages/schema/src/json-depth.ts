// How deep a JSON value is nested. Iterative, so that a value made to overflow the stack of validators and serialisers
// (JSON.parse itself takes any depth) is found before they see it.

/** Whether objects and lists are nested deeper than `most` levels. */
export function isDeeperThan(value: unknown, most: number): boolean {
  let level: object[] = isContainer(value) ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > most) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
