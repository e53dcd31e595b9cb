// What a session keeps about its page script: names, what is registered, which messages wait, how many came.
import { limits } from '@tabscope/schema'
import type { PageMessage } from './page-message.ts'
import { createRate, type Rate } from './rate.ts'

/** Names that no page can guess. */
export interface PageScriptNames {
  /** The isolated world, one a connection. */
  readonly world: string
  /** The binding in that world, one a connection. */
  readonly binding: string
  /** What ends the scripts of earlier connections: the same as long as the monitor lives. */
  readonly stopEvent: string
}

/** A script that Chromium runs in each new document. */
export interface Registration {
  readonly source: string
  /** Chromium's name for it, once it answered. */
  identifier: string | undefined
  /** It was to be removed before Chromium had named it. */
  isUnwanted: boolean
}

/** A message of a script whose frame is not known yet. */
export interface HeldMessage {
  readonly contextId: number
  readonly message: PageMessage
  /** When it was received. */
  readonly stamp: { readonly atUs: number; readonly atMs: number }
}

export interface InteractionState {
  readonly names: PageScriptNames
  registration: Registration | undefined
  /** Questions under way of which the answers say what frame a script runs in. */
  openQuestions: number
  held: HeldMessage[]
  /** Clicks and scrolls together. */
  readonly clicks: Rate
  readonly keys: Rate
}

export function createInteractionState(names: PageScriptNames): InteractionState {
  return {
    names,
    registration: undefined,
    openQuestions: 0,
    held: [],
    clicks: createRate(limits.interactionClicksPerSecond),
    keys: createRate(limits.interactionKeysPerSecond),
  }
}
