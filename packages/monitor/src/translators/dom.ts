// Translates CDP's DOM domain, of which only one message is wanted: the document was replaced as a whole.
// https://chromedevtools.github.io/devtools-protocol/tot/DOM/#event-documentUpdated
import { documentContext, type SessionScope, sourceOf } from '../session-scope.ts'
import type { HandlerTable, Step } from '../translator.ts'

export const domHandlers = {
  'DOM.documentUpdated': documentUpdated,
} as const satisfies HandlerTable

function documentUpdated(scope: SessionScope): Step | undefined {
  if (!scope.plan.publishes('page_dom_updated')) return undefined
  const detailLevel = scope.plan.config.page.detail_level
  const source = sourceOf(scope, 'DOM.documentUpdated')
  return { drafts: [{ type: 'page_dom_updated', category: 'page', detailLevel, source, data: documentContext(scope) }] }
}
