// From a message of the page script to its event, with the context of its frame; too many in a second are counted instead.
// The context is the collector's own knowledge: nothing of it comes from the page.
import { type BrowserContext, type EventDraft, limits } from '@tabscope/schema'
import { documentContext, type SessionScope, sourceOf } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import type { Cut, Step } from '../translator.ts'
import type { HeldMessage } from './interaction-state.ts'
import { keyText } from './key-text.ts'
import type { ClickMessage, KeyMessage, ScrollMessage } from './page-message.ts'
import { keyDetail } from './script.ts'

/** The event of a message, or what it says of the script itself. */
export function tellMessage(scope: SessionScope, { contextId, message, stamp }: HeldMessage): Step | undefined {
  switch (message.kind) {
    case 'lost':
      return { cuts: [{ what: 'rate_limited', detail: 'interactions inside a page', count: message.count }] }
    case 'failed':
      return { cuts: [{ what: 'page_script_failed', detail: `${message.error} on ${message.where}`, count: 1 }] }
    case 'click':
    case 'key':
    case 'scroll':
      return tellInteraction(scope, { message, stamp, context: contextOf(scope, contextId) })
    default:
      return message satisfies never
  }
}

/** Tells what waited for its frame: as soon as that is known, and all of it when nothing more can become known. */
export function heldMessages(scope: SessionScope): readonly HeldMessage[] {
  const { interaction, contextFrames } = scope
  if (interaction.held.length === 0) return []
  // In order: what came first is told first.
  const ready =
    interaction.openQuestions === 0 ? interaction.held.length : interaction.held.findIndex(({ contextId }) => !contextFrames.has(contextId))
  return interaction.held.splice(0, ready)
}

/** Keeps a message until its frame is known. At the bound the frame stays unknown: it is told as of the session's own document. */
export function holdMessage(scope: SessionScope, held: HeldMessage): boolean {
  const { interaction, contextFrames } = scope
  const mustWait = interaction.openQuestions > 0 && (interaction.held.length > 0 || !contextFrames.has(held.contextId))
  if (!mustWait || interaction.held.length >= limits.interactionsHeld) return false
  interaction.held.push(held)
  return true
}

function contextOf(scope: SessionScope, contextId: number): BrowserContext {
  const frameId = scope.contextFrames.get(contextId)
  const frame = frameId === undefined ? undefined : scope.tab?.frames.get(frameId)
  return frame === undefined ? documentContext(scope) : documentContext(scope, frame)
}

interface Told {
  readonly message: ClickMessage | KeyMessage | ScrollMessage
  readonly stamp: Stamp
  readonly context: BrowserContext
}

function tellInteraction(scope: SessionScope, told: Told): Step | undefined {
  const { message, stamp } = told
  const draft = draftOf(scope, told)
  if (draft === undefined || !scope.plan.notices(draft.type)) return undefined
  const rate = message.kind === 'key' ? scope.interaction.keys : scope.interaction.clicks
  if (rate.take({ pageMs: message.at, receivedMs: stamp.atMs })) return { drafts: [draft] }
  const cut: Cut = { what: 'rate_limited', detail: message.kind === 'key' ? 'keys' : 'clicks and scrolls', count: 1 }
  return { cuts: [cut] }
}

function draftOf(scope: SessionScope, { message, context }: Told): EventDraft | undefined {
  const common = {
    category: 'interaction',
    detailLevel: scope.plan.config.interaction.detail_level,
    source: sourceOf(scope, 'Runtime.bindingCalled'),
  } as const
  switch (message.kind) {
    case 'click': {
      const { kind: _, at: __, ...click } = message
      return { ...common, type: 'interaction_click', data: { ...context, ...click } }
    }
    case 'key': {
      const { kind: _, at: __, key: told, ...rest } = message
      // A script from before a change of the configuration may still run, in a page from the back/forward cache.
      const key = keyText(told, keyDetail(scope.plan))
      return key === undefined ? undefined : { ...common, type: 'interaction_key', data: { ...context, ...rest, key } }
    }
    case 'scroll': {
      const { kind: _, at: __, ...scroll } = message
      return { ...common, type: 'interaction_scroll_settled', data: { ...context, ...scroll } }
    }
    default:
      return message satisfies never
  }
}
