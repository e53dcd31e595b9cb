// Decides when a picture is taken and sees it through: for configured triggers, at most one in flight and one per interval. A picture
// that fails does not use up the interval and is reported. Nothing ever waits for one.
import { type BrowserContext, type Clock, type EventDraft, limits, type ScreenshotTrigger, type Source } from '@tabscope/schema'
import type { MonitorWarning } from '../monitor-warning.ts'
import { type SessionScope, sourceOf } from '../session-scope.ts'
import { createDisplayCamera, type DisplayCamera, type GrabDisplay } from './display-camera.ts'
import { createPageCamera, type PageCamera } from './page-camera.ts'
import { pngSize } from './png.ts'

export interface ScreenshotOptions {
  readonly clock: Clock
  readonly publish: (draft: EventDraft) => void
  readonly warn: (warning: MonitorWarning) => void
  /** Absent when the browser has no display of ours. */
  readonly grabDisplay?: GrabDisplay | undefined
  /** The session of the tab's page. */
  readonly pageOf: (scope: SessionScope) => SessionScope | undefined
}

export interface Screenshots {
  /** Looks whether this event asks for a picture. `seq` is absent when the event itself was not published. */
  consider(scope: SessionScope, draft: EventDraft, seq: number | undefined): void
  /** The page will not draw: a dialog opened, or its session is over. What is under way for it fails at once and keeps nobody waiting. */
  giveUp(page: SessionScope, reason: string): void
  /** Nothing is published afterwards. */
  end(): void
}

const triggerOf: Partial<Record<EventDraft['type'], ScreenshotTrigger>> = {
  page_load: 'page_load',
  network_idle: 'network_idle',
  page_layout_settled: 'page_layout_settled',
  page_navigation_settled: 'page_navigation_settled',
  interaction_scroll_settled: 'interaction_scroll_settled',
}

/** The trigger that an event is, if it is one. An error is an uncaught one, not what a page writes with `console.error`. */
export function triggerFor(draft: EventDraft): ScreenshotTrigger | undefined {
  if (draft.type === 'console_error') return draft.source.event === 'Runtime.exceptionThrown' ? 'error' : undefined
  return triggerOf[draft.type]
}

interface State {
  readonly options: ScreenshotOptions
  readonly controller: AbortController
  readonly display: DisplayCamera
  readonly page: PageCamera
  isBusy: boolean
  /** When the last picture that was published was begun. */
  lastAtMs: number | undefined
}

export function createScreenshots(options: ScreenshotOptions): Screenshots {
  const { clock, warn } = options
  const controller = new AbortController()
  const display = createDisplayCamera({ clock, warn, grabDisplay: options.grabDisplay, signal: controller.signal })
  const state: State = { options, controller, display, page: createPageCamera(clock), isBusy: false, lastAtMs: undefined }
  return {
    consider: (scope, draft, seq) => consider(state, scope, { draft, seq }),
    giveUp: (page, reason) => state.page.giveUp(page, reason),
    end: () => controller.abort(new Error('capture ended')),
  }
}

interface Cause {
  readonly draft: EventDraft
  readonly seq: number | undefined
}

function consider(state: State, scope: SessionScope, cause: Cause): void {
  const { enabled, triggers, min_interval_ms: intervalMs } = scope.plan.config.screenshot
  if (!enabled || state.isBusy || state.controller.signal.aborted) return
  const trigger = triggerFor(cause.draft)
  if (trigger === undefined || !triggers.includes(trigger)) return
  const atMs = state.options.clock.monotonicMs()
  if (state.lastAtMs !== undefined && atMs - state.lastAtMs < intervalMs) return
  const page = state.options.pageOf(scope)
  if (page === undefined) return
  state.isBusy = true
  const done = (error?: unknown): void => {
    state.isBusy = false
    if (error !== undefined) state.options.warn({ what: 'screenshot_failed', message: String(error) })
  }
  take(state, page, cause, atMs).then(() => done(), done)
}

async function take(state: State, page: SessionScope, cause: Cause, atMs: number): Promise<void> {
  const { options } = state
  const display = await state.display.take(page.plan.config.screenshot.scope)
  const outcome = display === undefined ? await state.page.take(page, atMs + limits.screenshotMs) : { ok: true as const, png: display }
  if (state.controller.signal.aborted || !page.plan.config.screenshot.enabled) return
  if (!outcome.ok) return options.warn({ what: 'screenshot_failed', message: outcome.reason })
  state.lastAtMs = atMs
  options.publish(screenshotDraft(page, cause, { png: outcome.png, scope: display === undefined ? 'page' : 'display' }))
}

function screenshotDraft(
  page: SessionScope,
  cause: Cause,
  picture: { readonly png: string; readonly scope: 'display' | 'page' },
): EventDraft<'monitor_screenshot'> {
  const size = pngSize(picture.png)
  const source: Source =
    picture.scope === 'page' ? sourceOf(page, 'Page.captureScreenshot') : { kind: 'local_process', metadata: page.metadata }
  return {
    type: 'monitor_screenshot',
    category: 'screenshot',
    detailLevel: page.plan.config.screenshot.detail_level,
    source,
    data: {
      ...contextOf(cause.draft),
      png: picture.png,
      width: size?.width,
      height: size?.height,
      scope: picture.scope,
      trigger_event: cause.draft.type,
      trigger_seq: cause.seq,
    },
  }
}

// The full context of what triggered it, and nothing else of it.
function contextOf(draft: EventDraft): BrowserContext {
  const data = draft.data as BrowserContext
  const { session_id, target_id, target_type, page_target_id, frame_id, loader_id, url, nav_seq } = data
  return { session_id, target_id, target_type, page_target_id, frame_id, loader_id, url, nav_seq }
}
