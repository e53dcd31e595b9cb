// The figures of the control plane, read from their owners when somebody asks for /metrics.
import { createMetrics, type Figure, type Metrics, processFigures } from '@tabscope/http'
import type { ExportFigures } from '@tabscope/schema'
import type { Browsers } from './browsers.ts'
import { figuresOfDestination } from './destination-figures.ts'
import type { Destinations } from './destinations.ts'
import type { EntranceOptions } from './entrance.ts'

interface Sources {
  readonly browsers: Browsers
  readonly destinations: Destinations
  readonly entrance: EntranceOptions['counts']
}

export function createControlMetrics({ browsers, destinations, entrance }: Sources): Metrics {
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
    ...exportFigures(browsers, destinations),
    ...processFigures,
  ])
}

function exportFigures(browsers: Browsers, destinations: Destinations): readonly Figure[] {
  const figure = (kind: Figure['kind'], name: string, help: string, read: (figures: ExportFigures) => number): Figure => ({
    name: `tabscope_control_${name}`,
    kind,
    help,
    labelNames: ['destination'],
    read: () =>
      destinations.all.map((record) => ({ labels: { destination: record.name }, value: read(figuresOfDestination(browsers, record)) })),
  })
  return [
    figure('counter', 'exported_events_total', 'Events that the collector of a destination took.', ({ sent }) => sent),
    figure('counter', 'export_failures_total', 'Attempts to export that failed and were repeated.', ({ failed }) => failed),
    figure('counter', 'export_dropped_events_total', 'Events that the collector of a destination never gets.', ({ dropped }) => dropped),
    figure('gauge', 'export_failures_in_row', 'Attempts that failed since the last that did not.', ({ failuresInRow }) => failuresInRow),
  ]
}
