// What Chromium says about its targets, read with care, and which of them can be captured. Never attaches to anything.

import { limits } from '@tabscope/schema'
import type { Protocol } from 'devtools-protocol'
import { isRecord } from './message.ts'

/** A target as it was last told. URL and title are cut at `limits.targetTextChars`. */
export interface SeenTarget {
  readonly targetId: string
  /** Chromium's own word: page, iframe, worker, shared_worker, service_worker, background_page. */
  readonly type: string
  /** Empty while a new window has not committed anything. */
  readonly url: string
  readonly title: string
  /** The target that opened this one; also set for `noopener`. */
  readonly openerId: string | undefined
  /** The frame that holds this iframe or worker. */
  readonly parentFrameId: string | undefined
}

/** Targets that belong to no other: each is reached from the browser's own session. */
export const topLevelTypes: ReadonlySet<string> = new Set(['page', 'background_page', 'shared_worker', 'service_worker'])
const capturableTypes: ReadonlySet<string> = new Set([...topLevelTypes, 'iframe', 'worker'])
/** Service workers have no children; everything else that can be captured may. */
const typesWithChildren: ReadonlySet<string> = new Set(['page', 'background_page', 'iframe', 'worker', 'shared_worker'])

/** Whether its session announces targets of its own. */
export function canHaveChildren(type: string): boolean {
  return typesWithChildren.has(type)
}

/** Whether this target is something to capture. DevTools windows are pages too, but they are somebody looking, not the browser's work. */
export function isCapturable(target: SeenTarget): boolean {
  return capturableTypes.has(target.type) && !target.url.startsWith('devtools://')
}

const excluded = ['browser_ui', 'tab', 'browser', 'webview', 'other'].map((type) => ({ type, exclude: true }))
const excludedWorkers = ['service_worker', 'shared_worker'].map((type) => ({ type, exclude: true }))

/** For discovery and for automatic attaching on the browser: everything but what is never captured. */
export const browserFilter: Protocol.Target.TargetFilter = [...excluded, {}]

/**
 * For automatic attaching on a page, iframe or worker. Shared and service workers are captured from the browser. In `passive` hearing of
 * them here too would only cost; in `complete` it makes Chromium hold a service worker before its script is fetched: measured on
 * Chromium 156, the script's request is seen 10 times in 10 with the announcement here and once in 10 without.
 */
export function sessionFilter(mode: 'passive' | 'complete'): Protocol.Target.TargetFilter {
  return mode === 'complete' ? browserFilter : [...excludedWorkers, ...browserFilter]
}

/** The target in `targetInfo`, or undefined when it is not one. */
export function readTarget(targetInfo: unknown): SeenTarget | undefined {
  if (!isRecord(targetInfo)) return undefined
  const targetId = readText(targetInfo['targetId'])
  const type = readText(targetInfo['type'])
  if (targetId === undefined || type === undefined) return undefined
  return {
    targetId,
    type,
    url: clip(readText(targetInfo['url']) ?? ''),
    title: clip(readText(targetInfo['title']) ?? ''),
    openerId: readText(targetInfo['openerId']),
    parentFrameId: readText(targetInfo['parentFrameId']),
  }
}

// By way of bytes: a slice of a string would keep the whole of it in memory.
function clip(text: string): string {
  return text.length <= limits.targetTextChars ? text : Buffer.from(text.slice(0, limits.targetTextChars)).toString()
}

/** The text, or undefined when it is none. */
export function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Whether what is told of a target differs from what was told before. Chromium repeats itself whenever a client attaches. */
export function isSameTarget(one: SeenTarget, other: SeenTarget): boolean {
  return one.url === other.url && one.title === other.title && one.type === other.type
}
