// Drafts of documents: navigations and milestones, seen live or told late. Used by the translators of CDP's Page domain.
// `data` is one literal with every field, undefined where there is nothing: see network/response-draft.ts.
import type { EventDraft } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { rootFrameOf, type SessionScope, sourceOf } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import type { Frame } from '../tabs/tab.ts'
import { cutUrl } from '../text-cut.ts'
import type { Step } from '../translator.ts'

export type NavigationType = NonNullable<EventDraft<'page_navigation'>['data']['navigation_type']>

/** CDP's names for how a navigation starts, in the words of our schema. Same-document kinds never commit a document. */
export function navigationTypeOf(announced: string | undefined): NavigationType | undefined {
  if (announced === 'differentDocument') return 'navigate'
  if (announced === 'reload' || announced === 'reloadBypassingCache') return 'reload'
  return announced === 'restore' || announced === 'restoreWithPost' || announced === 'historyDifferentDocument' ? 'back_forward' : undefined
}

/** The frame that CDP describes. */
export function frameOf(scope: SessionScope, frame: Protocol.Page.Frame): Frame {
  // The root of an out-of-process iframe does not always name its parent; its target does.
  const parentFrameId = frame.parentId ?? (scope.targetType === 'iframe' ? scope.session.parentFrameId : undefined)
  return { frameId: frame.id, parentFrameId, loaderId: frame.loaderId, url: cutUrl(frame.url + (frame.urlFragment ?? '')).text }
}

/** Whether a URL is that of an empty document. */
export function isBlank(url: string | undefined): boolean {
  return url === undefined || url === '' || url === ':' || url === 'about:blank'
}

/** `page_navigation`: a frame has a new document. */
export function navigationDraft(
  scope: SessionScope,
  frame: Frame,
  how: { event?: string; navigationType?: NavigationType | undefined; isLate?: boolean },
): EventDraft<'page_navigation'> {
  const data: EventDraft<'page_navigation'>['data'] = {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    nav_seq: scope.tab?.navSeq,
    url: frame.url ?? 'about:blank',
    frame_id: frame.frameId,
    loader_id: frame.loaderId ?? '',
    parent_frame_id: frame.parentFrameId,
    navigation_type: how.navigationType,
    late_attach: how.isLate === true ? true : undefined,
  }
  return {
    type: 'page_navigation',
    category: 'page',
    detailLevel: scope.plan.config.page.detail_level,
    source: sourceOf(scope, how.event),
    data,
  }
}

/** What all events of the category have in common. */
export function pageDraft(scope: SessionScope, event?: string): Pick<EventDraft<'page_load'>, 'category' | 'detailLevel' | 'source'> {
  return { category: 'page', detailLevel: scope.plan.config.page.detail_level, source: sourceOf(scope, event) }
}

interface Milestone {
  readonly type: 'page_dom_content_loaded' | 'page_load'
  readonly atS: number
  readonly event?: string
  readonly isLate?: boolean
}

/** `page_dom_content_loaded` or `page_load`. Only a tab's own document has them: of subframes Chromium tells none but out-of-process roots. */
export function documentMilestone(scope: SessionScope, milestone: Milestone, stamp: Stamp): Step | undefined {
  const { tab } = scope
  // The initial empty document of a new tab loads, too; nobody navigated there.
  if (scope.targetType !== 'page' || tab === undefined || tab.navSeq === undefined || tab.navSeq === 0) return undefined
  const kind = milestone.type === 'page_load' ? 'load' : 'dom_content_loaded'
  const signals = milestone.isLate === true ? [] : [{ tab, input: { kind, atMs: stamp.atMs } as const }]
  if (!scope.plan.notices(milestone.type)) return { signals }
  const frame = rootFrameOf(scope)
  const data: EventDraft<'page_load'>['data'] = {
    session_id: scope.session.sessionId,
    target_id: scope.session.targetId,
    target_type: scope.targetType,
    page_target_id: scope.pageTargetId,
    frame_id: frame?.frameId,
    loader_id: frame?.loaderId,
    url: frame?.url ?? scope.url,
    nav_seq: tab.navSeq,
    cdp_timestamp: milestone.atS,
    late_attach: milestone.isLate === true ? true : undefined,
  }
  const { category, detailLevel, source } = pageDraft(scope, milestone.event)
  return { signals, drafts: [{ category, detailLevel, source, type: milestone.type, data }] }
}
