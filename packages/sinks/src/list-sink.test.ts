import { createListSink, type ListSink } from './testing/list-sink.ts'
import { describeSink, type SinkWorld } from './testing/sink-suite.ts'

/** Sinks that come after each other share what arrived. */
async function makeWorld(): Promise<SinkWorld> {
  const sinks: ListSink[] = []
  const behave = async (behaviour: Parameters<ListSink['behave']>[0]): Promise<() => Promise<void>> => {
    for (const sink of sinks) sink.behave(behaviour)
    return async () => {
      for (const sink of sinks) sink.behave({ at: 'takes' })
    }
  }
  return {
    open: async () => {
      const sink = createListSink({ poison: new Set([4_000]) })
      sinks.push(sink)
      return sink
    },
    arrived: async () => sinks.flatMap((sink) => sink.arrived),
    cut: () => behave({ at: 'fails', error: new Error('away'), taken: true }),
    stall: () => behave({ at: 'silent' }),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

describeSink('into a list, which forgets its answers', { makeWorld, repeats: 'written again', hasNetwork: true })
