// The listeners of one document: what somebody does becomes messages. Only trusted events: the others are the page's own.
// They only look: passive, in the capture phase, and what fails in them is told, not thrown into the page.

import { keyText } from '../interaction/key-text.ts'
import type { PageScriptConfig } from '../interaction/page-config.ts'
import { buttons, modifiers } from '../interaction/page-message.ts'
import { describe } from './describe.ts'
import { closest, dispatchOn, isElement, labelsOf, listenTo, localNameOf, ownText, unlistenTo } from './dom.ts'
import type { Link } from './link.ts'
import { unixMs } from './page-time.ts'
import { type ScrollTarget, type ScrollWatch, watchScrolling } from './scroll.ts'
import type { Position } from './scroll-machine.ts'
import { selectorOf } from './selector.ts'
import { createDiscretion, type Discretion } from './sensitive.ts'
import { approaches, type ShadowWatch, watchShadows } from './shadows.ts'

/** What outlives one run of the script in its world. */
export interface Memory {
  readonly link: Link
  readonly positions: WeakMap<ScrollTarget, Position>
  readonly oncePasswords: WeakSet<Element>
  /** Documents of which every element that is not at its origin is in `positions`. */
  readonly known: WeakSet<Document>
}

interface Watch {
  readonly config: PageScriptConfig
  readonly link: Link
  readonly discretion: Discretion
  readonly scroll: ScrollWatch
  readonly shadows: ShadowWatch
  /** The selector of the element of the last event; typing asks for the same one again and again. */
  selector: { readonly element: Element; readonly text: string; readonly untilMs: number } | undefined
  /** The click before. */
  lastClick: { readonly element: Element; readonly atMs: number } | undefined
}

/** Begins to listen; returns what ends it. */
export function listen(config: PageScriptConfig, memory: Memory): () => void {
  const { link } = memory
  const guard = (where: string, run: () => void): void => {
    try {
      run()
    } catch (error) {
      // It must not become an error of the page; the collector counts it.
      link.tell({ kind: 'failed', where, error: error instanceof Error ? error.name : 'unknown' })
    }
  }
  const scroll = watchScrolling({
    bounds: config.bounds,
    link,
    positions: memory.positions,
    knowsAll: () => memory.known.has(document),
    guard,
  })
  const discretion = createDiscretion(memory.oncePasswords)
  const shadows = watchShadows({ scroll, guard })
  const watch: Watch = { config, link, discretion, scroll, shadows, selector: undefined, lastClick: undefined }
  const handlers = handlersOf(watch, guard)
  // Adding a listener that is there already does nothing.
  const addAll = (): void => {
    for (const [type, handler] of handlers) listenTo(globalThis, type, handler, listening)
    listenTo(globalThis, config.stopEvent, stop, listening)
  }
  // `document.open()` takes every listener away, those of other worlds too, but no observer. https://html.spec.whatwg.org/#document-open-steps
  const observer = new MutationObserver(addAll)
  const stop = (): void => {
    for (const [type, handler] of handlers) unlistenTo(globalThis, type, handler, listening)
    unlistenTo(globalThis, config.stopEvent, stop, listening)
    shadows.stop()
    observer.disconnect()
    scroll.cancel()
  }
  if (!memory.known.has(document)) {
    // The scripts of connections that are gone: nobody else can end them.
    dispatchOn(globalThis, new Event(config.stopEvent))
    guard('start', () => {
      if (!config.scroll || shadows.lookAround(document)) memory.known.add(document)
    })
  }
  observer.observe(document, { childList: true })
  addAll()
  return stop
}

const listening = { capture: true, passive: true }

function handlersOf(watch: Watch, guard: (where: string, run: () => void) => void): Map<string, (event: Event) => void> {
  const { config, scroll } = watch
  const handlers = new Map<string, (event: Event) => void>()
  const add = (type: string, handle: (event: Event) => void): void => {
    const before = handlers.get(type)
    handlers.set(type, (event) => {
      if (event.isTrusted) guard(type, () => handle(event))
      before?.(event)
    })
  }
  if (config.scroll) {
    add('scroll', scroll.scrolled)
    for (const type of approaches) add(type, watch.shadows.approached)
  }
  // The document may come back from the back/forward cache as a navigation of its own, and to a CDP session that begins anew in its
  // renderer: the old binding is silent there, and a new one comes (measured).
  add('pagehide', () => {
    scroll.cancel()
    watch.link.pause()
  })
  if (config.click) for (const type of ['click', 'auxclick']) add(type, (event) => clicked(watch, event))
  if (config.keys !== 'none') add('keydown', (event) => pressed(watch, event))
  return handlers
}

function clicked(watch: Watch, event: Event): void {
  const { config, link, discretion } = watch
  const element = elementOf(event)
  if (element === undefined || !(event instanceof MouseEvent)) return
  const before = watch.lastClick
  watch.lastClick = { element, atMs: event.timeStamp }
  if (before?.atMs === event.timeStamp && isLabelled(element, before.element)) return
  const { textChars } = config.bounds
  const text = discretion.isSensitive(element) ? '' : ownText(element, textChars)
  const button = buttons[event.button]
  link.tell({
    kind: 'click',
    at: unixMs(event.timeStamp),
    x: Math.round(event.clientX),
    y: Math.round(event.clientY),
    selector: selectorFor(watch, element, event),
    tag: tagOf(element),
    ...(button === undefined ? {} : { button }),
    ...(text === '' ? {} : { text }),
    ...describe(element, discretion.isSensitive, textChars),
  })
}

// A click on a label makes a second one on its field, trusted and with the time of the first. (Other clicks can share a time, too.)
function isLabelled(field: Element, clicked: Element): boolean {
  const label = closest(clicked, 'label')
  return label !== null && labelsOf(field).includes(label)
}

function pressed(watch: Watch, event: Event): void {
  const { config, link, discretion } = watch
  const element = elementOf(event)
  const typing = element === undefined ? 'secret' : discretion.typingInto(element)
  if (element === undefined || !(event instanceof KeyboardEvent) || typing === 'secret') return
  const key = keyText(event.key, typing === 'masked' ? 'printable' : config.keys)
  if (key === undefined) return
  const held = [event.altKey, event.ctrlKey, event.metaKey, event.shiftKey]
  const pressedModifiers = modifiers.filter((_, index) => held[index])
  link.tell({
    kind: 'key',
    at: unixMs(event.timeStamp),
    key,
    selector: selectorFor(watch, element, event),
    tag: tagOf(element),
    ...(pressedModifiers.length === 0 ? {} : { modifiers: pressedModifiers }),
  })
}

// The real element, also inside open shadow trees; listeners on `window` are told of their hosts otherwise.
function elementOf(event: Event): Element | undefined {
  const target = event.composedPath()[0]
  return isElement(target) ? target : undefined
}

function selectorFor(watch: Watch, element: Element, event: Event): string {
  const { selector } = watch
  if (selector?.element === element && event.timeStamp < selector.untilMs) return selector.text
  const text = selectorOf(element, watch.config.bounds.selectorChars)
  watch.selector = { element, text, untilMs: event.timeStamp + rememberSelectorMs }
  return text
}

const rememberSelectorMs = 1_000

function tagOf(element: Element): string {
  return localNameOf(element).slice(0, 64).toUpperCase()
}
