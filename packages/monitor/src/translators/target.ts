// Translates what is known of targets beside their sessions: tabs that open and close.
// https://chromedevtools.github.io/devtools-protocol/tot/Target/
import type { SeenTarget } from '@tabscope/cdp'
import { type EventDraft, limits } from '@tabscope/schema'
import type { CapturePlan } from '../capture.ts'
import { parseTargetType } from '../session-scope.ts'
import { cutText, cutUrl } from '../text-cut.ts'

/** `page_tab_opened`: before any session, so with the target's own fields alone. Only tabs have it. */
export function tabOpenedDraft(plan: CapturePlan, target: SeenTarget, isExisting: boolean): EventDraft<'page_tab_opened'> | undefined {
  if (target.type !== 'page' || !plan.publishes('page_tab_opened')) return undefined
  const data: EventDraft<'page_tab_opened'>['data'] = {
    target_id: target.targetId,
    target_type: parseTargetType(target.type),
    // A popup's URL is empty until its first navigation; what it shows is the initial empty document.
    url: target.url === '' ? 'about:blank' : cutUrl(target.url).text,
  }
  if (target.title !== '') data.title = cutText(target.title, limits.titleBytes).text
  if (target.openerId !== undefined) data.opener_id = target.openerId
  if (isExisting) data.existing = true
  return { ...tabDraft(plan, target, 'Target.targetCreated'), type: 'page_tab_opened', data }
}

/** `page_tab_closed`: when the target is gone. */
export function tabClosedDraft(
  plan: CapturePlan,
  target: SeenTarget,
  navSeq: number | undefined,
): EventDraft<'page_tab_closed'> | undefined {
  if (target.type !== 'page' || !plan.publishes('page_tab_closed')) return undefined
  const data: EventDraft<'page_tab_closed'>['data'] = {
    target_id: target.targetId,
    target_type: parseTargetType(target.type),
    url: target.url === '' ? 'about:blank' : cutUrl(target.url).text,
  }
  if (navSeq !== undefined) data.nav_seq = navSeq
  return { ...tabDraft(plan, target, 'Target.targetDestroyed'), type: 'page_tab_closed', data }
}

function tabDraft(
  plan: CapturePlan,
  target: SeenTarget,
  event: string,
): Pick<EventDraft, 'category' | 'detailLevel' | 'source'> & { category: 'page' } {
  return {
    category: 'page',
    detailLevel: plan.config.page.detail_level,
    source: {
      kind: 'cdp',
      event,
      metadata: { telemetry_session_id: plan.captureSessionId, target_id: target.targetId, target_type: parseTargetType(target.type) },
    },
  }
}
