// A CDP session on one captured target, and its place in the tree of tabs, frames and workers. Gives no meaning to messages.
import type { Command, Connection } from './connection.ts'
import type { SeenTarget } from './targets.ts'

/** A session on a target that is captured. Constant for its whole life, but for `url` and `title` at attach time. */
export interface CdpSession {
  readonly sessionId: string
  readonly targetId: string
  readonly targetType: string
  /** As it was at attach; empty for a window that has not committed anything. */
  readonly url: string
  readonly title: string
  readonly openerId: string | undefined
  readonly parentFrameId: string | undefined
  /** The session that announced this one: the frame or worker that holds it. Undefined for tabs, shared and service workers. */
  readonly parent: CdpSession | undefined
  /** The tab this belongs to: itself for pages, undefined for shared and service workers and what they hold. */
  readonly page: CdpSession | undefined
  /** The target was there before the attachment began. */
  readonly existing: boolean
  readonly waitingForDebugger: boolean
  /** The session on the same target that this one takes the place of, after a fall-back. */
  readonly replaces: CdpSession | undefined
  post(command: Command): void
}

export interface SessionOptions {
  readonly connection: Connection
  readonly sessionId: string
  readonly target: SeenTarget
  readonly parent: CdpSession | undefined
  readonly existing: boolean
  readonly waitingForDebugger: boolean
  readonly replaces: CdpSession | undefined
}

const pageTypes: ReadonlySet<string> = new Set(['page', 'background_page'])
const workersOfNoPage: ReadonlySet<string> = new Set(['shared_worker', 'service_worker'])

/** The session of `target`; a page is its own `page`. */
export function createSession(options: SessionOptions): CdpSession {
  const { connection, sessionId, target, existing, waitingForDebugger, replaces } = options
  const isPage = pageTypes.has(target.type)
  const parent = isPage ? undefined : options.parent
  const session: Omit<CdpSession, 'page'> & { page: CdpSession | undefined } = {
    sessionId,
    targetId: target.targetId,
    targetType: target.type,
    url: target.url,
    title: target.title,
    openerId: target.openerId,
    parentFrameId: target.parentFrameId,
    parent,
    page: workersOfNoPage.has(target.type) ? undefined : parent?.page,
    existing,
    waitingForDebugger,
    replaces,
    post: (command) => connection.post(sessionId, command),
  }
  if (isPage) session.page = session
  return session
}
