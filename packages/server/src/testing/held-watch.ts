// Looks at what the parts of a collector have in memory, by the collector's own counters, again and again while a test goes on.
import { delay, systemClock } from '@tabscope/schema'

export interface HeldWatch {
  /** Looks now. */
  look(): Promise<void>
  /** Looks now and then until disposed of. */
  start(): AsyncDisposable
  /** The most of each part that was seen, such as `ring bytes`. */
  readonly most: ReadonlyMap<string, number>
  /** What was seen above its bound. */
  readonly overBounds: readonly string[]
}

const everyMs = 50
const line = /^tabscope_held_(bytes|items)(_limit)?\{part="(\w+)"\} (\d+)$/gm

export function createHeldWatch(metrics: () => Promise<string>): HeldWatch {
  const most = new Map<string, number>()
  const over = new Set<string>()
  const look = async (): Promise<void> => {
    const [values, bounds] = [new Map<string, number>(), new Map<string, number>()]
    for (const [, unit, limit, part, value] of (await metrics()).matchAll(line))
      (limit === undefined ? values : bounds).set(`${part} ${unit}`, Number(value))
    if (values.size === 0) throw new Error('the metrics say nothing of what is held')
    for (const [name, value] of values) {
      most.set(name, Math.max(value, most.get(name) ?? 0))
      if (value > (bounds.get(name) ?? 0)) over.add(`${name}: ${value}, bound ${bounds.get(name)}`)
    }
  }
  return {
    look,
    most,
    get overBounds() {
      return [...over]
    },
    start: () => {
      const stop = new AbortController()
      const looking = (async () => {
        while (!stop.signal.aborted) {
          await look()
          await delay(systemClock, everyMs, stop.signal).catch(() => undefined)
        }
      })()
      looking.catch(() => undefined)
      return {
        [Symbol.asyncDispose]: () => {
          stop.abort(new Error('enough'))
          return looking
        },
      }
    },
  }
}
