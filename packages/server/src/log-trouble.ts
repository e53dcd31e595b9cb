// Says what goes wrong with the disk: in the server's own log, and as an event for those who watch the browser.
import type { LogTrouble } from '@tabscope/log'
import type { EventDraft, Publish } from '@tabscope/schema'
import type { Logger } from './log-line.ts'

export function tellTrouble(trouble: LogTrouble, { logger, publish }: { logger: Logger; publish: Publish }): void {
  logger.warn(trouble, 'the log of events')
  const draft = degradedDraft(trouble)
  if (draft !== undefined) publish(draft)
}

/** What readers should know; undefined for what only the operator can use. */
function degradedDraft(trouble: LogTrouble): EventDraft<'monitor_degraded'> | undefined {
  const about = { type: 'monitor_degraded', category: 'monitor', detailLevel: 'standard', source: { kind: 'kernel_api' } } as const
  switch (trouble.kind) {
    case 'disk_full':
    case 'read_only':
    case 'write_failed':
    case 'disk_behind':
    case 'numbers_exhausted':
      return { ...about, data: { what: trouble.kind, detail: trouble.message, since_ts: trouble.sinceUs } }
    case 'recovered':
      return { ...about, data: { what: 'disk_recovered', since_ts: trouble.sinceUs, count: trouble.lostCount } }
    case 'damaged':
    case 'protected_removed':
    case 'cleanup_failed':
      return undefined
  }
}
