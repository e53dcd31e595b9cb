// What an attachment knows, and what it tells its owner. No behaviour: that is in attach-target.ts, attach-session.ts and fall-back.ts.
import type { Clock } from '@tabscope/schema'
import type { Batch } from './batch.ts'
import type { Command, Connection } from './connection.ts'
import type { CdpMessage } from './message.ts'
import type { CdpSession } from './session.ts'
import type { SeenTarget } from './targets.ts'

export type AttachMode = 'passive' | 'complete'

/** Something that went wrong and was got over. */
export interface AttachWarning {
  readonly what: 'command_failed' | 'attach_failed' | 'malformed_message' | 'too_many_targets'
  readonly method?: string
  readonly message?: string
}

/** How a crashed target ended: Chromium's status (`crashed`, `killed`, `oom`, …) and the exit code or signal. */
export interface TargetCrash {
  readonly status: string
  readonly errorCode: number
}

/** What an attachment calls. All of it is synchronous, in the order in which Chromium said it; none of it is called after `close`. */
export interface AttachHandlers {
  /** The returned commands leave in the same write, after `Target.setAutoAttach` and before `Runtime.runIfWaitingForDebugger`. */
  sessionStarted(session: CdpSession): readonly Command[]
  /** `detached`: the target lives on. After a fall-back `sessionStarted` of the session that `replaces` this one comes first. */
  sessionEnded(session: CdpSession, cause: 'detached' | 'target_closed'): void
  /** A target that can be captured was seen for the first time; always before its session. */
  targetSeen(target: SeenTarget, how: { existing: boolean }): void
  /** Its URL or title (or type) is another. */
  targetChanged(target: SeenTarget): void
  /** After `sessionEnded`. */
  targetGone(target: SeenTarget): void
  targetCrashed?(target: SeenTarget, crash: TargetCrash): void
  /** Everything of a captured session but `Target.*`. With `Inspector.targetCrashed` among the wanted methods, nobody waits for a dying target. */
  message(session: CdpSession, message: CdpMessage): void
  warning(warning: AttachWarning): void
  /** Once: every target that existed is attached and its set-up answered or failed, or `limits.attachReadyMs` have passed. */
  ready(): void
  /** Attaching does not work on this connection (discovery was refused or not answered). `ready` will not come. */
  failed?(cause: string): void
  /** `complete` became `passive` after the event loop was blocked. */
  modeFellBack?(cause: string): void
}

export interface KnownTarget {
  target: SeenTarget
  readonly existing: boolean
}

/** A session that is over, with the sessions that ended because of it, innermost first. All get the same cause. */
export interface Ending {
  readonly session: CdpSession
  readonly inner: Set<CdpSession>
}

export interface AttachState {
  readonly connection: Connection
  readonly clock: Clock
  readonly handlers: AttachHandlers
  mode: AttachMode
  /** Chromium attaches us to every new target by itself, and holds it. Also true while a fall-back is under way. */
  isAutomatic: boolean
  /** Captured sessions by session id. */
  readonly sessions: Map<string, CdpSession>
  /** The session on which a target is captured, by target id. */
  readonly captured: Map<string, CdpSession>
  readonly targets: Map<string, KnownTarget>
  /** Targets with an `attachToTarget` under way. */
  readonly asked: Set<string>
  /** Detached sessions of which it is not known yet whether their target lives on, by target id. */
  readonly ending: Map<string, Ending>
  /** Sessions of before a fall-back, which the next session on their target replaces. */
  readonly outdated: Set<CdpSession>
  /** Until discovery is answered, what is seen existed before. */
  isListing: boolean
  hasFailed: boolean
  /** Set-up that somebody waits for: of the existing targets, or of a fall-back. */
  batch: Batch | undefined
  /** What each session's set-up still owes to that batch, by session id: how to end it without an answer. */
  readonly owed: Map<string, Set<() => void>>
  isClosed: boolean
  stopWatching: () => void
}
