// What is known of the requests of a session's first document while some of them may have come too early to be seen.
// Filled by look-back.ts.
import type { CdpSession } from '@tabscope/cdp'
import type { TargetMemory } from '../tabs/tab-memory.ts'

export interface LookBack {
  /** How many ends CDP told, by URL; each takes the place of one entry of the document's timeline. */
  readonly told: Map<string, number>
  /** Entries that were dealt with. */
  readonly looked: Map<string, true>
  isUnderWay: boolean
  isWantedAgain: boolean
}

export function createLookBack(): LookBack {
  return { told: new Map(), looked: new Map(), isUnderWay: false, isWantedAgain: false }
}

/** Whether the session is of a new document that was not held until its set-up. What was there before began before the story does. */
export function mayHaveMissed({ session, memory }: { readonly session: CdpSession; readonly memory: TargetMemory }): boolean {
  const { targetType, existing, replaces, waitingForDebugger } = session
  if (existing || replaces !== undefined) return false
  // A popup that is held says that it is not, so a tab is judged by its first request; see `nothingMissed`.
  return targetType === 'page' ? memory.navSeq === undefined : targetType === 'iframe' && !waitingForDebugger
}
