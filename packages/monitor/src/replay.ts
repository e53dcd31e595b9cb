// Chromium tells a domain's history again whenever the domain is enabled: on every attach and every off/on. Only what arrives
// between the enabling command and its answer is history; of that, what was published before is dropped by its timestamp.
// Live messages are never compared with a mark: two of them may well have the same time.
import type { SessionScope } from './session-scope.ts'
import type { ReplayKind } from './tabs/tab-memory.ts'
import type { Cut, Step } from './translator.ts'

/** `live`: new. `replayed`: history that was not published yet. `known`: history that was. */
export type History = 'live' | 'replayed' | 'known'

/** Judges one message by its timestamp (any unit, as long as it is always the same for the kind) and moves the mark. */
export function admitHistory(scope: SessionScope, kind: ReplayKind, timestamp: number): History {
  const { marks } = scope.memory
  const replay = scope.replaying.get(kind)
  if (replay !== undefined) {
    replay.count += 1
    if (timestamp <= replay.mark) {
      replay.isJoined = true
      return 'known'
    }
  }
  const mark = marks.get(kind)
  if (mark === undefined || timestamp > mark) marks.set(kind, timestamp)
  return replay === undefined ? 'live' : 'replayed'
}

/** Called when the enabling command is written, or when the disabling one before it was answered. The marks stand still for the whole history: two entries may share a time. */
export function historyBegins(scope: SessionScope, kinds: readonly ReplayKind[]): void {
  for (const kind of kinds)
    scope.replaying.set(kind, { mark: scope.memory.marks.get(kind) ?? Number.NEGATIVE_INFINITY, count: 0, isJoined: false })
}

/** Called when the enabling command was answered. Tells when the history may have lost its beginning. */
export function historyEnds(scope: SessionScope, kinds: readonly ReplayKind[]): Step | undefined {
  const told = kinds.flatMap((kind) => scope.replaying.get(kind) ?? [])
  for (const kind of kinds) scope.replaying.delete(kind)
  if (!kinds.includes('console') || told.some(({ isJoined }) => isJoined)) return undefined
  const count = told.reduce((sum, replay) => sum + replay.count, 0)
  return count < chromiumKeepsCalls ? undefined : { cuts: [historyFull] }
}

// Console calls and exceptions of a page together, the latest ones (V8's `maxConsoleMessageCount`; e2e/console-history.test.ts shows it).
const chromiumKeepsCalls = 1_000

const historyFull: Cut = {
  what: 'console_history_full',
  detail: `pages with ${chromiumKeepsCalls} console calls and exceptions from before capture, of which Chromium keeps no more`,
  count: 1,
}
