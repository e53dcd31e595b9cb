// Pictures of single pages. A page that will not draw (an open dialog, a minimised window, a session that ended) fails at once where that
// is known, and after the deadline else; then it is left alone for a while, so that it does not keep the others waiting again and again.
import { type Clock, limits } from '@tabscope/schema'
import type { SessionScope } from '../session-scope.ts'
import type { Answer } from '../translator.ts'
import { type AskPage, capturePage, type PictureOutcome } from './page-capture.ts'

export interface PageCamera {
  /** The picture of what the page shows, or why there is none; at `untilMs` (monotonic) at the latest. */
  take(page: SessionScope, untilMs: number): Promise<PictureOutcome>
  /** Ends what is under way for this page. */
  giveUp(page: SessionScope, reason: string): void
}

export function createPageCamera(clock: Clock): PageCamera {
  const leftAloneUntilMs = new WeakMap<SessionScope, number>()
  let underWay: { readonly page: SessionScope; readonly giveUp: (reason: string) => void } | undefined
  const take = async (page: SessionScope, untilMs: number): Promise<PictureOutcome> => {
    if (page.openDialogs > 0) return { ok: false, reason: 'a dialog is open' }
    if ((leftAloneUntilMs.get(page) ?? 0) > clock.monotonicMs()) return { ok: false, reason: 'the page did not draw a short while ago' }
    const given = new Promise<PictureOutcome>((resolve) => {
      underWay = { page, giveUp: (reason) => resolve({ ok: false, reason }) }
    })
    const captured = capturePage({ ask: askOf(page), clock, untilMs })
    const outcome = await Promise.race([captured, given])
    underWay = undefined
    // One that drew nothing in all that time has the command still in its queue.
    if (clock.monotonicMs() >= untilMs) leftAloneUntilMs.set(page, clock.monotonicMs() + limits.screenshotStuckMs)
    return outcome
  }
  return {
    take,
    giveUp: (page, reason) => {
      if (underWay?.page === page) underWay.giveUp(reason)
    },
  }
}

function askOf(page: SessionScope): AskPage {
  return (method, params, timeoutMs) =>
    new Promise<Answer>((resolve) => {
      page.session.post({ method, ...(params === undefined ? {} : { params }), timeoutMs, done: resolve })
    })
}
