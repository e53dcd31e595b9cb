// A second session on a target: let go by its session id, with no domain enabled on it, or Chromium would detach another of our sessions.
// A service worker is held on every session that announces it and runs as soon as one of them resumes it (seen on Chromium 156: its
// `Network.responseReceived` never comes when that is before `Network.enable` has arrived on the other one). So in `complete` a held
// duplicate waits until the set-up of the captured session is answered, never longer than a bound.
import { limits } from '@tabscope/schema'
import type { AttachState, Duplicate } from './attach-state.ts'

/** Resumes and detaches a session that is not wanted: at once, or when the one that is wanted is set up. */
export function letGo(state: AttachState, duplicate: Duplicate): void {
  const { targetId, isHeld } = duplicate
  if (state.mode !== 'complete' || !isHeld || targetId === undefined || !isSetUpOpen(state, duplicate, targetId)) {
    release(state, duplicate)
    return
  }
  const untilMs = state.clock.monotonicMs() + limits.attachDuplicateMs
  const cancel = state.clock.schedule(untilMs, () => letGoOf(state, targetId))
  state.duplicates.set(targetId, [...(state.duplicates.get(targetId) ?? []), { duplicate, cancel }])
}

function isSetUpOpen(state: AttachState, { isAwaited }: Duplicate, targetId: string): boolean {
  const captured = state.captured.get(targetId)
  return captured === undefined ? isAwaited : state.settingUp.has(captured.sessionId)
}

/** Lets go of the duplicates of a target that wait. */
export function letGoOf(state: AttachState, targetId: string): void {
  const waiting = state.duplicates.get(targetId) ?? []
  state.duplicates.delete(targetId)
  for (const { duplicate, cancel } of waiting) {
    cancel()
    if (!state.isClosed) release(state, duplicate)
  }
}

/** Lets go of every duplicate that waits. After a close nothing is sent: the end of the connection frees them. */
export function letGoOfAll(state: AttachState): void {
  for (const targetId of [...state.duplicates.keys()]) letGoOf(state, targetId)
}

function release(state: AttachState, { sessionId, parentId }: Duplicate): void {
  state.connection.burst(() => {
    state.connection.post(sessionId, { method: 'Runtime.runIfWaitingForDebugger' })
    state.connection.post(parentId, { method: 'Target.detachFromTarget', params: { sessionId } })
  })
}
