// A sink into a list, with an other side that can be away, silent, or lose its answer after it took a batch: behind the same interface as
// the real ones, for tests of what stands before a sink.
import { TelemetryError } from '@tabscope/schema'
import type { Sink, SinkBatch, WriteReport } from '../sink.ts'

export type Behaviour =
  | { readonly at: 'takes' }
  /** Rejects with this error; `although taken`: after the batch arrived. */
  | { readonly at: 'fails'; readonly error: Error; readonly taken: boolean }
  /** Answers nothing until the behaviour changes. */
  | { readonly at: 'silent' }

export interface ListSink extends Sink {
  /** Numbers in order of arrival. */
  readonly arrived: number[]
  /** Sizes of the batches that arrived. */
  readonly sizes: number[]
  /** Attempts to write, successful or not. */
  readonly attempts: number
  behave(behaviour: Behaviour): void
  /** Resolves when the condition holds after a write or attempt. */
  until(condition: (sink: ListSink) => boolean): Promise<void>
}

export interface ListSinkOptions {
  readonly lastSeq?: (signal: AbortSignal) => Promise<number | undefined>
  /** Numbers that are never taken. */
  readonly poison?: ReadonlySet<number>
  readonly overlap?: number
}

export function createListSink(options: ListSinkOptions = {}): ListSink {
  const { poison = new Set<number>(), lastSeq, overlap } = options
  const listeners = new Set<() => void>()
  let behaviour: Behaviour = { at: 'takes' }
  let attempts = 0
  let isClosed = false
  const changed = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const until = (condition: () => boolean, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (signal?.aborted) reject(signal.reason)
        else if (condition()) resolve()
        else return
        listeners.delete(check)
        signal?.removeEventListener('abort', check)
      }
      listeners.add(check)
      signal?.addEventListener('abort', check)
      check()
    })
  const take = ({ records }: SinkBatch): WriteReport => {
    const taken = records.filter(({ seq }) => !poison.has(seq))
    sink.arrived.push(...taken.map(({ seq }) => seq))
    sink.sizes.push(taken.length)
    return { refused: records.filter(({ seq }) => poison.has(seq)).map(({ seq }) => seq) }
  }
  const write = async (batch: SinkBatch, signal: AbortSignal): Promise<WriteReport> => {
    signal.throwIfAborted()
    if (isClosed) throw new TelemetryError('sink_closed', { name: sink.name })
    attempts++
    changed()
    try {
      await until(() => behaviour.at !== 'silent', signal)
      // As the interface has it: behind a batch that is not here nothing is taken.
      if ((batch.behindSeq ?? 0) > (sink.arrived.at(-1) ?? 0)) throw new Error('the batch before is not here')
      if (behaviour.at !== 'fails') return take(batch)
      const { error, taken } = behaviour
      if (taken) take(batch)
      throw error
    } finally {
      changed()
    }
  }
  const close = async (): Promise<void> => {
    isClosed = true
  }
  const sink: ListSink = {
    name: 'list',
    destination: 'list:1',
    arrived: [],
    sizes: [],
    get attempts() {
      return attempts
    },
    behave: (next) => {
      behaviour = next
      changed()
    },
    until: (condition) => until(() => condition(sink)),
    ...(lastSeq === undefined ? {} : { lastSeq }),
    ...(overlap === undefined ? {} : { overlap }),
    write,
    close,
    [Symbol.asyncDispose]: close,
  }
  return sink
}
