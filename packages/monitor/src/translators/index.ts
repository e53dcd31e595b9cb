// The table of all translators: which domain understands which messages.
import type { Domain } from '../capture.ts'
import type { HandlerTable } from '../translator.ts'
import { logHandlers, runtimeHandlers } from './console.ts'
import { dialogHandlers } from './dialog.ts'
import { domHandlers } from './dom.ts'
import { interactionHandlers } from './interaction.ts'
import { networkHandlers } from './network.ts'
import { inspectorHandlers, pageHandlers } from './page.ts'
import { timelineHandlers } from './timeline.ts'
import { webSocketHandlers } from './websocket.ts'

/** One line a domain. */
export const translators = {
  Network: { ...networkHandlers, ...webSocketHandlers },
  Page: { ...pageHandlers, ...dialogHandlers },
  DOM: domHandlers,
  PerformanceTimeline: timelineHandlers,
  Inspector: inspectorHandlers,
  Log: logHandlers,
  Runtime: runtimeHandlers,
  Interaction: interactionHandlers,
} as const satisfies Readonly<Record<Domain, HandlerTable>>
