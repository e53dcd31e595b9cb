// Translates CDP's PerformanceTimeline domain: layout shifts and largest contentful paints.
// CDP's times are seconds since the epoch; ours are milliseconds, as doubles (the published contract).
// https://chromedevtools.github.io/devtools-protocol/tot/PerformanceTimeline/
import type { EventDraft } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { admitHistory } from '../replay.ts'
import { documentContext, rootFrameOf, type SessionScope, sourceOf } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import type { HandlerTable, Step } from '../translator.ts'

export const timelineHandlers = {
  'PerformanceTimeline.timelineEventAdded': timelineEventAdded,
} as const satisfies HandlerTable

const source = 'PerformanceTimeline.timelineEventAdded'

function timelineEventAdded(
  scope: SessionScope,
  message: Protocol.PerformanceTimeline.TimelineEventAddedEvent,
  stamp: Stamp,
): Step | undefined {
  const { event } = message
  const history = admitHistory(scope, 'timeline', event.time)
  if (history === 'known') return undefined
  const isReplayed = history === 'replayed'
  if (event.type === 'layout-shift') return layoutShift(scope, event, isReplayed, stamp)
  return event.type === 'largest-contentful-paint' ? largestPaint(scope, event, isReplayed) : undefined
}

function layoutShift(scope: SessionScope, event: Protocol.PerformanceTimeline.TimelineEvent, isReplayed: boolean, stamp: Stamp): Step {
  const details = event.layoutShiftDetails
  const { tab } = scope
  if (tab !== undefined && details?.hadRecentInput === false) tab.cumulativeShift += details.value
  // What is replayed lies before the session: it says nothing about whether the page is quiet now.
  const signals = tab === undefined || isReplayed ? [] : [{ tab, input: { kind: 'layout_shift', atMs: stamp.atMs } as const }]
  if (!scope.plan.publishes('page_layout_shift')) return { signals }
  const data: EventDraft<'page_layout_shift'>['data'] = {
    ...documentContext(scope),
    source_frame_id: event.frameId,
    time: event.time * 1000,
    duration: (event.duration ?? 0) * 1000,
  }
  if (details !== undefined) data.layout_shift_details = { value: details.value, had_recent_input: details.hadRecentInput }
  if (tab !== undefined) data.cumulative_score = tab.cumulativeShift
  if (isReplayed) data.replayed = true
  if (details !== undefined && scope.plan.captures('page_layout_shift.sources')) data.sources = details.sources.map(shiftedElement)
  return { signals, drafts: [draft(scope, 'page_layout_shift', data)] }
}

function shiftedElement(
  element: Protocol.PerformanceTimeline.LayoutShiftAttribution,
): NonNullable<EventDraft<'page_layout_shift'>['data']['sources']>[number] {
  const { previousRect, currentRect, nodeId } = element
  return { previous_rect: previousRect, current_rect: currentRect, ...(nodeId === undefined ? {} : { node_id: nodeId }) }
}

// One literal with every field, undefined where there is nothing: see network/response-draft.ts.
function largestPaint(scope: SessionScope, event: Protocol.PerformanceTimeline.TimelineEvent, isReplayed: boolean): Step | undefined {
  if (!scope.plan.publishes('page_lcp')) return undefined
  const frame = rootFrameOf(scope)
  const data: EventDraft<'page_lcp'>['data'] = {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    frame_id: frame?.frameId,
    loader_id: frame?.loaderId,
    url: frame?.url ?? scope.url,
    nav_seq: scope.tab?.navSeq,
    source_frame_id: event.frameId,
    time: event.time * 1000,
    lcp_details: event.lcpDetails === undefined ? undefined : paintDetails(event.lcpDetails),
    replayed: isReplayed ? true : undefined,
  }
  return { drafts: [draft(scope, 'page_lcp', data)] }
}

function paintDetails(details: Protocol.PerformanceTimeline.LargestContentfulPaint): EventDraft<'page_lcp'>['data']['lcp_details'] {
  return {
    size: details.size,
    // 0 stands for "not known": a cross-origin image without Timing-Allow-Origin has no render time, a text no load time.
    render_time: details.renderTime > 0 ? details.renderTime * 1000 : undefined,
    load_time: details.loadTime > 0 ? details.loadTime * 1000 : undefined,
    element_id: details.elementId === '' ? undefined : details.elementId,
    url: details.url === '' ? undefined : details.url,
    node_id: details.nodeId,
  }
}

function draft<Type extends 'page_layout_shift' | 'page_lcp'>(
  scope: SessionScope,
  type: Type,
  data: EventDraft<Type>['data'],
): EventDraft<Type> {
  return { type, category: 'page', detailLevel: scope.plan.config.page.detail_level, source: sourceOf(scope, source), data }
}
