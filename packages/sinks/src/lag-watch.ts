// How long events have been waiting for a sink, and whether that is too long. A wait from before the process began counts from its
// beginning: nobody was there to send them.
import { type CancelTimer, type Clock, limits } from '@tabscope/schema'

export type LagChange = { readonly at: 'behind' | 'recovered'; readonly sinceUs: number }

export interface LagWatch {
  /** The oldest record that the sink does not have is from then. */
  waitsSince(tsUs: number): void
  /** Something waits; since now, unless it is known since when. */
  waits(): void
  /** The sink has everything. */
  caughtUp(): void
  lagMs(): number
  isBehind(): boolean
  close(): void
}

interface State {
  readonly clock: Clock
  readonly startUs: number
  readonly onChange: (change: LagChange) => void
  /** Undefined when nothing waits. */
  sinceUs: number | undefined
  /** Since when it has been behind; undefined when it is not. */
  behindSinceUs: number | undefined
  cancelCheck: CancelTimer | undefined
}

function lagMs({ clock, sinceUs }: State): number {
  return sinceUs === undefined ? 0 : Math.max(0, (clock.wallUs() - sinceUs) / 1000)
}

function check(state: State): void {
  state.cancelCheck = undefined
  if (state.sinceUs === undefined || state.behindSinceUs !== undefined) return
  const leftMs = limits.sinkBehindMs - lagMs(state)
  if (leftMs > 0) {
    state.cancelCheck = state.clock.schedule(state.clock.monotonicMs() + leftMs, () => check(state))
    return
  }
  state.behindSinceUs = state.sinceUs
  state.onChange({ at: 'behind', sinceUs: state.sinceUs })
}

function waitsSince(state: State, tsUs: number): void {
  state.sinceUs = Math.max(tsUs, state.startUs)
  // A sink that events go to all the time never has everything; half of the bound is near enough.
  if (lagMs(state) < limits.sinkBehindMs / 2) recover(state)
  if (state.cancelCheck === undefined) check(state)
}

function recover(state: State): void {
  const { behindSinceUs } = state
  state.behindSinceUs = undefined
  if (behindSinceUs !== undefined) state.onChange({ at: 'recovered', sinceUs: behindSinceUs })
}

function caughtUp(state: State): void {
  state.sinceUs = undefined
  state.cancelCheck?.()
  state.cancelCheck = undefined
  recover(state)
}

/** A watch over one sink; `onChange` is called once for each change. */
export function createLagWatch(clock: Clock, onChange: (change: LagChange) => void): LagWatch {
  const state: State = { clock, startUs: clock.wallUs(), onChange, sinceUs: undefined, behindSinceUs: undefined, cancelCheck: undefined }
  return {
    waitsSince: (tsUs) => waitsSince(state, tsUs),
    waits: () => {
      if (state.sinceUs === undefined) waitsSince(state, state.clock.wallUs())
    },
    caughtUp: () => caughtUp(state),
    lagMs: () => lagMs(state),
    isBehind: () => state.behindSinceUs !== undefined,
    close: () => {
      state.cancelCheck?.()
      state.cancelCheck = undefined
    },
  }
}
