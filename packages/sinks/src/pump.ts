// Carries what is durable from the log into one sink: finds its place, reads, batches, writes, tries again, remembers. One pump for each
// sink and nothing shared between them, so that none slows another or the capture; a sink that is away costs one batch of memory.
//
//   finding the place ──▶ reading ◀──▶ writing ──fails──▶ waiting ──▶ writing          (`sink_conflict` at any time) ──▶ stopped
//                                                                                       close: what is durable until the deadline ──▶ closed
import { limits, TelemetryError } from '@tabscope/schema'
import { run } from './pump-run.ts'
import { createState, type PumpOptions, type PumpState, type State, shown } from './pump-state.ts'

export interface Pump extends AsyncDisposable {
  readonly name: string
  state(): PumpState
  /** The oldest number that the sink still needs, for retention; undefined when it needs none any more. */
  neededSeq(): number | undefined
  /** Writes what is durable now, for at most `limits.sinkCloseMs`, and closes the sink. May be called twice. */
  close(): Promise<void>
}

async function close(state: State, running: Promise<void>): Promise<void> {
  const { clock, sink } = state.options
  state.closing.abort()
  const cancel = clock.schedule(clock.monotonicMs() + limits.sinkCloseMs, () =>
    state.ending.abort(new TelemetryError('sink_closed', { name: sink.name })),
  )
  await running
  cancel()
  await sink.close()
}

/** Begins to carry events into the sink, and goes on until it is closed. */
export function startPump(options: PumpOptions): Pump {
  const state = createState(options)
  const running = run(state)
  let closed: Promise<void> | undefined
  const closeOnce = (): Promise<void> => {
    closed ??= close(state, running)
    return closed
  }
  return {
    name: options.sink.name,
    state: () => shown(state),
    neededSeq: () => (state.phase === 'stopped' ? undefined : state.doneSeq + 1),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  }
}
