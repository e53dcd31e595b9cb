// Attaches to everything in a browser that can be captured, to any depth, each target on one session, and sets each session up in
// one write. Two modes: `passive` never holds a target; `complete` holds each new one until its set-up is written.
// It reads `Target.*` and gives everything else to its owner unread. What the modes give and cost: docs/attach.md.
import { type Clock, limits } from '@tabscope/schema'
import { forgetSetUp, sessionAnnounced, sessionDetached, targetDestroyed } from './attach-session.ts'
import type { AttachHandlers, AttachMode, AttachState } from './attach-state.ts'
import { attachPassively, seeTarget } from './attach-target.ts'
import { type Batch, createBatch } from './batch.ts'
import type { Connection } from './connection.ts'
import { fallBack } from './fall-back.ts'
import { type CdpMessage, isRecord } from './message.ts'
import { releaseAll } from './release.ts'
import type { CdpSession } from './session.ts'
import { watchForStalls } from './stall.ts'
import { browserFilter, readTarget, readText } from './targets.ts'

export interface AttachOptions {
  readonly connection: Connection
  readonly mode: AttachMode
  readonly clock: Clock
  readonly handlers: AttachHandlers
}

export interface Attachment {
  /** Begins to discover and attach. Once. */
  start(): void
  /** Give it every message of the connection. */
  receive(message: CdpMessage): void
  /** The captured sessions. */
  sessions(): Iterable<CdpSession>
  /**
   * Ends it and, in `complete`, lets go of what Chromium holds at this moment: await it before closing a connection in good order, or a
   * `window.open` may stay held. Never rejects; takes some 20 ms, at most `limits.attachReleaseMs`.
   */
  release(): Promise<void>
  /** Ends it at once: no handler is called any more. May be called twice. */
  close(): void
}

export function createAttachment(options: AttachOptions): Attachment {
  const state: AttachState = {
    ...options,
    isAutomatic: options.mode === 'complete',
    sessions: new Map(),
    captured: new Map(),
    targets: new Map(),
    asked: new Set(),
    ending: new Map(),
    outdated: new Set(),
    isListing: true,
    hasFailed: false,
    batch: undefined,
    owed: new Map(),
    isClosed: false,
    stopWatching: () => undefined,
  }
  return {
    start: () => start(state),
    receive: (message) => receive(state, message),
    sessions: () => state.sessions.values(),
    release: () => release(state),
    close: () => close(state),
  }
}

function start(state: AttachState): void {
  const { connection, clock, handlers } = state
  const batch = createBatch({
    clock,
    timeoutMs: limits.attachReadyMs,
    stuck: { ms: limits.attachStuckMs, isPossible: () => !state.isListing },
    // Without the list of targets nothing is known, also not that all is ready; then the listing itself fails in this moment.
    finished: () => {
      if (!state.isListing) handlers.ready()
    },
  })
  state.batch = batch
  connection.burst(() => {
    list(state, batch)
    if (state.mode === 'complete') attachToAll(state, batch)
  })
  if (state.mode !== 'complete') return
  state.stopWatching = watchForStalls({
    clock,
    beatMs: limits.attachBeatMs,
    stallMs: limits.attachStallMs,
    stalled: (pauseMs) => fallBack(state, `the event loop was blocked for ${Math.round(pauseMs)} ms`),
  })
}

function list(state: AttachState, batch: Batch): void {
  const end = batch.begin()
  state.connection.post(undefined, {
    method: 'Target.setDiscoverTargets',
    params: { discover: true, filter: browserFilter },
    timeoutMs: limits.attachReadyMs,
    done: (answer) => {
      // That the connection is lost its own owner is told.
      if (!answer.ok && answer.code !== 'closed') fail(state, answer.message)
      state.isListing = false
      end()
    },
  })
}

function attachToAll(state: AttachState, batch: Batch): void {
  const end = batch.begin()
  state.connection.post(undefined, {
    method: 'Target.setAutoAttach',
    params: { autoAttach: true, waitForDebuggerOnStart: true, flatten: true, filter: browserFilter },
    done: (answer) => {
      if (!answer.ok && answer.code !== 'closed') fail(state, answer.message)
      end()
    },
  })
}

function fail(state: AttachState, cause: string): void {
  if (state.isClosed || state.hasFailed) return
  state.hasFailed = true
  state.batch?.cancel()
  state.handlers.failed?.(cause)
}

function receive(state: AttachState, message: CdpMessage): void {
  if (state.isClosed) return
  if (message.method.startsWith('Target.')) {
    receiveTarget(state, message)
    return
  }
  const session = message.sessionId === undefined ? undefined : state.sessions.get(message.sessionId)
  // Of the browser's own session, of a duplicate, or of one that has just ended.
  if (session === undefined) return
  // It will not answer any more. A service worker that is stopping says this just after the attaching, and its target stays for
  // as long as somebody is attached (measured on Chromium 156).
  if (message.method === 'Inspector.targetCrashed') forgetSetUp(state, session.sessionId)
  state.handlers.message(session, message)
}

function receiveTarget(state: AttachState, message: CdpMessage): void {
  const { method, params, sessionId } = message
  const target = isRecord(params) ? readTarget(params['targetInfo']) : undefined
  const isAboutTarget = method === 'Target.targetCreated' || method === 'Target.targetInfoChanged'
  if (!isRecord(params) || (isAboutTarget && target === undefined)) {
    state.handlers.warning({ what: 'malformed_message', method })
  } else if (isAboutTarget && target !== undefined) {
    if (seeTarget(state, target)) attachPassively(state, target)
  } else if (method === 'Target.attachedToTarget') {
    sessionAnnounced(state, params, sessionId)
  } else if (method === 'Target.detachedFromTarget') {
    sessionDetached(state, readText(params['sessionId']) ?? '')
  } else if (method === 'Target.targetDestroyed') {
    targetDestroyed(state, readText(params['targetId']) ?? '')
  } else if (method === 'Target.targetCrashed') {
    targetCrashed(state, params)
  }
}

function targetCrashed(state: AttachState, params: Record<string, unknown>): void {
  const known = state.targets.get(readText(params['targetId']) ?? '')
  const errorCode = params['errorCode']
  if (known === undefined) return
  state.handlers.targetCrashed?.(known.target, {
    status: readText(params['status']) ?? 'crashed',
    errorCode: typeof errorCode === 'number' ? errorCode : 0,
  })
}

function close(state: AttachState): void {
  if (state.isClosed) return
  state.isClosed = true
  state.stopWatching()
  state.batch?.cancel()
}

function release(state: AttachState): Promise<void> {
  const isNeeded = state.isAutomatic && !state.isClosed
  close(state)
  return isNeeded ? releaseAll(state) : Promise.resolve()
}
