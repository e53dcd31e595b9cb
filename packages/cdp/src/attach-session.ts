// The life of a session: announced, captured once per target, set up in one write, ended. Nothing is ever awaited on a paused
// target: whatever happens to a session, `Runtime.runIfWaitingForDebugger` goes out with the first write to it.
import type { AttachState, Ending } from './attach-state.ts'
import { askForSession, attachPassively, seeTarget } from './attach-target.ts'
import type { Command } from './connection.ts'
import { type CdpSession, createSession } from './session.ts'
import { canHaveChildren, readTarget, readText, type SeenTarget, sessionFilter, topLevelTypes } from './targets.ts'

const resume: Command = { method: 'Runtime.runIfWaitingForDebugger' }
const workersOfNoPage: ReadonlySet<string> = new Set(['shared_worker', 'service_worker'])

/** `Target.attachedToTarget`, announced on `parentId` (undefined: the browser). */
export function sessionAnnounced(state: AttachState, params: Record<string, unknown>, parentId: string | undefined): void {
  const sessionId = readText(params['sessionId'])
  if (sessionId === undefined) {
    state.handlers.warning({ what: 'malformed_message', method: 'Target.attachedToTarget' })
    return
  }
  if (state.sessions.has(sessionId)) return
  const target = readTarget(params['targetInfo'])
  const parent = parentId === undefined ? undefined : state.sessions.get(parentId)
  if (target === undefined || !seeTarget(state, target)) {
    release(state, sessionId, parentId)
  } else if (isWantedHere(state, target, { parentId, parent })) {
    startSession(state, { sessionId, target, parent, waitingForDebugger: params['waitingForDebugger'] === true })
  } else {
    release(state, sessionId, parentId)
    // Whatever made this one unwanted here, the target must still be captured from the browser.
    attachPassively(state, target)
  }
}

/** A target is captured on one session. Shared and service workers on one from the browser: one reached through a page ends with that page. */
function isWantedHere(
  state: AttachState,
  target: SeenTarget,
  from: { parentId: string | undefined; parent: CdpSession | undefined },
): boolean {
  // Announced by a session that is not captured (any more): its successor announces it too.
  if (from.parentId !== undefined && from.parent === undefined) return false
  if (from.parentId !== undefined && workersOfNoPage.has(target.type)) return false
  const current = state.captured.get(target.targetId)
  return current === undefined || state.outdated.has(current)
}

// By its session id, or Chromium would detach another of our sessions on the same target.
function release(state: AttachState, sessionId: string, parentId: string | undefined): void {
  state.connection.burst(() => {
    state.connection.post(sessionId, resume)
    state.connection.post(parentId, { method: 'Target.detachFromTarget', params: { sessionId } })
  })
}

interface Announced {
  readonly sessionId: string
  readonly target: SeenTarget
  readonly parent: CdpSession | undefined
  readonly waitingForDebugger: boolean
}

function startSession(state: AttachState, announced: Announced): void {
  const { targetId } = announced.target
  settleEnding(state, targetId, 'detached')
  const replaces = state.captured.get(targetId)
  const existing = state.targets.get(targetId)?.existing === true
  const session = createSession({ ...announced, connection: state.connection, existing, replaces })
  state.sessions.set(session.sessionId, session)
  state.captured.set(targetId, session)
  let commands: readonly Command[] = []
  try {
    commands = state.handlers.sessionStarted(session)
  } finally {
    // Also when the handler failed: a bug of ours must not leave somebody's page waiting.
    setUp(state, session, commands)
  }
  if (replaces === undefined) return
  state.sessions.delete(replaces.sessionId)
  state.outdated.delete(replaces)
  state.handlers.sessionEnded(replaces, 'detached')
}

function setUp(state: AttachState, session: CdpSession, commands: readonly Command[]): void {
  const isAwaited = session.existing || session.replaces !== undefined
  const batch = isAwaited ? state.batch : undefined
  const postOne = (command: Command): void => {
    const end = batch === undefined ? undefined : owe(state, session.sessionId, batch.begin())
    session.post({
      ...command,
      done: (answer, receivedAtUs, receivedAtMs) => {
        const isReported = !answer.ok && answer.code !== 'closed' && state.sessions.has(session.sessionId) && !state.isClosed
        if (isReported) state.handlers.warning({ what: 'command_failed', method: command.method, message: answer.message })
        command.done?.(answer, receivedAtUs, receivedAtMs)
        end?.()
      },
    })
  }
  state.connection.burst(() => {
    if (canHaveChildren(session.targetType)) postOne(autoAttach(state))
    for (const command of commands) postOne(command)
    postOne(resume)
  })
}

function owe(state: AttachState, sessionId: string, end: () => void): () => void {
  const owed = state.owed.get(sessionId) ?? new Set()
  state.owed.set(sessionId, owed.add(end))
  return () => {
    owed.delete(end)
    if (owed.size === 0) state.owed.delete(sessionId)
    end()
  }
}

/** Nobody waits any more for the set-up of this session: its answers will not come. */
export function forgetSetUp(state: AttachState, sessionId: string): void {
  const owed = state.owed.get(sessionId) ?? []
  state.owed.delete(sessionId)
  for (const end of owed) end()
}

function autoAttach(state: AttachState): Command {
  const waitForDebuggerOnStart = state.mode === 'complete'
  return {
    method: 'Target.setAutoAttach',
    params: { autoAttach: true, waitForDebuggerOnStart, flatten: true, filter: sessionFilter(state.mode) },
  }
}

/** `Target.detachedFromTarget`: the session is over at once, and with it all that was announced on it. */
export function sessionDetached(state: AttachState, sessionId: string): void {
  const session = state.sessions.get(sessionId)
  if (session === undefined) return
  const parent = session.parent
  const ending = takeOut(state, session)
  // While the frame or worker that holds it is captured, only its own end takes a frame's or worker's session away.
  if (parent !== undefined && state.sessions.has(parent.sessionId)) tellEnding(state, ending, 'target_closed')
  else if (!state.targets.has(session.targetId)) tellEnding(state, ending, 'target_closed')
  else askIfAlive(state, ending)
}

function takeOut(state: AttachState, session: CdpSession): Ending {
  const ending: Ending = { session, inner: new Set() }
  const forget = (each: CdpSession): void => {
    state.sessions.delete(each.sessionId)
    forgetSetUp(state, each.sessionId)
    state.outdated.delete(each)
    if (state.captured.get(each.targetId) === each) state.captured.delete(each.targetId)
    // Chromium drops the sessions announced on this one, not always with a word.
    for (const child of [...state.sessions.values()]) if (child.parent === each) forget(child)
    if (each !== session) ending.inner.add(each)
  }
  forget(session)
  return ending
}

/** `targetDestroyed` follows the detaching of a target that ends. If this is answered first, the target lives on. */
function askIfAlive(state: AttachState, ending: Ending): void {
  const { targetId } = ending.session
  settleEnding(state, targetId, 'detached')
  state.ending.set(targetId, ending)
  state.connection.post(undefined, {
    method: 'Target.getTargetInfo',
    params: { targetId },
    done: (answer) => {
      if (state.ending.get(targetId) !== ending || state.isClosed || (!answer.ok && answer.code === 'closed')) return
      settleEnding(state, targetId, answer.ok ? 'detached' : 'target_closed')
      const known = state.targets.get(targetId)
      if (answer.ok && known !== undefined && topLevelTypes.has(known.target.type)) askForSession(state, targetId)
    },
  })
}

/** Tells the end of a detached session of this target, if there is one to tell. */
export function settleEnding(state: AttachState, targetId: string, cause: 'detached' | 'target_closed'): void {
  const ending = state.ending.get(targetId)
  if (ending !== undefined) tellEnding(state, ending, cause)
}

function tellEnding(state: AttachState, ending: Ending, cause: 'detached' | 'target_closed'): void {
  const { session, inner } = ending
  if (state.ending.get(session.targetId) === ending) state.ending.delete(session.targetId)
  for (const each of [...inner, session]) state.handlers.sessionEnded(each, cause)
}

/** `Target.targetDestroyed`. */
export function targetDestroyed(state: AttachState, targetId: string): void {
  const known = state.targets.get(targetId)
  if (known === undefined) return
  state.targets.delete(targetId)
  settleEnding(state, targetId, 'target_closed')
  for (const { inner } of state.ending.values()) {
    for (const each of inner) if (each.targetId === targetId && inner.delete(each)) state.handlers.sessionEnded(each, 'target_closed')
  }
  const session = state.captured.get(targetId)
  if (session !== undefined) tellEnding(state, takeOut(state, session), 'target_closed')
  state.handlers.targetGone(known.target)
}
