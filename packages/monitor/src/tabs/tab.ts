// One tab: its current document, how many top-level navigations it made, its frames, and its settling.
// Never talks to Chromium; the page translator keeps it up to date.
import { limits } from '@tabscope/schema'
import type { SettleState } from '../machines/settle.ts'

/** A document in a frame, as far as it is known. */
export interface Frame {
  readonly frameId: string
  readonly parentFrameId: string | undefined
  loaderId: string | undefined
  url: string | undefined
}

export interface Tab {
  readonly targetId: string
  /** Top-level navigations so far; undefined until the first frame tree or navigation said so. */
  navSeq: number | undefined
  /** Same-document navigations of the current document. */
  routeSeq: number
  /** The main frame; its id is the target id in today's Chromium, but only what was told is used. */
  mainFrame: Frame | undefined
  /** Every known frame of the tab, out-of-process ones included, oldest first. */
  readonly frames: Map<string, Frame>
  /** The sum of layout shifts without recent input in the current document. */
  cumulativeShift: number
  /** What kind of navigation was announced for a loader, until it commits. */
  readonly announced: Map<string, string>
  settle: SettleState | undefined
}

export function createTab(targetId: string, navSeq: number | undefined): Tab {
  return {
    targetId,
    navSeq,
    routeSeq: 0,
    mainFrame: undefined,
    frames: new Map(),
    cumulativeShift: 0,
    announced: new Map(),
    settle: undefined,
  }
}

/** Remembers a frame's document. Beyond the bound the oldest frame is forgotten: its events then lack frame details. */
export function rememberFrame(tab: Tab, frame: Frame): void {
  tab.frames.delete(frame.frameId)
  tab.frames.set(frame.frameId, frame)
  if (frame.parentFrameId === undefined) tab.mainFrame = frame
  dropOldest(tab.frames, limits.framesPerTab)
}

/** Remembers how a navigation was announced, a few at a time: most never commit under that loader. */
export function announceNavigation(tab: Tab, loaderId: string, kind: string): void {
  tab.announced.set(loaderId, kind)
  dropOldest(tab.announced, limits.announcedNavigationsPerTab)
}

/** Removes entries from the front of an insertion-ordered map until at most `most` are left. */
export function dropOldest<Key>(map: Map<Key, unknown>, most: number): void {
  if (map.size <= most) return
  for (const key of map.keys()) {
    map.delete(key)
    if (map.size <= most) return
  }
}
