// Follows the scrolling elements of one document and tells where each came to rest.
import type { PageScriptBounds } from '../interaction/page-config.ts'
import { isDocument, isElement, isShadowRoot, scrollLeftOf, scrollTopOf } from './dom.ts'
import type { Link } from './link.ts'
import { afterMs, pageNowMs, unixMs } from './page-time.ts'
import { type Position, type ScrollInput, type ScrollState, type ScrollStep, stepScroll } from './scroll-machine.ts'
import { selectorOf } from './selector.ts'

export type ScrollTarget = Element | Document

export interface ScrollOptions {
  readonly bounds: PageScriptBounds
  readonly link: Link
  /** Where each element was last known to be; outlives the script, so that a new configuration forgets nothing. */
  readonly positions: WeakMap<ScrollTarget, Position>
  /** Whether the script was there before anything could scroll; then what is not known began at its origin. */
  readonly isEarly: boolean
  readonly guard: (what: string, run: () => void) => void
}

export interface ScrollWatch {
  scrolled(event: Event): void
  /** Notes where these are, before something scrolls them. */
  note(path: readonly EventTarget[]): void
  /** Forgets what is under way. */
  cancel(): void
}

export function watchScrolling(options: ScrollOptions): ScrollWatch {
  const { bounds, positions } = options
  const state: ScrollState<ScrollTarget> = new Map()
  let wakeAtMs: number | undefined
  const step = (input: ScrollInput<ScrollTarget>): void => {
    const result = stepScroll(state, input, { quietMs: bounds.scrollQuietMs, most: bounds.scrollElements })
    tell(options, result)
    arm(result.wakeAtMs)
  }
  // One timer at a time: it looks when it rings whether it is still wanted.
  const arm = (atMs: number | undefined): void => {
    const isSet = wakeAtMs !== undefined
    wakeAtMs = atMs
    if (!isSet && atMs !== undefined) afterMs(Math.max(0, atMs - pageNowMs()), ring)
  }
  const ring = (): void => {
    const atMs = pageNowMs()
    const wanted = wakeAtMs
    wakeAtMs = undefined
    if (wanted === undefined) return
    if (atMs < wanted) return arm(wanted)
    options.guard('scroll', () => step({ kind: 'wake', atMs }))
  }
  const before = (target: ScrollTarget): Position => positions.get(target) ?? (options.isEarly ? { x: 0, y: 0 } : positionOf(target))
  return {
    scrolled: (event) => {
      const target = event.composedPath()[0]
      if (!isElement(target) && !isDocument(target)) return
      step({ kind: 'scrolled', atMs: event.timeStamp, target, before: () => before(target) })
    },
    note: (path) => {
      for (const target of path.slice(0, pathMost)) {
        if (isElement(target) && !positions.has(target)) positions.set(target, positionOf(target))
        if (isDocument(target) && !positions.has(target)) positions.set(target, positionOf(target))
      }
    },
    cancel: () => state.clear(),
  }
}

const pathMost = 64

function tell({ bounds, link, positions }: ScrollOptions, step: ScrollStep<ScrollTarget>): void {
  if (step.lost > 0) link.lose(step.lost)
  for (const { target, from } of step.settled) {
    const to = positionOf(target)
    positions.set(target, to)
    if (Math.abs(to.x - from.x) <= bounds.scrollLeastPx && Math.abs(to.y - from.y) <= bounds.scrollLeastPx) continue
    link.tell({
      kind: 'scroll',
      at: unixMs(pageNowMs()),
      from_x: Math.round(from.x),
      from_y: Math.round(from.y),
      to_x: Math.round(to.x),
      to_y: Math.round(to.y),
      target_selector: isElement(target) ? selectorOf(target, bounds.selectorChars) : 'document',
    })
  }
}

function positionOf(target: ScrollTarget): Position {
  return isElement(target) ? { x: scrollLeftOf(target), y: scrollTopOf(target) } : { x: globalThis.scrollX, y: globalThis.scrollY }
}

/** The shadow roots on the way of an event: scroll events do not leave them. */
export function shadowRootsOf(path: readonly EventTarget[]): ShadowRoot[] {
  return path.filter(isShadowRoot)
}
