// The clock inside a page, where no `Clock` can be handed to. Nothing else of the page script reads a clock or sets a timer.

/** Milliseconds on the page's own clock: the one of `event.timeStamp`. */
export function pageNowMs(): number {
  return performance.now()
}

/** Unix milliseconds of a moment on the page's own clock, as an integer. */
export function unixMs(atMs: number): number {
  return Math.round(performance.timeOrigin + atMs)
}

/** Calls `run` once, in about `afterMs`. Never in a page that is gone. */
export function afterMs(waitMs: number, run: () => void): void {
  setTimeout(run, waitMs)
}
