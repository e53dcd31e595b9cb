// Follows the scrolling elements of one document and tells where each came to rest.
import type { PageScriptBounds } from '../interaction/page-config.ts'
import { isDocument, isElement, scrollLeftOf, scrollTopOf } from './dom.ts'
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
  /** Whether everything that is not at its origin is in `positions`. */
  readonly knowsAll: () => boolean
  readonly guard: (what: string, run: () => void) => void
}

export interface ScrollWatch {
  scrolled(event: Event): void
  /** Notes where these are, unless that is known or they are at their origin. */
  note(targets: Iterable<unknown>): void
  /** Forgets what is under way, but not where it is. */
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
  const before = (target: ScrollTarget): Position => positions.get(target) ?? (options.knowsAll() ? origin : positionOf(target))
  return {
    scrolled: (event) => {
      const target = event.composedPath()[0]
      if (!isElement(target) && !isDocument(target)) return
      step({ kind: 'scrolled', atMs: event.timeStamp, target, before: () => before(target) })
    },
    note: (targets) => {
      for (const target of targets) {
        if ((!isElement(target) && !isDocument(target)) || positions.has(target)) continue
        const position = positionOf(target)
        if (position.x !== 0 || position.y !== 0) positions.set(target, position)
      }
    },
    cancel: () => {
      for (const target of state.keys()) positions.set(target, positionOf(target))
      state.clear()
    },
  }
}

const origin: Position = { x: 0, y: 0 }

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
