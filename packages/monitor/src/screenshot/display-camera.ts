// Pictures of the display that the browser's windows are on, when it is ours or was asked for by name. What cannot be had is told once
// for each reason, and the page is pictured instead: nobody wants the same report every two seconds.
import { type Clock, deadline, limits, type ScreenshotConfig } from '@tabscope/schema'
import type { MonitorWarning } from '../monitor-warning.ts'

export interface GrabRequest {
  /** Set when the configuration says `scope: display`; else only a display of our own may be pictured, never somebody's desktop. */
  readonly isExplicit: boolean
  readonly signal: AbortSignal
}

/** Takes a picture of the browser's display, small enough for a record; `undefined` when there is none to take. Rejects when it fails. */
export type GrabDisplay = (request: GrabRequest) => Promise<string | undefined>

export interface DisplayCamera {
  /** The picture, or undefined when the page is to be pictured. */
  take(scope: ScreenshotConfig['scope']): Promise<string | undefined>
}

export interface DisplayCameraOptions {
  readonly clock: Clock
  readonly warn: (warning: MonitorWarning) => void
  readonly grabDisplay: GrabDisplay | undefined
  /** Ends what is under way. */
  readonly signal: AbortSignal
}

export function createDisplayCamera({ clock, warn, grabDisplay, signal }: DisplayCameraOptions): DisplayCamera {
  let told: string | undefined
  const fail = (message: string): undefined => {
    if (message !== told && !signal.aborted) warn({ what: 'display_grab_failed', message })
    told = message
    return undefined
  }
  return {
    take: async (scope) => {
      if (scope === 'page') return undefined
      const isExplicit = scope === 'display'
      const limit = deadline(clock, limits.displayGrabMs, signal)
      try {
        const png = await grabDisplay?.({ isExplicit, signal: limit.signal })
        if (png === undefined) return isExplicit ? fail('the browser has no display here') : undefined
        told = undefined
        return png
      } catch (error) {
        return fail(error instanceof Error ? error.message : String(error))
      } finally {
        limit.cancel()
      }
    },
  }
}
