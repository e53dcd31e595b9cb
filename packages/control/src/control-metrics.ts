// The figures of the control plane, read from their owners when somebody asks for /metrics.
import { createMetrics, type Metrics, processFigures } from '@tabscope/http'
import type { Browsers } from './browsers.ts'
import type { EntranceOptions } from './entrance.ts'

export function createControlMetrics(browsers: Browsers, entrance: EntranceOptions['counts']): Metrics {
  const { counts } = browsers
  return createMetrics([
    {
      name: 'tabscope_control_browsers',
      kind: 'gauge',
      help: 'Browsers, by state.',
      labelNames: ['state'],
      read: () =>
        (['starting', 'running', 'ending', 'ended'] as const).map((state) => ({
          labels: { state },
          value: browsers.count(state),
        })),
    },
    {
      name: 'tabscope_control_creations_total',
      kind: 'counter',
      help: 'Browsers that were asked for, by what came of it.',
      labelNames: ['outcome'],
      read: () => [
        { labels: { outcome: 'created' }, value: counts.created },
        { labels: { outcome: 'failed' }, value: counts.failed },
      ],
    },
    { name: 'tabscope_control_ended_total', kind: 'counter', help: 'Browsers that have ended.', read: () => counts.ended },
    {
      name: 'tabscope_control_refused_total',
      kind: 'counter',
      help: 'Requests that were not let in, by reason.',
      labelNames: ['reason'],
      read: () => [
        { labels: { reason: 'api_key' }, value: entrance.refused },
        { labels: { reason: 'rate' }, value: entrance.limited },
      ],
    },
    ...processFigures,
  ])
}
