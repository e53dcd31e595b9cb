// Leaves a browser in mode `complete` so that nothing stays held. A `window.open` that is held at the moment when its session ends
// stays held, its opener with it, and ending automatic attaching does not free it (both measured on Chromium 156); attaching to
// the new window once more and resuming it does.
import { limits } from '@tabscope/schema'
import type { AttachState } from './attach-state.ts'
import { createBatch } from './batch.ts'
import { isRecord } from './message.ts'
import { readTarget, readText } from './targets.ts'

/** Ends automatic attaching, then resumes every page; resolves when that is answered, at the latest after `limits.attachReleaseMs`. */
export function releaseAll(state: AttachState): Promise<void> {
  const { connection, clock } = state
  return new Promise((resolve) => {
    const batch = createBatch({ clock, timeoutMs: limits.attachReleaseMs, finished: resolve })
    connection.burst(() => {
      const detached = batch.begin()
      connection.post(undefined, {
        method: 'Target.setAutoAttach',
        params: { autoAttach: false, waitForDebuggerOnStart: false, flatten: true },
        done: detached,
      })
      const listed = batch.begin()
      connection.post(undefined, {
        method: 'Target.getTargets',
        done: (answer) => {
          if (answer.ok) for (const targetId of pagesIn(answer.result)) resumePage(targetId)
          listed()
        },
      })
    })
    const resumePage = (targetId: string): void => {
      const ended = batch.begin()
      connection.post(undefined, {
        method: 'Target.attachToTarget',
        params: { targetId, flatten: true },
        done: (answer) => {
          const sessionId = answer.ok && isRecord(answer.result) ? readText(answer.result['sessionId']) : undefined
          if (sessionId === undefined) ended()
          else connection.post(sessionId, { method: 'Runtime.runIfWaitingForDebugger', done: ended })
        },
      })
    }
  })
}

function pagesIn(result: unknown): string[] {
  const infos: unknown = isRecord(result) ? result['targetInfos'] : undefined
  if (!Array.isArray(infos)) return []
  return infos.flatMap((info) => {
    const target = readTarget(info)
    return target?.type === 'page' ? [target.targetId] : []
  })
}
