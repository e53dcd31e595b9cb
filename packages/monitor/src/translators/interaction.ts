// Translates calls of the page script's binding (CDP's Runtime domain, without that being enabled): clicks, keys, scrolling.
// https://chromedevtools.github.io/devtools-protocol/tot/Runtime/#event-bindingCalled
import type { Protocol } from 'devtools-protocol'
import type { HeldMessage } from '../interaction/interaction-state.ts'
import { parsePageMessage } from '../interaction/page-message-parser.ts'
import { holdMessage, tellMessage } from '../interaction/tell.ts'
import type { SessionScope } from '../session-scope.ts'
import type { Stamp } from '../stamp.ts'
import type { HandlerTable, Step } from '../translator.ts'

export const interactionHandlers = {
  'Runtime.bindingCalled': bindingCalled,
} as const satisfies HandlerTable

function bindingCalled(scope: SessionScope, call: Protocol.Runtime.BindingCalledEvent, stamp: Stamp): Step | undefined {
  // Only our world has a binding of this name, and only Chromium calls it so.
  if (call.name !== scope.interaction.names.binding) return undefined
  const message = parsePageMessage(call.payload)
  if (message === undefined) return { cuts: [{ what: 'malformed_interaction', detail: 'messages of the page script', count: 1 }] }
  const held: HeldMessage = { contextId: call.executionContextId, message, stamp }
  return holdMessage(scope, held) ? undefined : tellMessage(scope, held)
}
