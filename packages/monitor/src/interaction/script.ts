// The text of the page script with its configuration in front: what Chromium is asked to run in every frame.
import { limits } from '@tabscope/schema'
import type { CapturePlan } from '../capture.ts'
import type { PageScriptNames } from './interaction-state.ts'
import type { KeyDetail, PageScriptConfig } from './page-config.ts'
import { pageScriptSource } from './page-script-source.ts'

/** The script that captures what `plan` asks for. */
export function scriptFor(plan: CapturePlan, names: PageScriptNames): string {
  const config: PageScriptConfig = {
    binding: names.binding,
    stopEvent: names.stopEvent,
    click: plan.notices('interaction_click'),
    keys: keyDetail(plan),
    scroll: plan.notices('interaction_scroll_settled'),
    bounds: {
      selectorChars: limits.interactionSelectorChars,
      textChars: limits.interactionTextChars,
      scrollQuietMs: limits.scrollQuietMs,
      scrollLeastPx: limits.scrollLeastPx,
      scrollElements: limits.scrollElements,
      waitingMessages: limits.interactionsWaiting,
    },
  }
  return wrap(JSON.stringify(config))
}

/** The script that ends it in a frame where it runs. */
export const stopScript = wrap('undefined')

/** How much of keys is captured. */
export function keyDetail(plan: CapturePlan): KeyDetail {
  if (!plan.notices('interaction_key') || !plan.config.interaction.keys) return 'none'
  return plan.atLeast('interaction', 'standard') ? 'all' : 'printable'
}

// Names and numbers only, so that JSON is JavaScript.
function wrap(config: string): string {
  return `((pageScriptConfig) => {${pageScriptSource}})(${config})`
}
