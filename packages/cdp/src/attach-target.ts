// The targets of the browser, as discovery tells them, and asking for a session on those that stand for themselves.
import { limits } from '@tabscope/schema'
import type { AttachState } from './attach-state.ts'
import { isCapturable, isSameTarget, type SeenTarget, topLevelTypes } from './targets.ts'

/** Takes note of a target, new or known. False when it is not to be captured. */
export function seeTarget(state: AttachState, target: SeenTarget): boolean {
  const known = state.targets.get(target.targetId)
  if (known !== undefined) {
    changeTarget(state, target)
    return true
  }
  if (!isCapturable(target)) return false
  if (state.targets.size >= limits.cdpTargets) {
    state.handlers.warning({
      what: 'too_many_targets',
      message: `more than ${limits.cdpTargets} targets; one of type ${target.type} is not captured`,
    })
    return false
  }
  const existing = state.isListing
  state.targets.set(target.targetId, { target, existing })
  state.handlers.targetSeen(target, { existing })
  return true
}

function changeTarget(state: AttachState, target: SeenTarget): void {
  const known = state.targets.get(target.targetId)
  if (known === undefined || isSameTarget(known.target, target)) return
  known.target = target
  state.handlers.targetChanged(target)
}

/** In `passive`, asks for a session on a target that no other target announces. */
export function attachPassively(state: AttachState, target: SeenTarget): void {
  const { targetId, type } = target
  if (state.mode !== 'passive' || !topLevelTypes.has(type) || state.captured.has(targetId)) return
  // A target that is being closed is told of once more, after its session and before its end.
  if (state.ending.has(targetId)) return
  askForSession(state, targetId)
}

/** `attachToTarget` on the browser; the session comes as `Target.attachedToTarget`, before the answer. */
export function askForSession(state: AttachState, targetId: string): void {
  if (state.asked.has(targetId)) return
  state.asked.add(targetId)
  const end = state.batch?.begin()
  state.connection.post(undefined, {
    method: 'Target.attachToTarget',
    params: { targetId, flatten: true },
    done: (answer) => {
      state.asked.delete(targetId)
      // A target may be gone before it could be attached: nothing is lost then, and nothing is wrong.
      if (!answer.ok && answer.code !== 'closed' && state.targets.has(targetId) && !state.isClosed) {
        state.handlers.warning({ what: 'attach_failed', method: 'Target.attachToTarget', message: answer.message })
      }
      end?.()
    },
  })
}
