// Tells of what was left out: one `monitor_degraded` a second for each kind, with how much it was. Nothing is left out in silence.
import type { Clock, EventDraft } from '@tabscope/schema'
import { limits } from '@tabscope/schema'
import { createAlarm } from './alarm.ts'
import { degradedDraft } from './monitor-drafts.ts'
import type { Cut } from './translator.ts'

export interface CutReporter {
  note(cut: Cut): void
  /** Tells at once what is not told yet, and sets no timer any more. */
  end(): void
}

interface Counted {
  count: number
  readonly detail: string
  readonly sinceUs: number
}

export function createCutReporter(options: { clock: Clock; publish: (draft: EventDraft) => void }): CutReporter {
  const { clock, publish } = options
  // A handful of kinds, all named in the code.
  const counted = new Map<string, Counted & { what: string }>()
  const tell = (): void => {
    for (const { what, count, detail, sinceUs } of counted.values()) publish(degradedDraft({ what, detail, count, since_ts: sinceUs }))
    counted.clear()
  }
  const alarm = createAlarm(clock, tell)
  return {
    note: ({ what, detail, count }) => {
      const key = `${what} ${detail}`
      const known = counted.get(key)
      if (known !== undefined) {
        known.count += count
        return
      }
      if (counted.size === 0) alarm.setAt(clock.monotonicMs() + limits.cutReportMs)
      counted.set(key, { what, detail, count, sinceUs: clock.wallUs() })
    },
    end: () => {
      alarm.cancel()
      tell()
    },
  }
}
