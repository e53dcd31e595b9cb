// The figures of one browser's server. Each is read from its owner when somebody asks for /metrics.
import { createMetrics, type Figure, type Metrics, processFigures } from '@tabscope/http'
import type { EventLog } from '@tabscope/log'
import type { HeldPart } from '@tabscope/schema'
import type { BrowserSide } from './browser-side.ts'
import type { Doors } from './doors.ts'
import type { SinkSide } from './sink-side.ts'
import type { Streams } from './streams.ts'
import type { TelemetrySession } from './telemetry-session.ts'

interface Sources {
  readonly log: EventLog
  readonly streams: Streams
  readonly droppedEvents: () => number
  readonly session: TelemetrySession
  readonly sinks: Pick<SinkSide, 'states'>
  readonly browser: Pick<BrowserSide, 'monitorState' | 'captured' | 'held'>
  readonly doors: Doors
}

const monitorStates = ['stopped', 'connecting', 'preparing', 'live', 'lost', 'waiting', 'failed'] as const

export function createServerMetrics(sources: Sources): Metrics {
  return createMetrics([
    ...logFigures(sources),
    ...streamFigures(sources),
    ...sinkFigures(sources),
    ...captureFigures(sources),
    ...doorFigures(sources),
    ...heldFigures(sources),
    ...processFigures,
  ])
}

function logFigures({ log, droppedEvents }: Sources): readonly Figure[] {
  return [
    { name: 'tabscope_seq', kind: 'gauge', help: 'Number of the newest event.', read: () => log.seq },
    {
      name: 'tabscope_durable_seq',
      kind: 'gauge',
      help: 'Number of the newest event that is on disk for certain.',
      read: () => log.durableSeq,
    },
    { name: 'tabscope_oldest_seq', kind: 'gauge', help: 'Number of the oldest event kept.', read: () => log.oldestSeq },
    {
      name: 'tabscope_dropped_events_total',
      kind: 'counter',
      help: 'Events that were admitted and then lost before a reader or the disk had them.',
      read: droppedEvents,
    },
  ]
}

function streamFigures({ streams }: Sources): readonly Figure[] {
  return [
    { name: 'tabscope_stream_clients', kind: 'gauge', help: 'Open event streams.', read: () => streams.count },
    {
      name: 'tabscope_streams_ended_total',
      kind: 'counter',
      help: 'Event streams that are over, by reason.',
      labelNames: ['reason'],
      read: () => Object.entries(streams.endings).map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ]
}

function sinkFigures({ sinks }: Sources): readonly Figure[] {
  type State = ReturnType<SinkSide['states']>[number]
  const figure = (kind: Figure['kind'], name: string, help: string, read: (state: State) => number): Figure => ({
    name: `tabscope_sink_${name}`,
    kind,
    help,
    labelNames: ['sink'],
    read: () => sinks.states().map((state) => ({ labels: { sink: state.name }, value: read(state) })),
  })
  return [
    figure('gauge', 'lag_events', 'Durable events that the sink does not have yet.', ({ lagEvents }) => lagEvents),
    figure('gauge', 'lag_seconds', 'How long the oldest of them has been waiting.', ({ lagMs }) => lagMs / 1000),
    figure('gauge', 'behind', '1 while events wait for the sink for too long.', ({ isBehind }) => (isBehind ? 1 : 0)),
    figure('gauge', 'done_seq', 'Number up to which the sink is done.', ({ doneSeq }) => doneSeq),
    figure('counter', 'written_events_total', 'Events that the sink has taken.', ({ written }) => written),
    figure('counter', 'retries_total', 'Attempts to write that failed and were repeated.', ({ retries }) => retries),
    figure('counter', 'refused_events_total', 'Events that the sink will never take.', ({ refused }) => refused),
    figure('counter', 'lost_events_total', 'Events that were removed from disk before the sink had them.', ({ lost }) => lost),
  ]
}

function captureFigures({ session, browser }: Sources): readonly Figure[] {
  return [
    {
      name: 'tabscope_events_published_total',
      kind: 'counter',
      help: 'Events admitted, by category.',
      labelNames: ['category'],
      read: () => Object.entries(session.published).map(([category, value]) => ({ labels: { category }, value })),
    },
    {
      name: 'tabscope_telemetry_on',
      kind: 'gauge',
      help: '1 while telemetry is on.',
      read: () => (session.isOn ? 1 : 0),
    },
    {
      name: 'tabscope_monitor_state',
      kind: 'gauge',
      help: '1 for the state that the connection to the browser is in.',
      labelNames: ['state'],
      read: () => monitorStates.map((state) => ({ labels: { state }, value: state === browser.monitorState() ? 1 : 0 })),
    },
    {
      name: 'tabscope_captured_targets',
      kind: 'gauge',
      help: 'Targets of the browser that are captured.',
      read: () => browser.captured(),
    },
  ]
}

// What is in use of each bound, and the bound itself, so that an alarm can compare the two.
function heldFigures({ log, streams, browser }: Sources): readonly Figure[] {
  const figure = (unit: HeldPart['unit'], suffix: string, help: string, pick: (held: HeldPart) => number): Figure => ({
    name: `tabscope_held_${unit}${suffix}`,
    kind: 'gauge',
    help,
    labelNames: ['part'],
    read: () =>
      [...browser.held(), ...log.held(), ...streams.held()]
        .filter((held) => held.unit === unit)
        .map((held) => ({ labels: { part: held.part }, value: pick(held) })),
  })
  return [
    figure('bytes', '', 'Memory that a part has in use, as it weighs it.', ({ value }) => value),
    figure('bytes', '_limit', 'The most that it may be.', ({ limit }) => limit),
    figure(
      'items',
      '',
      'Items that a part keeps; of each session or tab where its name says so, then of the one with most.',
      ({ value }) => value,
    ),
    figure('items', '_limit', 'The most that they may be.', ({ limit }) => limit),
  ]
}

function doorFigures({ doors: { devtools } }: Sources): readonly Figure[] {
  return [
    { name: 'tabscope_cdp_clients', kind: 'gauge', help: 'Relayed DevTools connections that are open.', read: () => devtools.clients },
    {
      name: 'tabscope_cdp_connections_total',
      kind: 'counter',
      help: 'Relayed DevTools connections there have been.',
      read: () => devtools.connected,
    },
    {
      name: 'tabscope_cdp_messages_total',
      kind: 'counter',
      help: 'DevTools messages relayed, both directions.',
      read: () => devtools.messages,
    },
  ]
}
