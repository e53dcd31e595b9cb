// Drafts of how capture itself is doing. They have no browser context: they are about the connection, not about a page.
import type { EventDraft, Source } from '@tabscope/schema'
import type { LossCause } from './machines/link.ts'

const source: Source = { kind: 'kernel_api' }
const common = { category: 'monitor', detailLevel: 'standard', source } as const

/** The published contract knows one reason only; what really happened is in `cause`. */
export function disconnectedDraft(cause: LossCause): EventDraft<'monitor_disconnected'> {
  return { ...common, type: 'monitor_disconnected', data: { reason: 'chrome_restarted', cause } }
}

export function reconnectedDraft(durationMs: number, targets: number): EventDraft<'monitor_reconnected'> {
  return { ...common, type: 'monitor_reconnected', data: { reconnect_duration_ms: Math.round(durationMs), targets } }
}

export function reconnectFailedDraft(): EventDraft<'monitor_reconnect_failed'> {
  return { ...common, type: 'monitor_reconnect_failed', data: { reason: 'reconnect_exhausted' } }
}

export function initFailedDraft(step: string): EventDraft<'monitor_init_failed'> {
  return { ...common, type: 'monitor_init_failed', data: { step } }
}

export function degradedDraft(what: {
  what: string
  detail?: string | undefined
  count: number
  since_ts?: number
}): EventDraft<'monitor_degraded'> {
  const { detail, ...rest } = what
  return { ...common, type: 'monitor_degraded', data: detail === undefined ? rest : { ...rest, detail } }
}
