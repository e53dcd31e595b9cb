// The figures of a server as Prometheus text. Nothing is counted here: every figure is read from its owner when somebody asks,
// so that a figure costs nothing while events flow.
import { Counter, Gauge, Registry } from 'prom-client'

/** One sample of a figure with labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A figure: its name, its kind, and where to read it. */
export interface Figure {
  readonly name: string
  readonly help: string
  readonly kind: 'counter' | 'gauge'
  /** Names of the labels of its samples. */
  readonly labelNames?: readonly string[]
  /** A number, or undefined while it is not known, or samples by label. */
  readonly read: () => number | undefined | readonly Sample[]
}

export interface Metrics {
  readonly contentType: string
  render(): Promise<string>
}

/** A registry of its own for these figures; several servers in one process do not meet. */
export function createMetrics(figures: readonly Figure[]): Metrics {
  const registry = new Registry()
  for (const figure of figures) register(registry, figure)
  return { contentType: registry.contentType, render: () => registry.metrics() }
}

/** What every process of ours tells of itself, under the names that Prometheus has for it. */
export const processFigures: readonly Figure[] = [
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

function register(registry: Registry, figure: Figure): void {
  const options = { name: figure.name, help: figure.help, labelNames: [...(figure.labelNames ?? [])], registers: [registry] }
  if (figure.kind === 'gauge') {
    const gauge: Gauge = new Gauge({
      ...options,
      collect: () => {
        gauge.reset()
        for (const sample of samplesOf(figure)) gauge.set(sample.labels, sample.value)
      },
    })
    return
  }
  const counter: Counter = new Counter({
    ...options,
    collect: () => {
      counter.reset()
      for (const sample of samplesOf(figure)) counter.inc(sample.labels, sample.value)
    },
  })
}

function samplesOf(figure: Figure): readonly Sample[] {
  const value = figure.read()
  if (value === undefined) return []
  return typeof value === 'number' ? [{ labels: {}, value }] : value
}
