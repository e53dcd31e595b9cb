// Says what goes wrong with a sink: in the server's own log, and as an event for those who watch the browser.
import type { EventDraft, Publish } from '@tabscope/schema'
import type { SinkTrouble } from '@tabscope/sinks'
import type { Logger } from './log-line.ts'

interface Listeners {
  /** The sink's. */
  readonly name: string
  readonly logger: Logger
  readonly publish: Publish
}

/** What another program said, as far as anybody would read it. */
const shownChars = 500

export function tellSinkTrouble(trouble: SinkTrouble, { name, logger, publish }: Listeners): void {
  logger.warn({ sink: name, ...trouble }, 'a sink')
  const data = degradedData(trouble, name)
  if (data !== undefined) {
    publish({ type: 'monitor_degraded', category: 'monitor', detailLevel: 'standard', source: { kind: 'kernel_api' }, data })
  }
}

function detail(name: string, text: string): string {
  return `${name}: ${text}`.slice(0, shownChars)
}

/** What readers should know; undefined for what only the operator can use. */
function degradedData(trouble: SinkTrouble, name: string): EventDraft<'monitor_degraded'>['data'] | undefined {
  switch (trouble.kind) {
    case 'behind': {
      const why = trouble.message ?? 'events come faster than it takes them'
      return { what: 'sink_behind', detail: detail(name, why), since_ts: trouble.sinceUs, count: trouble.lagEvents }
    }
    case 'recovered':
      return { what: 'sink_recovered', detail: detail(name, 'it has everything again'), since_ts: trouble.sinceUs }
    case 'lost': {
      const what = `the events ${trouble.from} to ${trouble.to} were removed from disk before it had them`
      return { what: 'sink_lost', detail: detail(name, what), count: trouble.count }
    }
    case 'refused':
      return { what: 'sink_refused', detail: detail(name, 'events that it will never take'), count: trouble.count }
    case 'rewound':
    case 'stopped':
      return { what: `sink_${trouble.kind}`, detail: detail(name, trouble.message) }
    case 'checkpoint':
      return undefined
  }
}
