// What a server in this process has published, to look at and to wait for. Reads its log as a sink would, not its stream.
import { type AnyEnvelope, deadline, systemClock } from '@tabscope/schema'
import type { RunningServer } from '../serve.ts'

export interface EventWatch {
  /** The envelopes so far, of these types when any are given. */
  seen(...types: readonly string[]): Promise<readonly AnyEnvelope[]>
  /** The first envelope, now or later, for which `matches`. Rejects when none comes in time. */
  until(matches: (envelope: AnyEnvelope) => boolean): Promise<AnyEnvelope>
  /** `data` of the first envelope of that type, now or later, that has these values. */
  data(type: string, values?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>
}

const patienceMs = 30_000

export function watchEvents({ log }: RunningServer): EventWatch {
  const envelopes: AnyEnvelope[] = []
  const reader = log.reader({ from: { at: 'oldest' } })
  const readOn = async (): Promise<void> => {
    for (let result = await reader.read(1_000_000); result.at !== 'caught-up'; result = await reader.read(1_000_000)) {
      if (result.at === 'records')
        envelopes.push(...result.records.map((record): AnyEnvelope => JSON.parse(Buffer.from(record.bytes).toString())))
    }
  }
  const until = async (matches: (envelope: AnyEnvelope) => boolean): Promise<AnyEnvelope> => {
    const limit = deadline(systemClock, patienceMs)
    try {
      for (;;) {
        await readOn()
        const found = envelopes.find(matches)
        if (found !== undefined) return found
        await Promise.race([reader.wait(), aborted(limit.signal, () => envelopes.map(({ event }) => event.type).join(', '))])
      }
    } finally {
      limit.cancel()
    }
  }
  return {
    seen: async (...types) => {
      await readOn()
      return types.length === 0 ? [...envelopes] : envelopes.filter(({ event }) => types.includes(event.type))
    },
    until,
    data: async (type, values = {}) => {
      const found = await until(({ event }) => event.type === type && hasValues(dataOf(event.data), values))
      return dataOf(found.event.data)
    },
  }
}

function aborted(signal: AbortSignal, seen: () => string): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`the event did not come; there were: ${seen()}`)), { once: true })
  })
}

function dataOf(data: unknown): Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {}
}

function hasValues(data: Readonly<Record<string, unknown>>, values: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(values).every(([name, value]) => data[name] === value)
}
