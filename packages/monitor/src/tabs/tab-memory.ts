// What outlives a connection: the navigation count and the replay marks of a target, so that neither starts anew after a
// reconnect or when capture goes off and on, and the name by which a page script of before is ended. Bounded: the oldest target is forgotten first.
import { limits } from '@tabscope/schema'
import { dropOldest } from './tab.ts'

/** Kinds of history that Chromium tells again after a domain is enabled, each with a mark of its own. */
export type ReplayKind = 'console' | 'exception' | 'log' | 'timeline'

export interface TargetMemory {
  navSeq: number | undefined
  loaderId: string | undefined
  /** Per kind, the highest timestamp that was published. */
  readonly marks: Map<ReplayKind, number>
}

export interface TabMemory {
  /** What ends the page scripts of earlier connections; no page can guess it. */
  readonly stopEvent: string
  of(targetId: string): TargetMemory
  forget(targetId: string): void
}

export function createTabMemory(randomName: () => string): TabMemory {
  const targets = new Map<string, TargetMemory>()
  return {
    stopEvent: randomName(),
    of: (targetId) => {
      const known = targets.get(targetId)
      if (known !== undefined) return known
      const memory: TargetMemory = { navSeq: undefined, loaderId: undefined, marks: new Map() }
      targets.set(targetId, memory)
      dropOldest(targets, limits.rememberedTargets)
      return memory
    },
    forget: (targetId) => {
      targets.delete(targetId)
    },
  }
}
