// Chromium tells a domain's history again whenever the domain is enabled: on every attach and every off/on. Only what arrives
// between the enabling command and its answer is history; of that, what was published before is dropped by its timestamp.
// Live messages are never compared with a mark: two of them may well have the same time.
import type { SessionScope } from './session-scope.ts'
import type { ReplayKind } from './tabs/tab-memory.ts'

/** `live`: new. `replayed`: history that was not published yet. `known`: history that was. */
export type History = 'live' | 'replayed' | 'known'

/** Judges one message by its timestamp (any unit, as long as it is always the same for the kind) and moves the mark. */
export function admitHistory(scope: SessionScope, kind: ReplayKind, timestamp: number): History {
  const { marks } = scope.memory
  const markBefore = scope.replaying.get(kind)
  if (markBefore !== undefined && timestamp <= markBefore) return 'known'
  const mark = marks.get(kind)
  if (mark === undefined || timestamp > mark) marks.set(kind, timestamp)
  return markBefore === undefined ? 'live' : 'replayed'
}

/** Called when the enabling command is written, or when the disabling one before it was answered. The marks stand still for the whole history: two entries may share a time. */
export function historyBegins(scope: SessionScope, kinds: readonly ReplayKind[]): void {
  for (const kind of kinds) scope.replaying.set(kind, scope.memory.marks.get(kind) ?? Number.NEGATIVE_INFINITY)
}

/** Called when the enabling command was answered. */
export function historyEnds(scope: SessionScope, kinds: readonly ReplayKind[]): void {
  for (const kind of kinds) scope.replaying.delete(kind)
}
