// Tells the control plane what this browser's export to its collector came to, whenever that has changed. Looks now and then: a sink that is
// busy changes with every batch, and nobody needs to know that often.
import { type CancelTimer, type Clock, limits } from '@tabscope/schema'
import type { Owner } from './owner.ts'
import type { SinkSide } from './sink-side.ts'

export interface ExportReport {
  /** Tells it once more, and no more. May be called twice. */
  close(): void
}

interface ReportOptions {
  readonly sinks: Pick<SinkSide, 'figures'>
  readonly owner: Pick<Owner, 'exported'>
  readonly clock: Clock
}

export function reportExports({ sinks, owner, clock }: ReportOptions): ExportReport {
  let told = ''
  let cancel: CancelTimer = () => undefined
  const tell = (): void => {
    const figures = sinks.figures('otlp')
    const text = JSON.stringify(figures)
    if (figures === undefined || text === told) return
    told = text
    owner.exported(figures)
  }
  const look = (): void => {
    tell()
    cancel = clock.schedule(clock.monotonicMs() + limits.exportReportMs, look)
  }
  look()
  return {
    close: () => {
      cancel()
      tell()
    },
  }
}
