// Drafts of the computed events of a tab: what its settling machine put out, with the context of its page.
import type { EventDraft } from '@tabscope/schema'
import type { SettleOutput } from './machines/settle.ts'
import { documentContext, type SessionScope, sourceOf } from './session-scope.ts'

/** The event of one output, or undefined when it is not wanted. `scope` is the tab's page session. */
export function settleDraft(scope: SessionScope, output: SettleOutput): EventDraft | undefined {
  const { plan } = scope
  switch (output.kind) {
    case 'idle':
      return plan.notices('network_idle') ? idleDraft(scope, output) : undefined
    case 'layout_settled':
      return plan.notices('page_layout_settled') ? layoutDraft(scope, output) : undefined
    case 'navigation_settled':
      return plan.notices('page_navigation_settled') ? navigationDraft(scope, output) : undefined
    default:
      return output satisfies never
  }
}

type OutputOf<Kind extends SettleOutput['kind']> = Extract<SettleOutput, { kind: Kind }>

function idleDraft(scope: SessionScope, output: OutputOf<'idle'>): EventDraft<'network_idle'> {
  const data: EventDraft<'network_idle'>['data'] = { ...documentContext(scope), idle_seq: output.idleSeq }
  if (output.ignored.length > 0) data.ignored_requests = [...output.ignored]
  if (output.lateAttach) data.late_attach = true
  return { type: 'network_idle', category: 'network', detailLevel: scope.plan.config.network.detail_level, source: sourceOf(scope), data }
}

function layoutDraft(scope: SessionScope, output: OutputOf<'layout_settled'>): EventDraft<'page_layout_settled'> {
  const data: EventDraft<'page_layout_settled'>['data'] = documentContext(scope)
  if (output.loadFired !== undefined) data.load_fired = output.loadFired
  if (output.lateAttach) data.late_attach = true
  return { type: 'page_layout_settled', category: 'page', detailLevel: scope.plan.config.page.detail_level, source: sourceOf(scope), data }
}

function navigationDraft(scope: SessionScope, output: OutputOf<'navigation_settled'>): EventDraft<'page_navigation_settled'> {
  const data: EventDraft<'page_navigation_settled'>['data'] = { ...documentContext(scope) }
  if (output.domContentLoadedMs !== undefined) data.dom_content_loaded_ms = milliseconds(output.domContentLoadedMs)
  if (output.networkIdleMs !== undefined) data.network_idle_ms = milliseconds(output.networkIdleMs)
  if (output.layoutSettledMs !== undefined) data.layout_settled_ms = milliseconds(output.layoutSettledMs)
  if (output.durationMs !== undefined) data.duration_ms = milliseconds(output.durationMs)
  if (output.ignored.length > 0) data.ignored_requests = [...output.ignored]
  if (output.lateAttach) data.late_attach = true
  if (output.timedOut) {
    data.timed_out = true
    data.waiting_for = [...output.waitingFor]
  }
  return {
    type: 'page_navigation_settled',
    category: 'page',
    detailLevel: scope.plan.config.page.detail_level,
    source: sourceOf(scope),
    data,
  }
}

const milliseconds = (value: number): number => Math.round(value * 1000) / 1000
