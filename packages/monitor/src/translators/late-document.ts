// Documents that were there before their session: the frames of a tab that was open, and what its document has behind it.
// Told as far as it is still known, with `late_attach`; a tab from before capture gets its context, not an invented navigation.
import { type EventDraft, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { lookBack } from '../network/look-back.ts'
import type { LateDocument, SessionScope } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import { type Frame, rememberFrame, type Tab } from '../tabs/tab.ts'
import { type HandlerTable, joinSteps, type Question, type Step } from '../translator.ts'
import { documentMilestone, frameOf, isBlank, navigationDraft, navigationTypeOf } from './page-drafts.ts'
import { mayBeWritten, originQuestion } from './written-frame.ts'

export const lifecycleHandlers = {
  'Page.lifecycleEvent': lifecycleEvent,
} as const satisfies HandlerTable

/** Takes over the frames that were there before the session, and finds out whether the tab's document came too early to be seen. */
export function frameTreeAnswered(scope: SessionScope, tree: Protocol.Page.FrameTree): Step | undefined {
  const { tab } = scope
  if (tab === undefined) return undefined
  const root = frameOf(scope, tree.frame)
  const seeded = seedFrames(scope, tab, tree, undefined)
  if (scope.targetType !== 'page') {
    scope.rootFrame ??= tab.frames.get(root.frameId)
    // An out-of-process iframe gets its session when its document commits, so that is not told but found.
    return scope.session.existing ? undefined : joinSteps(foundFrames(scope, tab, seeded), lookBack(scope))
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
  const draftOf = (frame: Frame): EventDraft => {
    const announced = frame.loaderId === undefined ? undefined : tab.announced.get(frame.loaderId)
    return navigationDraft(scope, frame, { navigationType: navigationTypeOf(announced), isLate: announced === undefined })
  }
  return {
    drafts: loaded.filter((frame) => !mayBeWritten(tab, frame)).map(draftOf),
    questions: loaded
      .filter((frame) => mayBeWritten(tab, frame))
      .map((frame) => originQuestion(frame, () => ({ drafts: [draftOf(frame)] }))),
  }
}

// What to make of a document that was there before its session: nothing for the initial empty one, a known one for a tab seen
// before, and else one that is told as far as it is still known.
function lateDocument(scope: SessionScope, tab: Tab): Step | undefined {
  const frame = tab.mainFrame
  if (frame === undefined || scope.late !== undefined) return undefined
  const { memory } = scope
  const isSeen = memory.navSeq !== undefined && memory.loaderId === frame.loaderId
  const isInitial = memory.navSeq === undefined && isBlank(frame.url)
  if (isInitial) return undefined
  const isNews = !isSeen && !(scope.session.existing && memory.navSeq === undefined)
  const late: LateDocument = {
    frameId: frame.frameId,
    domContentLoadedAtS: undefined,
    loadAtS: undefined,
    isNews,
    isDoubtful: isNews && memory.navSeq === undefined && isBlank(scope.navigatedUrl),
    isTold: false,
  }
  scope.late = late
  if (late.isDoubtful) return { questions: [historyQuestion(scope, tab, late)] }
  if (!isSeen) tab.navSeq = memory.navSeq === undefined ? 1 : memory.navSeq + 1
  return takeOver(scope, tab, isNews)
}

function takeOver(scope: SessionScope, tab: Tab, isNews: boolean): Step | undefined {
  const { mainFrame, navSeq } = tab
  if (mainFrame === undefined) return undefined
  Object.assign(scope.memory, { navSeq, loaderId: mainFrame.loaderId })
  if (!isNews) return undefined
  const told = scope.plan.publishes('page_navigation') ? { drafts: [navigationDraft(scope, mainFrame, { isLate: true })] } : undefined
  return joinSteps(told, lookBack(scope))
}

// `document.open()` gives the empty document of a new window the URL of whoever writes into it. The frame tree then looks as if somebody
// had navigated there, under a loader that nothing else tells of; where the tab went the browser knows. Its list is asked only now: it may
// be a moment behind the tree, and is answered before it. https://html.spec.whatwg.org/multipage/dynamic-markup-insertion.html#document-open-steps
function historyQuestion(scope: SessionScope, tab: Tab, late: LateDocument): Question {
  return {
    method: 'Page.getNavigationHistory',
    answered: (answer, stamp) => {
      // A live navigation has told more already.
      if (scope.late !== late) return undefined
      if (answer.ok && isBlank(currentUrl(answer.result as Protocol.Page.GetNavigationHistoryResponse))) {
        scope.late = undefined
        return lookBack(scope)
      }
      late.isDoubtful = false
      tab.navSeq = 1
      return joinSteps(takeOver(scope, tab, true), late.isTold ? lifecycleAnswered(scope, stamp) : undefined)
    },
  }
}

function currentUrl({ entries, currentIndex }: Protocol.Page.GetNavigationHistoryResponse): string | undefined {
  return entries[currentIndex]?.url
}

// In answer to `setLifecycleEventsEnabled` Chromium tells what the current documents have behind them. What it tells later is told by others.
function lifecycleEvent(scope: SessionScope, message: Protocol.Page.LifecycleEventEvent): undefined {
  if (scope.late === undefined || scope.late.frameId !== message.frameId) return
  if (message.name === 'DOMContentLoaded') scope.late.domContentLoadedAtS = message.timestamp
  if (message.name === 'load') scope.late.loadAtS = message.timestamp
}

/** Whether this milestone belongs to a late document whose story is not ended: it is kept for that then, and told once. */
export function keepForLate(scope: SessionScope, milestone: 'domContentLoadedAtS' | 'loadAtS', atS: number): boolean {
  if (scope.late?.isNews !== true) return false
  scope.late[milestone] = atS
  return true
}

/** Ends the story of a late document: its milestones are told if they are news, and its settling begins. */
export function lifecycleAnswered(scope: SessionScope, stamp: Stamp): Step | undefined {
  const { tab, late } = scope
  if (tab === undefined || late === undefined) return undefined
  late.isTold = true
  if (late.isDoubtful) return undefined
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
