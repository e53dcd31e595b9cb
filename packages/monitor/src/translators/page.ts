// Translates CDP's Page domain: navigations of every frame, the life of the top document, renderer crashes.
// https://chromedevtools.github.io/devtools-protocol/tot/Page/
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { closeRequests } from '../network/endings.ts'
import { documentContext, type SessionScope, sourceOf, targetContext } from '../session-scope.ts'
import { announceNavigation, type Frame, rememberFrame, type Tab } from '../tabs/tab.ts'
import type { HandlerTable, Stamp, Step } from '../translator.ts'

type NavigationType = NonNullable<EventDraft<'page_navigation'>['data']['navigation_type']>

export const pageHandlers = {
  'Page.frameStartedNavigating': frameStartedNavigating,
  'Page.frameNavigated': frameNavigated,
  'Page.frameDetached': frameDetached,
  'Page.navigatedWithinDocument': navigatedWithinDocument,
  'Page.domContentEventFired': domContentEventFired,
  'Page.loadEventFired': loadEventFired,
  'Page.lifecycleEvent': lifecycleEvent,
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
  if (!isTop && scope.rootFrame?.frameId === frame.frameId) scope.rootFrame = frame
  const drafts = [navigationDraft(scope, frame, { event: 'Page.frameNavigated', navigationType })].filter(() =>
    scope.plan.publishes('page_navigation'),
  )
  if (!isTop) return { drafts }
  return { drafts, signals: [navigatedSignal(tab, frame, navigationType, stamp)] }
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

// CDP's names for how a navigation starts, in the words of our schema. Same-document kinds never commit a document.
function navigationTypeOf(announced: string | undefined): NavigationType | undefined {
  if (announced === 'differentDocument') return 'navigate'
  if (announced === 'reload' || announced === 'reloadBypassingCache') return 'reload'
  return announced === 'restore' || announced === 'restoreWithPost' || announced === 'historyDifferentDocument' ? 'back_forward' : undefined
}

function frameOf(scope: SessionScope, frame: Protocol.Page.Frame): Frame {
  // The root of an out-of-process iframe does not always name its parent; its target does.
  const parentFrameId = frame.parentId ?? (scope.targetType === 'iframe' ? scope.session.parentFrameId : undefined)
  return { frameId: frame.id, parentFrameId, loaderId: frame.loaderId, url: frame.url + (frame.urlFragment ?? '') }
}

function navigationDraft(
  scope: SessionScope,
  frame: Frame,
  how: { event?: string; navigationType?: NavigationType | undefined; isLate?: boolean },
): EventDraft<'page_navigation'> {
  const data: EventDraft<'page_navigation'>['data'] = {
    ...targetContext(scope),
    url: frame.url ?? 'about:blank',
    frame_id: frame.frameId,
    loader_id: frame.loaderId ?? '',
  }
  if (frame.parentFrameId !== undefined) data.parent_frame_id = frame.parentFrameId
  if (how.navigationType !== undefined) data.navigation_type = how.navigationType
  if (how.isLate === true) data.late_attach = true
  return {
    type: 'page_navigation',
    category: 'page',
    detailLevel: scope.plan.config.page.detail_level,
    source: sourceOf(scope, how.event),
    data,
  }
}

function frameDetached(scope: SessionScope, message: Protocol.Page.FrameDetachedEvent): undefined {
  // A swap only moves the frame to another process; its document goes on there.
  if (message.reason === 'remove') scope.tab?.frames.delete(message.frameId)
}

function navigatedWithinDocument(scope: SessionScope, message: Protocol.Page.NavigatedWithinDocumentEvent): Step | undefined {
  const frame = scope.tab?.frames.get(message.frameId)
  if (frame !== undefined) frame.url = message.url
  const isTop = scope.targetType === 'page' && frame !== undefined && frame === scope.tab?.mainFrame
  if (isTop && scope.tab !== undefined) scope.tab.routeSeq += 1
  if (!scope.plan.publishes('page_navigated_within_document')) return undefined
  const data: EventDraft<'page_navigated_within_document'>['data'] = {
    ...documentContext(scope, frame),
    frame_id: message.frameId,
    url: message.url,
  }
  data.navigation_type = message.navigationType === 'historyApi' ? 'history_api' : message.navigationType
  if (isTop && scope.tab !== undefined) data.route_seq = scope.tab.routeSeq
  return { drafts: [{ ...pageDraft(scope, 'Page.navigatedWithinDocument'), type: 'page_navigated_within_document', data }] }
}

function pageDraft(scope: SessionScope, event?: string): Pick<EventDraft<'page_load'>, 'category' | 'detailLevel' | 'source'> {
  return { category: 'page', detailLevel: scope.plan.config.page.detail_level, source: sourceOf(scope, event) }
}

function domContentEventFired(scope: SessionScope, message: Protocol.Page.DomContentEventFiredEvent, stamp: Stamp): Step | undefined {
  return documentMilestone(scope, { type: 'page_dom_content_loaded', atS: message.timestamp, event: 'Page.domContentEventFired' }, stamp)
}

function loadEventFired(scope: SessionScope, message: Protocol.Page.LoadEventFiredEvent, stamp: Stamp): Step | undefined {
  return documentMilestone(scope, { type: 'page_load', atS: message.timestamp, event: 'Page.loadEventFired' }, stamp)
}

interface Milestone {
  readonly type: 'page_dom_content_loaded' | 'page_load'
  readonly atS: number
  readonly event?: string
  readonly isLate?: boolean
}

// Only a tab's own document has them: for subframes Chromium tells none, but for the roots of out-of-process iframes.
function documentMilestone(scope: SessionScope, milestone: Milestone, stamp: Stamp): Step | undefined {
  const { tab } = scope
  // The initial empty document of a new tab loads, too; nobody navigated there.
  if (scope.targetType !== 'page' || tab === undefined || tab.navSeq === undefined || tab.navSeq === 0) return undefined
  const kind = milestone.type === 'page_load' ? 'load' : 'dom_content_loaded'
  const signals = milestone.isLate === true ? [] : [{ tab, input: { kind, atMs: stamp.atMs } as const }]
  if (!scope.plan.publishes(milestone.type)) return { signals }
  const data: EventDraft<'page_load'>['data'] = { ...documentContext(scope), cdp_timestamp: milestone.atS }
  if (milestone.isLate === true) data.late_attach = true
  return { signals, drafts: [{ ...pageDraft(scope, milestone.event), type: milestone.type, data }] }
}

function targetCrashed(scope: SessionScope, _message: unknown, stamp: Stamp): Step | undefined {
  const isWorker = scope.targetType === 'shared_worker' || scope.targetType === 'service_worker' || scope.targetType === 'worker'
  const type = isWorker ? 'page_worker_ended' : 'page_crashed'
  const closed = closeRequests(scope, 'target_crashed', stamp)
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

/** Takes over the frames that were there before the session, and finds out whether the tab's document came too early to be seen. */
export function frameTreeAnswered(scope: SessionScope, tree: Protocol.Page.FrameTree): Step | undefined {
  const { tab } = scope
  if (tab === undefined) return undefined
  const root = frameOf(scope, tree.frame)
  const seeded = seedFrames(scope, tab, tree, undefined)
  if (scope.targetType !== 'page') {
    scope.rootFrame ??= tab.frames.get(root.frameId)
    // An out-of-process iframe gets its session when its document commits, so that is not told but found.
    return scope.session.existing ? undefined : foundFrames(scope, tab, seeded)
  }
  scope.rootFrame ??= tab.mainFrame
  // A live navigation has told more already.
  if (tab.mainFrame === undefined || tab.mainFrame.loaderId !== root.loaderId) return undefined
  return lateDocument(scope, tab)
}

// Remembers the frames of a tree whose documents were not known, and gives them.
function seedFrames(scope: SessionScope, tab: Tab, tree: Protocol.Page.FrameTree, parentFrameId: string | undefined): Frame[] {
  const told = frameOf(scope, tree.frame)
  const frame = parentFrameId === undefined ? told : { ...told, parentFrameId }
  const isKnown = tab.frames.get(frame.frameId)?.loaderId === frame.loaderId
  // Only a page's tree may name the tab's main frame.
  const isForeignRoot = scope.targetType !== 'page' && frame.parentFrameId === undefined
  if (!isKnown && !isForeignRoot) rememberFrame(tab, frame)
  const children = (tree.childFrames ?? []).slice(0, limits.framesPerTab)
  const found = children.flatMap((child) => seedFrames(scope, tab, child, frame.frameId))
  return isKnown ? found : [frame, ...found]
}

function foundFrames(scope: SessionScope, tab: Tab, frames: readonly Frame[]): Step | undefined {
  if (!scope.plan.publishes('page_navigation')) return undefined
  const loaded = frames.filter((frame) => frame.parentFrameId !== undefined && !isBlank(frame.url))
  return {
    drafts: loaded.map((frame) => {
      const announced = frame.loaderId === undefined ? undefined : tab.announced.get(frame.loaderId)
      return navigationDraft(scope, frame, { navigationType: navigationTypeOf(announced), isLate: announced === undefined })
    }),
  }
}

// What to make of a document that was there before its session: nothing for the initial empty one, a known one for a tab seen
// before, and else one that is told as far as it is still known.
function lateDocument(scope: SessionScope, tab: Tab): Step | undefined {
  const frame = tab.mainFrame
  if (frame === undefined || scope.late !== undefined) return undefined
  const { memory } = scope
  const isSeen = memory.navSeq !== undefined && memory.loaderId === frame.loaderId
  const isInitial = !scope.session.existing && memory.navSeq === undefined && isBlank(frame.url)
  if (isInitial) return undefined
  const isNews = !isSeen && !(scope.session.existing && memory.navSeq === undefined)
  if (!isSeen) tab.navSeq = memory.navSeq === undefined ? 1 : memory.navSeq + 1
  memory.navSeq = tab.navSeq
  memory.loaderId = frame.loaderId
  scope.late = { frameId: frame.frameId, domContentLoadedAtS: undefined, loadAtS: undefined, isNews }
  if (!isNews || !scope.plan.publishes('page_navigation')) return undefined
  return { drafts: [navigationDraft(scope, frame, { isLate: true })] }
}

function isBlank(url: string | undefined): boolean {
  return url === undefined || url === '' || url === ':' || url === 'about:blank'
}

// Comes only in answer to `setLifecycleEventsEnabled`, which tells what the current documents have behind them.
function lifecycleEvent(scope: SessionScope, message: Protocol.Page.LifecycleEventEvent): undefined {
  if (scope.late === undefined || scope.late.frameId !== message.frameId) return
  if (message.name === 'DOMContentLoaded') scope.late.domContentLoadedAtS = message.timestamp
  if (message.name === 'load') scope.late.loadAtS = message.timestamp
}

/** Ends the story of a late document: its milestones are told if they are news, and its settling begins. */
export function lifecycleAnswered(scope: SessionScope, stamp: Stamp): Step | undefined {
  const { tab, late } = scope
  if (tab === undefined || late === undefined) return undefined
  scope.late = undefined
  const drafts: EventDraft[] = []
  if (late.isNews && late.domContentLoadedAtS !== undefined) {
    const step = documentMilestone(scope, { type: 'page_dom_content_loaded', atS: late.domContentLoadedAtS, isLate: true }, stamp)
    drafts.push(...(step?.drafts ?? []))
  }
  if (late.isNews && late.loadAtS !== undefined) {
    drafts.push(...(documentMilestone(scope, { type: 'page_load', atS: late.loadAtS, isLate: true }, stamp)?.drafts ?? []))
  }
  const readyState = late.loadAtS !== undefined ? 'complete' : late.domContentLoadedAtS !== undefined ? 'interactive' : 'loading'
  return { drafts, signals: [{ tab, input: { kind: 'attached_late', atMs: stamp.atMs, navSeq: tab.navSeq ?? 1, readyState } }] }
}
