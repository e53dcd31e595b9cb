// One connection's capture, from the opening of the socket to its end: connection, attachment and session monitor put together.
// It never opens a second one; when to do that is the supervisor's business.
import { type AttachHandlers, type Connection, createAttachment, type OpenTransport, openConnection } from '@tabscope/cdp'
import type { AttachMode, Clock, HeldPart, Publish } from '@tabscope/schema'
import type { CapturePlan } from './capture.ts'
import type { MonitorWarning } from './monitor-warning.ts'
import type { GrabDisplay } from './screenshot/display-camera.ts'
import { createSessionMonitor } from './session-monitor.ts'
import type { TabMemory } from './tabs/tab-memory.ts'
import { wantedMethods } from './wanted-methods.ts'

export interface CaptureOptions {
  readonly open: OpenTransport
  readonly clock: Clock
  readonly publish: Publish
  readonly plan: CapturePlan
  readonly mode: AttachMode
  readonly memory: TabMemory
  readonly signal: AbortSignal
  readonly warn: (warning: MonitorWarning) => void
  readonly randomName: () => string
  /** Takes a picture of the browser's display, when that is ours. */
  readonly grabDisplay?: GrabDisplay | undefined
  /** Every target that existed is attached: capture works. */
  readonly ready: () => void
  /** Nothing can be attached on this connection. */
  readonly failed: (step: string, cause: string) => void
  /** The connection ended by itself; everything that was open has been closed with events. */
  readonly closed: (cause: string) => void
}

export interface CaptureConnection {
  readonly connection: Connection
  change(plan: CapturePlan): void
  sessionCount(): number
  /** What is kept in memory, beside its bounds. */
  held(): HeldPart[]
  /** Ends capture at once and then the connection, after everything that it holds was let go. Open requests are closed with an event of this text. */
  close(errorText: string): Promise<void>
}

/** Opens the socket and begins to attach; rejects when the socket cannot be opened. */
export async function openCapture(options: CaptureOptions): Promise<CaptureConnection> {
  const { clock, plan, warn } = options
  const monitor = createSessionMonitor({ ...options, ready: options.ready })
  let isOver = false
  const connection = await openConnection({
    open: options.open,
    clock,
    wanted: wantedMethods(plan),
    signal: options.signal,
    onMessage: (message) => attachment.receive(message),
    onClosed: (cause) => {
      if (isOver) return
      isOver = true
      attachment.close()
      monitor.end('connection_lost')
      options.closed(cause)
    },
  })
  const handlers: AttachHandlers = {
    ...monitor.handlers,
    failed: (cause) => options.failed(options.mode === 'complete' ? 'Target.setAutoAttach' : 'Target.setDiscoverTargets', cause),
    modeFellBack: (cause) => warn({ what: 'attach_fell_back', message: cause }),
  }
  const attachment = createAttachment({ connection, mode: options.mode, clock, handlers })
  attachment.start()
  return {
    connection,
    change: (next) => {
      connection.setWanted(wantedMethods(next))
      connection.burst(() => monitor.change(next))
    },
    sessionCount: () => monitor.sessionCount(),
    held: () => monitor.held(connection.openCommands),
    close: async (errorText) => {
      if (isOver) return
      isOver = true
      connection.burst(() => monitor.leavePages())
      monitor.end(errorText)
      // A window that is held at this moment would stay held for ever.
      await attachment.release()
      attachment.close()
      connection.close()
    },
  }
}
