// Remembers ids that were used a short while ago, at most so many, and forgets the oldest in bulk.
// Two generations instead of one set with its oldest entry taken out each time: a Set keeps the places of deleted entries for a while
// and walks over all of them to find its first one, which made the end of a request the dearest message of all (measured).

export interface RecentIds {
  /** Remembers it as the newest. */
  add(id: string): void
  delete(id: string): void
  has(id: string): boolean
}

/** Remembers `most` ids at most, and always the newest half of them. */
export function createRecentIds(most: number): RecentIds {
  const perGeneration = Math.ceil(most / 2)
  let newer = new Set<string>()
  let older = new Set<string>()
  return {
    add: (id) => {
      if (newer.size >= perGeneration && !newer.has(id)) {
        older = newer
        newer = new Set()
      }
      newer.add(id)
    },
    delete: (id) => {
      newer.delete(id)
      older.delete(id)
    },
    has: (id) => newer.has(id) || older.has(id),
  }
}
