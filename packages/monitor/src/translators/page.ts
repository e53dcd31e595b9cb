// Translates CDP's Page domain: navigations of every frame, the life of the top document, renderer crashes.
// https://chromedevtools.github.io/devtools-protocol/tot/Page/
import type { EventDraft } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { frameCommitted } from '../interaction/setup.ts'
import { closeRequests } from '../network/endings.ts'
import { lookBack, nothingMissed } from '../network/look-back.ts'
import { documentContext, type SessionScope } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import { announceNavigation, type Frame, rememberFrame, type Tab } from '../tabs/tab.ts'
import { cutUrl } from '../text-cut.ts'
import { type HandlerTable, joinSteps, type Step } from '../translator.ts'
import { keepForLate, lifecycleHandlers } from './late-document.ts'
import { documentMilestone, frameOf, isBlank, type NavigationType, navigationDraft, navigationTypeOf, pageDraft } from './page-drafts.ts'

export const pageHandlers = {
  'Page.frameStartedNavigating': frameStartedNavigating,
  'Page.frameNavigated': (scope: SessionScope, message: Protocol.Page.FrameNavigatedEvent, stamp: Stamp) =>
    joinSteps(frameNavigated(scope, message, stamp), frameCommitted(scope, message.frame.id)),
  'Page.frameDetached': frameDetached,
  'Page.navigatedWithinDocument': navigatedWithinDocument,
  'Page.domContentEventFired': domContentEventFired,
  'Page.loadEventFired': loadEventFired,
  ...lifecycleHandlers,
} as const satisfies HandlerTable

export const inspectorHandlers = {
  'Inspector.targetCrashed': targetCrashed,
} as const satisfies HandlerTable

function frameStartedNavigating(scope: SessionScope, message: Protocol.Page.FrameStartedNavigatingEvent): undefined {
  if (scope.tab !== undefined) announceNavigation(scope.tab, message.loaderId, message.navigationType)
}

function frameNavigated(scope: SessionScope, message: Protocol.Page.FrameNavigatedEvent, stamp: Stamp): Step | undefined {
  const frame = frameOf(scope, message.frame)
  const { tab } = scope
  if (tab === undefined) return undefined
  const announced = frame.loaderId === undefined ? undefined : tab.announced.get(frame.loaderId)
  const navigationType = message.type === 'BackForwardCacheRestore' ? 'bfcache_restore' : navigationTypeOf(announced)
  const isTop = scope.targetType === 'page' && frame.parentFrameId === undefined
  if (isTop && isInitialDocument(tab, frame)) return keepInitialDocument(scope, tab, frame)
  if (isTop) commitTopDocument(scope, tab, frame)
  else rememberFrame(tab, frame)
  if (!isTop && scope.rootFrame?.frameId === frame.frameId) {
    if (scope.rootFrame.loaderId !== frame.loaderId) nothingMissed(scope)
    scope.rootFrame = frame
  }
  const drafts = [navigationDraft(scope, frame, { event: 'Page.frameNavigated', navigationType })].filter(() =>
    scope.plan.publishes('page_navigation'),
  )
  if (!isTop) return { drafts }
  return joinSteps({ drafts, signals: [navigatedSignal(tab, frame, navigationType, stamp)] }, lookBack(scope))
}

// A new tab begins with an empty document. Chromium commits it before or after the attaching, as the race goes, so it never counts.
function isInitialDocument(tab: Tab, frame: Frame): boolean {
  return tab.navSeq === 0 && isBlank(frame.url)
}

function keepInitialDocument(scope: SessionScope, tab: Tab, frame: Frame): undefined {
  rememberFrame(tab, frame)
  scope.rootFrame = frame
}

function commitTopDocument(scope: SessionScope, tab: Tab, frame: Frame): void {
  tab.navSeq = (tab.navSeq ?? 0) + 1
  if (tab.navSeq > 1) nothingMissed(scope)
  tab.routeSeq = 0
  tab.cumulativeShift = 0
  tab.frames.clear()
  rememberFrame(tab, frame)
  scope.rootFrame = frame
  scope.late = undefined
  scope.memory.navSeq = tab.navSeq
  scope.memory.loaderId = frame.loaderId
}

function navigatedSignal(
  tab: Tab,
  frame: Frame,
  navigationType: NavigationType | undefined,
  stamp: Stamp,
): NonNullable<Step['signals']>[number] {
  return {
    tab,
    input: {
      kind: 'navigated',
      atMs: stamp.atMs,
      navSeq: tab.navSeq ?? 0,
      navigationType,
      documentRequestKey: frame.loaderId,
      loaderId: frame.loaderId,
    },
  }
}

function frameDetached(scope: SessionScope, message: Protocol.Page.FrameDetachedEvent): undefined {
  // A swap only moves the frame to another process; its document goes on there.
  if (message.reason === 'remove') scope.tab?.frames.delete(message.frameId)
}

function navigatedWithinDocument(scope: SessionScope, message: Protocol.Page.NavigatedWithinDocumentEvent): Step | undefined {
  const frame = scope.tab?.frames.get(message.frameId)
  const url = cutUrl(message.url).text
  if (frame !== undefined) frame.url = url
  const isTop = scope.targetType === 'page' && frame !== undefined && frame === scope.tab?.mainFrame
  if (isTop && scope.tab !== undefined) scope.tab.routeSeq += 1
  if (!scope.plan.publishes('page_navigated_within_document')) return undefined
  const data: EventDraft<'page_navigated_within_document'>['data'] = {
    ...documentContext(scope, frame),
    frame_id: message.frameId,
    url,
  }
  data.navigation_type = message.navigationType === 'historyApi' ? 'history_api' : message.navigationType
  if (isTop && scope.tab !== undefined) data.route_seq = scope.tab.routeSeq
  return { drafts: [{ ...pageDraft(scope, 'Page.navigatedWithinDocument'), type: 'page_navigated_within_document', data }] }
}

function domContentEventFired(scope: SessionScope, message: Protocol.Page.DomContentEventFiredEvent, stamp: Stamp): Step | undefined {
  if (keepForLate(scope, 'domContentLoadedAtS', message.timestamp)) return undefined
  return documentMilestone(scope, { type: 'page_dom_content_loaded', atS: message.timestamp, event: 'Page.domContentEventFired' }, stamp)
}

function loadEventFired(scope: SessionScope, message: Protocol.Page.LoadEventFiredEvent, stamp: Stamp): Step | undefined {
  if (keepForLate(scope, 'loadAtS', message.timestamp)) return undefined
  return documentMilestone(scope, { type: 'page_load', atS: message.timestamp, event: 'Page.loadEventFired' }, stamp)
}

function targetCrashed(scope: SessionScope, _message: unknown, stamp: Stamp): Step | undefined {
  const isWorker = scope.targetType === 'shared_worker' || scope.targetType === 'service_worker' || scope.targetType === 'worker'
  const type = isWorker ? 'page_worker_ended' : 'page_crashed'
  // For workers Chromium says this at every end, a crash or not.
  const closed = closeRequests(scope, isWorker ? 'target_closed' : 'target_crashed', stamp)
  const data = {
    ...documentContext(scope),
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    url: documentContext(scope).url ?? 'about:blank',
  }
  const drafts = scope.plan.publishes(type) ? [{ ...pageDraft(scope, 'Inspector.targetCrashed'), type, data } as const] : []
  const isTab = scope.targetType === 'page' && scope.tab !== undefined
  const cancel = isTab && scope.tab !== undefined ? [{ tab: scope.tab, input: { kind: 'cancel', atMs: stamp.atMs } as const }] : []
  return { drafts: [...(closed?.drafts ?? []), ...drafts], signals: [...(closed?.signals ?? []), ...cancel] }
}
