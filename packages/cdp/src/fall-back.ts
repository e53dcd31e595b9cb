// From `complete` to `passive` after this process was blocked: targets were held meanwhile, and it may happen again.
// Changing only the flag of automatic attaching frees nothing (measured), so every session is asked for anew and the automatic ones end.
import { limits } from '@tabscope/schema'
import type { AttachState } from './attach-state.ts'
import { askForSession } from './attach-target.ts'
import { createBatch } from './batch.ts'
import { topLevelTypes } from './targets.ts'

/** Resumes everything, attaches passively to everything, then ends automatic attaching on the browser. */
export function fallBack(state: AttachState, cause: string): void {
  if (state.mode !== 'complete' || state.isClosed) return
  state.mode = 'passive'
  state.stopWatching()
  state.handlers.modeFellBack?.(cause)
  const before = state.batch
  const wasOpen = before?.isOpen() === true
  before?.cancel()
  state.batch = createBatch({
    clock: state.clock,
    timeoutMs: limits.attachReadyMs,
    finished: () => {
      stopAutomatic(state)
      if (wasOpen) state.handlers.ready()
    },
  })
  for (const session of state.sessions.values()) state.outdated.add(session)
  state.connection.burst(() => {
    const end = state.batch?.begin()
    for (const session of state.sessions.values()) session.post({ method: 'Runtime.runIfWaitingForDebugger' })
    for (const { target } of state.targets.values()) if (topLevelTypes.has(target.type)) askForSession(state, target.targetId)
    // An empty browser has nothing to wait for; this piece of work ends with the answer to it.
    state.connection.post(undefined, { method: 'Target.getTargets', done: () => end?.() })
  })
}

function stopAutomatic(state: AttachState): void {
  if (state.isClosed) return
  state.connection.post(undefined, {
    method: 'Target.setAutoAttach',
    params: { autoAttach: false, waitForDebuggerOnStart: false, flatten: true },
    done: () => {
      state.isAutomatic = false
    },
  })
}
