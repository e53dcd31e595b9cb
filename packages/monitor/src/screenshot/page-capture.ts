// Takes a picture of one tab with `Page.captureScreenshot`, smaller and smaller until it fits a record.
// https://chromedevtools.github.io/devtools-protocol/tot/Page/#method-captureScreenshot
import { type Clock, limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import type { Answer } from '../translator.ts'

/** A picture as base64 PNG, or why there is none. */
export type PictureOutcome = { readonly ok: true; readonly png: string } | { readonly ok: false; readonly reason: string }

/** Puts one command to the tab's session; resolves with its answer, whatever it is. */
export type AskPage = (method: string, params: object | undefined, timeoutMs: number) => Promise<Answer>

export interface CaptureOptions {
  readonly ask: AskPage
  readonly clock: Clock
  /** Monotonic; there is an outcome by then. */
  readonly untilMs: number
}

/** The picture of what the tab shows, or why there is none. */
export async function capturePage({ ask, clock, untilMs }: CaptureOptions): Promise<PictureOutcome> {
  const remainingMs = (): number => Math.max(1, untilMs - clock.monotonicMs())
  let clip: Protocol.Page.Viewport | undefined
  for (let halvings = 0; halvings <= limits.screenshotHalvings; halvings++) {
    if (halvings > 0) clip ??= await viewportOf(ask, remainingMs())
    if (halvings > 0 && clip === undefined) return { ok: false, reason: 'too_large' }
    const params = clip === undefined ? { format: 'png' } : { format: 'png', clip: { ...clip, scale: 0.5 ** halvings } }
    const answer = await insist(clock, () => ask('Page.captureScreenshot', params, remainingMs()))
    if (!answer.ok) return { ok: false, reason: answer.code === 'rejected' ? answer.message : answer.code }
    const { data } = answer.result as Protocol.Page.CaptureScreenshotResponse
    if (data.length <= limits.screenshotBytes) return { ok: true, png: data }
  }
  return { ok: false, reason: 'too_large' }
}

// Now and then Chromium loses the frame that the capture of a tab in the background waits for, and never answers, while the page goes on
// drawing (measured: 2 of 60 on a busy machine). Asked a second time it draws and answers both. The first answer counts, whatever it is.
function insist(clock: Clock, capture: () => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve) => {
    const fromMs = clock.monotonicMs()
    const later = [limits.screenshotAgainMs, limits.screenshotOnceMoreMs].map((afterMs) =>
      clock.schedule(fromMs + afterMs, () => void ask()),
    )
    async function ask(): Promise<void> {
      // It never rejects: a failure is an answer.
      const answer = await capture()
      for (const cancel of later) cancel()
      resolve(answer)
    }
    void ask()
  })
}

// What is visible now, in CSS pixels of the page.
async function viewportOf(ask: AskPage, timeoutMs: number): Promise<Protocol.Page.Viewport | undefined> {
  const answer = await ask('Page.getLayoutMetrics', undefined, timeoutMs)
  if (!answer.ok) return undefined
  const { cssVisualViewport } = answer.result as Protocol.Page.GetLayoutMetricsResponse
  return {
    x: cssVisualViewport.pageX,
    y: cssVisualViewport.pageY,
    width: cssVisualViewport.clientWidth,
    height: cssVisualViewport.clientHeight,
    scale: 1,
  }
}
