// Scroll events do not leave their shadow tree, so each open one that somebody comes near is listened to by itself.
// Closed ones cannot be seen.
import { elementsBelow, isShadowRoot, listenTo, openShadowOf } from './dom.ts'
import { pageNowMs } from './page-time.ts'
import type { ScrollWatch } from './scroll.ts'

export interface ShadowWatch {
  /** Somebody is about to do something with what is on the way of this event. */
  approached(event: Event): void
  /** Ends the listening. */
  stop(): void
  /** Notes where everything is, in a document that was there before the script; false when that took too long. */
  lookAround(root: Document): boolean
}

/** The events that cross shadow roots and come before a scroll: a mouse that comes near, a finger, the focus, a key; the wheel itself last. */
export const approaches = ['pointerover', 'pointerdown', 'focusin', 'keydown', 'wheel'] as const

/** Looking around costs this much at most, once, and only in a page from before capture. */
const lookAroundMs = 20
const elementsBetweenLooks = 500

export interface ShadowOptions {
  readonly scroll: ScrollWatch
  readonly guard: (where: string, run: () => void) => void
}

export function watchShadows({ scroll, guard }: ShadowOptions): ShadowWatch {
  // Made with the first shadow root: making one costs, and most frames have none.
  let controller: AbortController | undefined
  const known = new WeakSet<ShadowRoot>()
  const adopt = (root: ShadowRoot): boolean => {
    if (known.has(root)) return false
    known.add(root)
    const scrolled = (event: Event): void => {
      if (event.isTrusted) guard('scroll', () => scroll.scrolled(event))
    }
    controller ??= new AbortController()
    listenTo(root, 'scroll', scrolled, { capture: true, passive: true, signal: controller.signal })
    return true
  }
  const lookAround = (root: Document | ShadowRoot, untilMs: number): boolean => {
    let seen = 0
    for (const element of elementsBelow(root)) {
      if (++seen % elementsBetweenLooks === 0 && pageNowMs() > untilMs) return false
      scroll.note([element])
      const shadow = openShadowOf(element)
      if (shadow !== null && adopt(shadow) && !lookAround(shadow, untilMs)) return false
    }
    return true
  }
  return {
    approached: (event) => {
      const path = event.composedPath()
      const isNew = path.filter(isShadowRoot).map(adopt).includes(true)
      // The compositor does not wait for the wheel's listeners: by now it has scrolled. Then it began, most likely, at its origin.
      if (isNew && event.type !== 'wheel') scroll.note(path)
    },
    stop: () => controller?.abort(),
    lookAround: (root) => {
      scroll.note([root])
      return lookAround(root, pageNowMs() + lookAroundMs)
    },
  }
}
