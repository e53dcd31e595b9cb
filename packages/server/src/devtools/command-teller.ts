// Tells the browser-control commands of one relayed connection as `cdp_command` events. Each is read right after it was sent on and before
// anything that it causes comes back, so that its event comes before those of its effects. Nothing here waits or throws; what cannot be told is counted.
import { type CdpCommandMethod, type EventDraft, limits, type Publish } from '@tabscope/schema'
import { isReported, readCommand } from './command-fields.ts'
import { type MaskedText, unmasked } from './frames.ts'
import { topLevelMethod } from './method-scan.ts'

/** What of the commands is wanted at this moment. */
export interface CommandRules {
  /** Whether `cdp_command` is captured at all. While it is not, nothing is looked at and nothing counted. */
  isCaptured(): boolean
  isExcluded(method: CdpCommandMethod): boolean
}

export interface CommandTellerOptions {
  readonly connectionId: string
  readonly publish: Publish
  readonly rules: CommandRules
}

export interface CommandTeller {
  readonly isAsked: () => boolean
  readonly tell: (message: MaskedText) => void
  /** Commands without an event because they were too long or their arguments could not be read. */
  readonly dropped: number
  /** Commands without an event because their method is excluded. */
  readonly excluded: number
}

export function createCommandTeller(options: CommandTellerOptions): CommandTeller {
  const counts = { dropped: 0, excluded: 0 }
  return {
    isAsked: () => options.rules.isCaptured(),
    tell: (message) => {
      const outcome = look(message, options)
      if (outcome !== 'none') counts[outcome] += 1
    },
    get dropped() {
      return counts.dropped
    },
    get excluded() {
      return counts.excluded
    },
  }
}

function look(message: MaskedText, { connectionId, publish, rules }: CommandTellerOptions): 'none' | 'dropped' | 'excluded' {
  const peek = unmasked(message, limits.cdpCommandPeekBytes)
  let method = topLevelMethod(peek)
  if (method === undefined) {
    const bytes = unmasked(message)
    method = topLevelMethod(bytes)
    // Not JSON, or its method lies behind the bound: it may have been a command.
    if (method === undefined) return 'dropped'
  }
  if (!isReported(method)) return 'none'
  if (rules.isExcluded(method)) return 'excluded'
  const data = message.isWhole ? readCommand(method, unmasked(message)) : undefined
  if (data === undefined) return 'dropped'
  const draft: EventDraft<'cdp_command'> = {
    type: 'cdp_command',
    category: 'control',
    detailLevel: 'standard',
    source: { kind: 'kernel_api' },
    data: { ...data, connection_id: connectionId },
  }
  publish(draft)
  return 'none'
}
