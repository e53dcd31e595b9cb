// The figures of one browser's server. Each is read from its owner when somebody asks for /metrics.
import { createMetrics, type Figure, type Metrics } from '@tabscope/http'
import type { EventLog } from '@tabscope/log'
import type { BrowserSide } from './browser-side.ts'
import type { Streams } from './streams.ts'
import type { TelemetrySession } from './telemetry-session.ts'

interface Sources {
  readonly log: EventLog
  readonly streams: Streams
  readonly droppedEvents: () => number
  readonly session: TelemetrySession
  readonly browser: Pick<BrowserSide, 'monitorState' | 'captured'>
}

const monitorStates = ['stopped', 'connecting', 'preparing', 'live', 'lost', 'waiting', 'failed'] as const

export function createServerMetrics(sources: Sources): Metrics {
  return createMetrics([...logFigures(sources), ...streamFigures(sources), ...captureFigures(sources), ...processFigures()])
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

function processFigures(): readonly Figure[] {
  return [
    {
      name: 'process_resident_memory_bytes',
      kind: 'gauge',
      help: 'Memory of the process that is in RAM.',
      read: () => process.memoryUsage.rss(),
    },
    {
      name: 'process_cpu_seconds_total',
      kind: 'counter',
      help: 'CPU time of the process, user and system.',
      read: () => {
        const { user, system } = process.cpuUsage()
        return (user + system) / 1e6
      },
    },
  ]
}
